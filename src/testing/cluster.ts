import { Event, Pod } from "../api/core/v1/index.ts";
import { servedKinds } from "../api/index.ts";
import type { Kind } from "../apimachinery/kind.ts";
import type { KubernetesObject } from "../apimachinery/meta.ts";
import type { ReadNode } from "../apiserver/index.ts";
import { type Client, createClient, createInformers, type Informers, type Runtime } from "../client/index.ts";
import { type ControllersOptions, runControllers } from "../controllers/index.ts";
import { parseConfiguration, runScheduler } from "../scheduler/index.ts";
import { type PodBehaviour, parseDelay, type SimulatedNode, SimulatedNodes } from "../simulation/index.ts";
import { VirtualClock } from "../util/clock.ts";
import { type Logger, silentLogger } from "../util/logger.ts";
import { type Random, seededRandom } from "../util/random.ts";
import { Activity } from "./activity.ts";
import { type Api, startApi } from "./api.ts";
import { SimulatedUsage, type UsageOf } from "./usage.ts";

export interface ClusterOptions {
  /** simulated nodes, by name or in detail */
  nodes?: readonly (string | SimulatedNode)[];
  /** how Pods behave on them; a Pod's annotations may say otherwise */
  behaviour?: Partial<PodBehaviour> | ((pod: Pod) => Partial<PodBehaviour>);
  /** what their containers use, for autoscaling; default nothing */
  usage?: UsageOf;
  /** all chance follows from it; the same seed repeats everything */
  seed?: number;
  /** controllers to run, by name; default all, an empty list none */
  controllers?: readonly string[];
  /** signs certificates that were approved */
  signer?: ControllersOptions["signer"];
  /** what makes disks that move between machines */
  disks?: ControllersOptions["disks"];
  /** default true; a KubeSchedulerConfiguration in YAML configures it */
  scheduler?: boolean | string;
  logger?: Logger;
  /** when time begins, in ms since the Unix epoch; default: 1 January 2030 */
  start?: number;
}

/** Room for 32,768 nodes of 254 Pods each. */
const CLUSTER_CIDR = "10.128.0.0/9";
const ROOT_CA = "-----BEGIN CERTIFICATE-----\nnone: nothing is encrypted in process\n-----END CERTIFICATE-----\n";
const belongsTo = (name: string, prefix: string) => name === prefix || name.startsWith(`${prefix}-`);

/** A whole cluster in one process and in no time: it moves only when told to, and the same way each time. */
export class Cluster {
  readonly client: Client;
  readonly clock: VirtualClock;
  readonly informers: Informers;
  readonly nodes: SimulatedNodes;
  /** what containers use; assign another function to change it */
  get usage(): UsageOf {
    return this.#usage.usage;
  }
  set usage(usage: UsageOf) {
    this.#usage.usage = usage;
  }
  readonly #usage: SimulatedUsage;
  readonly #api: Api;
  readonly #activity: Activity;
  readonly #stop = new AbortController();
  #running: Promise<unknown> = Promise.resolve();
  #failure: unknown;

  private constructor(api: Api, clock: VirtualClock, random: Random, options: ClusterOptions) {
    const { logger = silentLogger, nodes = [], behaviour } = options;
    this.#api = api;
    this.#activity = new Activity();
    this.clock = clock;
    this.client = this.#as("kubernetes-admin", "system:masters");
    const controllerManager = this.#as("system:kube-controller-manager");
    this.informers = createInformers(controllerManager, { clock, logger, random });
    const common = { client: this.client, informers: this.informers, clock, random, logger };
    this.nodes = new SimulatedNodes({ ...common, nodes, behaviour });
    this.#usage = new SimulatedUsage(this.informers, clock, options.usage);
    this.informers.informer(Pod);
    this.informers.informer(Event);
    this.#run({ ...common, client: controllerManager }, options);
  }

  static async create(options: ClusterOptions): Promise<Cluster> {
    const clock = new VirtualClock(options.start);
    const random = seededRandom(options.seed ?? 1);
    // The API server asks the nodes, which are not there before there is a server.
    const readNode: ReadNode = (node) => cluster.#usage.read(node);
    const api = await startApi({ clock, random, logger: options.logger ?? silentLogger, readNode });
    const cluster: Cluster = new Cluster(api, clock, random, options);
    await cluster.settle();
    return cluster;
  }

  /** A client of somebody else than the administrator. */
  as({ name, groups }: { name: string; groups: readonly string[] }): Client {
    return this.#as(name, ...groups);
  }

  #as(name: string, ...groups: string[]): Client {
    const user = { name, groups: [...groups, "system:authenticated"] };
    return createClient(this.#activity.observe(this.#api.transport(user)));
  }

  /** Controllers and scheduler act as the users they are in a real cluster, with those users' rights only. */
  #run(common: Runtime, { controllers, signer, disks, scheduler = true }: ClusterOptions): void {
    const { signal } = this.#stop;
    const network = { rootCA: ROOT_CA, clusterCIDR: CLUSTER_CIDR, nodeCIDRMaskSize: 24 };
    const clientAs = (account: string) =>
      this.#as(
        `system:serviceaccount:kube-system:${account}`,
        "system:serviceaccounts",
        "system:serviceaccounts:kube-system",
      );
    const parts = [this.informers.run(signal), this.nodes.run(signal)];
    if (controllers?.length !== 0) {
      parts.push(runControllers({ ...common, ...network, clientAs, signer, disks, only: controllers }, signal));
    }
    if (scheduler) {
      const configuration = typeof scheduler === "string" ? parseConfiguration(scheduler) : undefined;
      parts.push(runScheduler({ ...common, configuration, client: this.#as("system:kube-scheduler") }, signal));
    }
    this.#running = Promise.all(parts).catch((error) => {
      this.#failure = error;
    });
  }

  /** Applies objects as `kubectl apply --server-side` does; answers the last. */
  async apply<T extends KubernetesObject>(...objects: [...KubernetesObject[], T]): Promise<T> {
    let applied: KubernetesObject | undefined;
    for (const object of objects) {
      const { name = "", namespace } = object.metadata;
      const options = { fieldManager: "test", force: true };
      applied = await this.client.patch(kindOf(object), { namespace, name }, "apply", object, options);
    }
    return applied as T;
  }
  create<T extends KubernetesObject>(object: T): Promise<T> {
    return this.client.create(kindOf(object) as unknown as Kind<T>, object);
  }
  /** The object of this name, in namespace "default" unless said otherwise; throws NotFound. */
  get<T extends KubernetesObject>(kind: Kind<T>, name: string, namespace = "default"): Promise<T> {
    return this.client.get(kind, keyIn(kind, name, namespace));
  }
  /** All objects of a kind, in one namespace or in all. */
  async list<T extends KubernetesObject>(kind: Kind<T>, namespace?: string): Promise<readonly T[]> {
    return (await this.client.list(kind, { namespace })).items;
  }
  /** Changes an object: `change` works on a copy. */
  async edit<T extends KubernetesObject>(kind: Kind<T>, name: string, change: (object: T) => void, namespace?: string) {
    const object = structuredClone(await this.get(kind, name, namespace));
    change(object);
    return this.client.update(kind, object);
  }
  delete<T extends KubernetesObject>(
    kind: Kind<T>,
    name: string,
    options?: Parameters<Client["delete"]>[2] & { namespace?: string },
  ): Promise<void> {
    const { namespace = "default", ...rest } = options ?? {};
    return this.client.delete(kind, keyIn(kind, name, namespace), rest);
  }

  /** The Pods called `<prefix>` or `<prefix>-…`, by name, as the informers know them: settle first. */
  pods(prefix?: string, namespace = "default"): readonly Pod[] {
    const named = (pod: Pod) => prefix === undefined || belongsTo(pod.metadata.name ?? "", prefix);
    return this.informers.informer(Pod).list(namespace).filter(named).sort(byName);
  }
  /** Events as "Reason object: message", in the order in which they were first seen. */
  events(about?: string): string[] {
    const all = [...this.informers.informer(Event).list()].filter((e) => !about || e.involvedObject.name === about);
    return all
      .sort((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
      .map((e) => `${e.reason} ${e.involvedObject.kind}/${e.involvedObject.name}: ${e.message}`);
  }
  /** The node's machine falls silent: no heartbeat, nothing is done for its Pods any more. */
  silence(node: string): void {
    this.nodes.silence(node);
  }
  /** A silent machine comes back, or a new one joins. */
  join(node: string | SimulatedNode): Promise<void> {
    return this.nodes.add(node);
  }

  /** Lets everything happen that happens at this instant. */
  async settle(): Promise<void> {
    const now = this.clock.now();
    await this.#activity.quiet(
      () => (this.clock.nextTimer() ?? Number.POSITIVE_INFINITY) <= now && this.clock.step(now),
    );
    if (this.#failure) throw this.#failure;
  }
  /** Lets time pass ("90s", "5m", or ms), timer by timer. */
  async advance(duration: string | number): Promise<void> {
    const end = this.clock.now() + (typeof duration === "number" ? duration : parseDelay(duration));
    await this.settle();
    for (let next = this.clock.nextTimer(); next !== undefined && next <= end; next = this.clock.nextTimer()) {
      this.clock.step(next);
      await this.settle();
    }
    this.clock.step(end);
    await this.settle();
  }
  /** Lets time pass until `holds`, at most `limit`; throws when it still does not. */
  async until(holds: () => boolean | Promise<boolean>, limit = "10m"): Promise<void> {
    const end = this.clock.now() + parseDelay(limit);
    await this.settle();
    while (!(await holds())) {
      const next = this.clock.nextTimer();
      if (next === undefined || next > end) throw new Error(`not so after ${limit}: ${holds}`);
      this.clock.step(next);
      await this.settle();
    }
  }
  /** Ends everything that runs. */
  async close(): Promise<void> {
    this.#stop.abort(new Error("the cluster is closed"));
    await this.#running;
    await this.#api.close();
  }
}

function byName(a: KubernetesObject, b: KubernetesObject): number {
  return (a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1;
}

function kindOf(object: KubernetesObject): Kind {
  const found = servedKinds.find((kind) => kind.kind === object.kind && kind.apiVersion === object.apiVersion);
  if (!found) throw new Error(`no kind ${object.kind} of ${object.apiVersion} is served`);
  return found;
}

function keyIn<T extends KubernetesObject>(kind: Kind<T>, name: string, namespace: string) {
  return kind.scope === "Namespaced" ? { namespace, name } : { name };
}

/** A running cluster of an API server, all controllers, the scheduler and simulated nodes, on virtual time. */
export function createCluster(options: ClusterOptions = {}): Promise<Cluster> {
  return Cluster.create(options);
}

/** `createCluster` for a test: it ends with the test. */
export async function testCluster(
  t: { after(end: () => Promise<void>): void },
  options: ClusterOptions = {},
): Promise<Cluster> {
  const cluster = await Cluster.create(options);
  t.after(() => cluster.close());
  return cluster;
}
