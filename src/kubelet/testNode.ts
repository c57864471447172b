/** For tests: a kubelet with an API of its own in memory, over a fake or a real runtime. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Lease } from "../api/coordination/v1/index.ts";
import {
  ConfigMap,
  Event,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  Secret,
  Service,
  ServiceAccount,
} from "../api/core/v1/index.ts";
import { RuntimeClass } from "../api/node/v1/index.ts";
import { CSINode } from "../api/storage/v1/index.ts";
import type { Kind } from "../apimachinery/kind.ts";
import { formatTime } from "../apimachinery/time.ts";
import { FakeApi } from "../client/fakeApi.ts";
import { type Client, createClient, createInformers, type Transport, type TransportRequest } from "../client/index.ts";
import type { Clock } from "../util/clock.ts";
import { type Logger, silentLogger } from "../util/logger.ts";
import type { Random } from "../util/random.ts";
import { runKubelet } from "./kubelet.ts";
import type { KubeletOptions } from "./options.ts";

const KINDS = [
  CSINode,
  Node,
  PersistentVolume,
  PersistentVolumeClaim,
  Pod,
  Service,
  ConfigMap,
  Secret,
  ServiceAccount,
  Event,
  Lease,
  RuntimeClass,
] as unknown as readonly Kind[];

/** The little of an API server that a kubelet leans on beyond storage: graceful deletion and tokens. */
function withPodSemantics(api: FakeApi, clock: Clock): Transport {
  return {
    watch: (request) => api.watch(request),
    close: () => api.close(),
    async request(request: TransportRequest) {
      if (request.method === "POST" && request.path.endsWith("/token")) {
        const { expirationSeconds = 3600 } = (request.body as { spec: { expirationSeconds?: number } }).spec;
        const expirationTimestamp = formatTime(clock.now() + expirationSeconds * 1000);
        return { ...(request.body as object), status: { token: `token-of-${request.path}`, expirationTimestamp } };
      }
      const grace = (request.body as { gracePeriodSeconds?: number } | undefined)?.gracePeriodSeconds;
      if (request.method !== "DELETE" || !request.path.includes("/pods/")) return api.request(request);
      const contentType = "application/merge-patch+json";
      const patch = (metadata: object) =>
        api.request({ method: "PATCH", path: request.path, contentType, body: { metadata } });
      if (grace === 0) return patch({ deletionTimestamp: formatTime(clock.now()), finalizers: null });
      const pod = (await api.request({ method: "GET", path: request.path })) as Pod;
      const seconds = grace ?? pod.spec.terminationGracePeriodSeconds ?? 30;
      const deletionTimestamp = formatTime(clock.now() + seconds * 1000);
      // A finalizer keeps the object until the kubelet is done with it.
      return patch({ deletionTimestamp, deletionGracePeriodSeconds: seconds, finalizers: ["test/graceful"] });
    },
  };
}

export interface TestNodeOptions {
  clock: Clock;
  random: Random;
  logger?: Logger;
  kubelet: Partial<KubeletOptions>;
}

export interface TestNode {
  readonly client: Client;
  readonly directory: string;
  create(pod: Pod): Promise<Pod>;
  /** The pod as soon as `test` holds for it; undefined stands for "gone". */
  waitFor(name: string, test: (pod: Pod | undefined) => boolean): Promise<Pod | undefined>;
  pod(name: string): Pod | undefined;
  events(): Promise<string[]>;
  startKubelet(): void;
  /** Stops the kubelet as SIGTERM would; containers go on. */
  stopKubelet(): Promise<void>;
  close(): Promise<void>;
}

export async function createTestNode({
  clock,
  random,
  logger = silentLogger,
  kubelet,
}: TestNodeOptions): Promise<TestNode> {
  const directory = kubelet.rootDirectory ?? (await mkdtemp(join(tmpdir(), "cox-kubelet-")));
  const api = new FakeApi(KINDS, { clock, random });
  const client = createClient(withPodSemantics(api, clock));
  const life = new AbortController();
  const watching = createInformers(client, { clock, random, logger });
  const pods = watching.informer(Pod);
  const informersDone = watching.run(life.signal);
  await client.create(ServiceAccount, { metadata: { namespace: "default", name: "default" } } as ServiceAccount);
  let running: { stop: AbortController; done: Promise<unknown> } | undefined;
  const node: TestNode = {
    client,
    directory,
    create: (pod) => client.create(Pod, pod),
    pod: (name) => pods.get({ namespace: "default", name }),
    waitFor: (name, test) =>
      new Promise((resolve) => {
        const check = () => {
          const pod = pods.get({ namespace: "default", name });
          if (!test(pod)) return;
          queueMicrotask(() => unsubscribe());
          resolve(pod);
        };
        const unsubscribe = pods.subscribe({ added: check, updated: check, deleted: check });
        check();
      }),
    async events() {
      const { items } = await client.list(Event, {});
      return items.map((it) => `${it.type} ${it.reason} ${it.message}`);
    },
    startKubelet() {
      const stop = new AbortController();
      const informers = createInformers(client, { clock, random, logger });
      const done = Promise.all([
        informers.run(stop.signal),
        runKubelet({ ...defaults(directory), client, informers, clock, random, logger, ...kubelet }, stop.signal),
      ]);
      running = { stop, done };
    },
    async stopKubelet() {
      running?.stop.abort();
      await running?.done.catch(() => {});
      running = undefined;
    },
    async close() {
      await node.stopKubelet();
      life.abort();
      await informersDone.catch(() => {});
      await rm(directory, { recursive: true, force: true });
    },
  };
  return node;
}

function defaults(directory: string) {
  return {
    criEndpoint: "",
    nodeName: "node-a",
    nodeIPs: ["127.0.0.1"],
    rootDirectory: directory,
    podLogsDirectory: join(directory, "logs"),
    clusterDNS: ["10.96.0.10"],
    clusterDomain: "cluster.local",
    cgroupRoot: "/cox-test",
    cniConfigDirectory: join(directory, "net.d"),
    cniBinDirectory: "/usr/lib/cni",
    bridgeName: "cox-test0",
    server: { address: "127.0.0.1", port: 0, certificate: { certFile: "", keyFile: "" }, clientCAFile: "" },
    serve: false,
    observe: async () => ({}), // this machine's own state is no part of a test
  };
}

/** A pod on this node, with what the API's defaults would have filled in. */
export function testPod(name: string, spec: Partial<Pod["spec"]> & Pick<Pod["spec"], "containers">): Pod {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace: "default", name, generation: 1 },
    spec: {
      restartPolicy: "Always",
      terminationGracePeriodSeconds: 30,
      dnsPolicy: "ClusterFirst",
      nodeName: "node-a",
      ...spec,
      containers: spec.containers.map(withDefaults),
      ...(spec.initContainers ? { initContainers: spec.initContainers.map(withDefaults) } : {}),
    },
    status: {},
  } as Pod;
}

const withDefaults = (container: Pod["spec"]["containers"][number]) => ({
  imagePullPolicy: "IfNotPresent",
  terminationMessagePath: "/dev/termination-log",
  terminationMessagePolicy: "File",
  ...container,
});
