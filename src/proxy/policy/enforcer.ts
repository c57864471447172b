import { Namespace, Pod } from "../../api/core/v1/index.ts";
import { NetworkPolicy } from "../../api/networking/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import type { EventRecorder } from "../../client/events.ts";
import type { Informer, Informers } from "../../client/informer.ts";
import type { Clock, Timer } from "../../util/clock.ts";
import type { Logger } from "../../util/logger.ts";
import { removeBridgeRules } from "../bridge.ts";
import { prepareKernel } from "../sysctls.ts";
import { KernelTable, removeTable } from "../table.ts";
import { addressesOf, resolve } from "./resolve.ts";
import { policyRuleset } from "./ruleset.ts";

export interface PolicyOptions {
  informers: Informers;
  clock: Clock;
  logger: Logger;
  nodeName: string;
  /** the nftables table, of family inet, in the current network namespace; nothing else is touched */
  tableName: string;
  /** the link that joins this node's Pods */
  bridgeName?: string;
  /** addresses of all Pods */
  clusterCIDRs: readonly string[];
  recorder: EventRecorder;
}

/** Bursts of changes become one transaction. */
const COALESCE = 10;
const RETRY = 1000;
const VERIFY = 15_000;
const FAMILY = "inet";

/**
 * Keeps the node's table equal to what NetworkPolicies ask for, until `signal` aborts. The table stays when this stops,
 * so that what is denied stays denied while it restarts; `cleanUpPolicies` removes it.
 */
export async function enforcePolicies(options: PolicyOptions, signal: AbortSignal): Promise<void> {
  const { bridgeName, tableName, clusterCIDRs, logger } = options;
  const bridge = bridgeName === undefined ? undefined : { name: bridgeName, table: tableName, clusterCIDRs };
  const { bridgeFiltered } = prepareKernel(logger, bridge);
  await new Enforcer(options, bridgeFiltered).run(signal);
}

/** Removes everything that was made in this network namespace. Harmless when there is nothing. */
export async function cleanUpPolicies(tableName: string): Promise<void> {
  await removeTable(FAMILY, tableName);
  removeBridgeRules(tableName);
}

class Enforcer {
  readonly #options: PolicyOptions;
  readonly #policies: Informer<NetworkPolicy>;
  readonly #table: KernelTable;
  /** all Pods and Namespaces: only followed once there is a policy that might name them */
  #others: { pods: Informer<Pod>; namespaces: Informer<Namespace> } | undefined;
  /** whether packets between Pods of this node are seen at all */
  readonly #seesAll: boolean;
  #hasTold = false;
  #dirty = true;
  #empty = false;
  #timer: Timer | undefined;
  #wake: (() => void) | undefined;
  #stops: (() => void)[] = [];

  constructor(options: PolicyOptions, seesAll: boolean) {
    const { informers, tableName, logger } = options;
    this.#options = options;
    this.#seesAll = seesAll;
    this.#policies = informers.informer(NetworkPolicy);
    this.#table = new KernelTable(tableName, FAMILY, logger);
  }

  async run(signal: AbortSignal): Promise<void> {
    const wake = () => this.#wake?.();
    signal.addEventListener("abort", wake, { once: true });
    try {
      await this.#policies.whenSynced(signal);
      const changed = () => this.#schedule();
      const updated = (policy: NetworkPolicy, old: NetworkPolicy) => {
        if (!deepEqual(policy.spec, old.spec)) this.#schedule();
      };
      this.#stops.push(this.#policies.subscribe({ added: changed, updated, deleted: changed }));
      while (!signal.aborted) {
        await this.#sync(signal);
        if (!signal.aborted) await this.#changed();
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener("abort", wake);
      for (const stop of this.#stops) stop();
      this.#timer?.cancel();
    }
  }

  /** Brings the kernel up to date, or looks whether it still is. */
  async #sync(signal: AbortSignal): Promise<void> {
    const { logger, nodeName } = this.#options;
    const dirty = this.#dirty;
    this.#dirty = false;
    try {
      if (!dirty) {
        await this.#table.verify();
        return;
      }
      const policies = this.#policies.list();
      if (policies.length === 0) return await this.#clear();
      if (!this.#seesAll) this.#tell();
      const { pods, namespaces } = await this.#follow(signal);
      const world = { policies, pods: pods.list(), namespaces: namespaces.list(), nodeName };
      await this.#table.apply(policyRuleset(resolve(world)));
      this.#empty = false;
    } catch (error) {
      if (signal.aborted) return;
      logger.error("cannot bring the rules of policies up to date", { error });
      this.#table.forget();
      this.#empty = false;
      this.#schedule(RETRY);
    }
  }

  /** Who writes a policy must not believe in it where it does not hold. */
  #tell(): void {
    if (this.#hasTold) return;
    this.#hasTold = true;
    const { nodeName, recorder, logger } = this.#options;
    const why =
      "NetworkPolicies do not hold between Pods of this node: its kernel has neither br_netfilter nor bridge rules";
    logger.warn(why);
    const node = { apiVersion: "v1", kind: "Node", metadata: { name: nodeName, uid: nodeName } };
    recorder.event(node, "Warning", "NetworkPolicyNotEnforced", why);
  }

  /** Without policies there is no table, and packets pass without a look. */
  async #clear(): Promise<void> {
    if (this.#empty) return;
    await this.#table.remove();
    this.#empty = true;
  }

  async #follow(signal: AbortSignal) {
    if (!this.#others) {
      const { informers } = this.#options;
      const pods = informers.informer(Pod);
      const namespaces = informers.informer(Namespace);
      await Promise.all([pods.whenSynced(signal), namespaces.whenSynced(signal)]);
      this.#others = { pods, namespaces };
      const changed = () => this.#schedule();
      const podChanged = (pod: Pod, old: Pod) => {
        if (!sameToPolicies(pod, old)) this.#schedule();
      };
      const relabelled = (namespace: Namespace, old: Namespace) => {
        if (!deepEqual(namespace.metadata.labels, old.metadata.labels)) this.#schedule();
      };
      this.#stops.push(
        pods.subscribe({ added: changed, updated: podChanged, deleted: changed }),
        namespaces.subscribe({ added: changed, updated: relabelled, deleted: changed }),
      );
    }
    return this.#others;
  }

  #schedule(delay = COALESCE): void {
    this.#dirty = true;
    this.#timer ??= this.#options.clock.setTimer(delay, () => {
      this.#timer = undefined;
      this.#wake?.();
    });
  }

  /** Waits for a change, or until it is time to look at the kernel's table again. */
  async #changed(): Promise<void> {
    if (this.#dirty && this.#timer === undefined) return;
    await new Promise<void>((resolve) => {
      const timer = this.#options.clock.setTimer(VERIFY, resolve);
      this.#wake = () => {
        timer.cancel();
        resolve();
      };
    });
    this.#wake = undefined;
  }
}

function sameToPolicies(pod: Pod, old: Pod): boolean {
  return (
    pod.spec.nodeName === old.spec.nodeName &&
    deepEqual(addressesOf(pod), addressesOf(old)) &&
    deepEqual(pod.metadata.labels, old.metadata.labels)
  );
}
