import { readFile } from "node:fs/promises";
import type { ApiServer } from "../apiserver/index.ts";
import { createClient, createInformers, type Informers } from "../client/index.ts";
import { runControllers } from "../controllers/index.ts";
import { runScheduler } from "../scheduler/index.ts";
import { ADDONS_FLAG, applyAddons } from "./addons.ts";
import { APISERVER_FLAGS, openApiServer } from "./apiserverWiring.ts";
import { autoscalingOf } from "./autoscalingFlags.ts";
import { CLOUD_FLAGS, CLOUD_USER, hasCloud, runCloud } from "./cloud.ts";
import { CONTROLLER_FLAGS, disksOf, signerOf } from "./controllerManager.ts";
import type { FlagValues } from "./flags.ts";
import { ALWAYS, type InTerm, LEADER_FLAGS, whileLeading } from "./leading.ts";
import { keepCompiled, type ProcessContext, processCommand, runTogether } from "./process.ts";
import { readConfiguration } from "./schedulerConfiguration.ts";

const { kubeconfig: _, ...controllerFlags } = CONTROLLER_FLAGS;
const FLAGS = {
  ...APISERVER_FLAGS,
  ...controllerFlags,
  ...LEADER_FLAGS,
  ...CLOUD_FLAGS,
  ...ADDONS_FLAG,
  "scheduler-config": { description: "a KubeSchedulerConfiguration (kubescheduler.config.k8s.io/v1), as YAML" },
} as const;

const CONTROLLERS = { name: "system:kube-controller-manager", groups: ["system:authenticated"] };
/** What runs in this process for as long as it lives, unless it must be elected. */
const PARTS = ["kube-controller-manager", "kube-scheduler"];
const SCHEDULER = { name: "system:kube-scheduler", groups: ["system:authenticated"] };

/** The control plane in one process: controllers and scheduler call the API server directly, as the users they are. */
export const main = processCommand(
  "server",
  "API server, controllers and scheduler in one process",
  FLAGS,
  async (flags, context) => {
    const { clock, logger, signal } = context;
    const api = await openApiServer(flags, context, elects(flags) ? [] : PARTS);
    try {
      if (flags["addons-file"] !== undefined) await applyAddons(flags["addons-file"], api, context);
      await api.listen();
      logger.info("listening", { port: flags["secure-port"] });
      const rootCA = await readFile(flags["root-ca-file"], "utf8");
      clock.setTimer(5000, keepCompiled);
      const plane = new ControlPlane(api, flags, context, rootCA, await seatOf(flags));
      await (elects(flags) ? plane.runWhileLeading(signal) : plane.runAlone(signal));
    } finally {
      await api.close();
    }
  },
);

/** Whoever shares a store with others must not act at the same time as they do. */
function elects(flags: FlagValues<typeof FLAGS>): boolean {
  const asked = flags["leader-elect"];
  return asked === undefined ? flags["etcd-servers"] !== undefined : asked !== "false";
}

/**
 * The port that we listen on, of this machine since its start: a process that had it before is gone, so that what it led
 * can be led on at once. Undefined where a machine's start has no name.
 */
async function seatOf(flags: FlagValues<typeof FLAGS>): Promise<string | undefined> {
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8").catch(() => undefined); // not Linux
  return boot && `${boot.slice(0, 8)}-${flags["bind-address"]}:${flags["secure-port"]}`;
}

class ControlPlane {
  readonly #api: ApiServer;
  readonly #flags: FlagValues<typeof FLAGS>;
  readonly #context: ProcessContext;
  readonly #rootCA: string;
  readonly #seat: string | undefined;

  constructor(
    api: ApiServer,
    flags: FlagValues<typeof FLAGS>,
    context: ProcessContext,
    rootCA: string,
    seat: string | undefined,
  ) {
    this.#seat = seat;
    this.#api = api;
    this.#flags = flags;
    this.#context = context;
    this.#rootCA = rootCA;
  }

  /** One set of informers for all. */
  runAlone(signal: AbortSignal): Promise<void> {
    const informers = this.#informers(ALWAYS);
    return runTogether(signal, {
      informers: (ending) => informers.run(ending),
      controllers: (ending) => this.#controllers(ALWAYS, informers, ending),
      scheduler: (ending) => this.#scheduler(ALWAYS, informers, ending),
      ...(hasCloud(this.#flags) ? { cloud: (ending) => this.#cloud(ALWAYS, informers, ending) } : {}),
    });
  }

  /** Each part with informers of its own, new in each term: a leader acts on nothing older than its term. */
  runWhileLeading(signal: AbortSignal): Promise<void> {
    const place = this.#flags["advertise-address"];
    const seat = this.#seat;
    const led =
      (
        name: string,
        user: typeof CONTROLLERS,
        run: (inTerm: InTerm, informers: Informers, ending: AbortSignal) => Promise<void>,
      ) =>
      (ending: AbortSignal) =>
        whileLeading(
          { name, flags: this.#flags, context: this.#context, transport: this.#api.directTransport(user), place, seat },
          (inTerm, term) => {
            const informers = this.#informers(inTerm);
            return runTogether(term, {
              informers: (ending) => informers.run(ending),
              [name]: (ending) => run(inTerm, informers, ending),
            });
          },
          ending,
        );
    return runTogether(signal, {
      controllers: led("kube-controller-manager", CONTROLLERS, (...args) => this.#controllers(...args)),
      scheduler: led("kube-scheduler", SCHEDULER, (...args) => this.#scheduler(...args)),
      ...(hasCloud(this.#flags)
        ? { cloud: led("cloud-controller-manager", CLOUD_USER, (...args) => this.#cloud(...args)) }
        : {}),
    });
  }

  #informers(inTerm: InTerm): Informers {
    const { clock, random, logger } = this.#context;
    return createInformers(createClient(inTerm(this.#api.directTransport(CONTROLLERS))), { clock, random, logger });
  }

  async #controllers(inTerm: InTerm, informers: Informers, signal: AbortSignal): Promise<void> {
    const { clock, random, logger } = this.#context;
    const as = (user: typeof CONTROLLERS) => createClient(inTerm(this.#api.directTransport(user)));
    const options = {
      informers,
      clock,
      random,
      client: as(CONTROLLERS),
      clientAs: (account: string) => as(serviceAccountUser(account)),
      logger: logger.with({ part: "controllers" }),
      rootCA: this.#rootCA,
      signer: await signerOf(this.#flags),
      disks: disksOf(this.#flags),
      horizontalPodAutoscaler: autoscalingOf(this.#flags),
      clusterCIDR: this.#flags["cluster-cidr"],
      nodeCIDRMaskSize: Number(this.#flags["node-cidr-mask-size"]),
      nodeCIDRMaskSizeIPv6: Number(this.#flags["node-cidr-mask-size-ipv6"]),
    };
    await runControllers(options, signal);
  }

  #cloud(inTerm: InTerm, informers: Informers, signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#context;
    const client = createClient(inTerm(this.#api.directTransport(CLOUD_USER)));
    const logger = this.#context.logger.with({ part: "cloud" });
    return runCloud(this.#flags, { informers, clock, random, client, logger }, signal);
  }

  async #scheduler(inTerm: InTerm, informers: Informers, signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#context;
    const client = createClient(inTerm(this.#api.directTransport(SCHEDULER)));
    const logger = this.#context.logger.with({ part: "scheduler" });
    const file = this.#flags["scheduler-config"];
    const configuration = file ? await readConfiguration(file, "scheduler-config") : undefined;
    await runScheduler({ informers, clock, random, client, logger, configuration }, signal);
  }
}

/** A service account of kube-system, as its token would make it known. */
function serviceAccountUser(account: string) {
  const groups = ["system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated"];
  return { name: `system:serviceaccount:kube-system:${account}`, groups };
}
