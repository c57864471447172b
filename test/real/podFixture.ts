import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { type Pod, Pod as PodKind } from "../../src/api/core/v1/index.ts";
import { type Client, createClient, httpsTransport, loadKubeconfig, type Transport } from "../../src/client/index.ts";
import { RealCluster, until } from "./realCluster.ts";

/** An image with busybox and all its applets, as the tests of Pods use it. */
export const BOX = "coxswain.local/box:1";
/** The same by another name, for Pods whose image changes: `buildImage` makes it. */
export const OTHER_BOX = "coxswain.local/box:2";
const APPLETS =
  "sh cat ls stat echo printf mkdir rm ln mv chmod chown id sleep env hostname wget nc httpd grep sed awk cut head tail sort tr wc " +
  "mount df true false test touch date ip ps kill sysctl timeout nproc dd tee tar stty tty md5sum nslookup";

const describeImage = (name: string) => `name: ${name}
root: root
copy: [{ from: /bin/busybox, to: /bin/busybox, package: busybox-static }]
links: { ${APPLETS.split(" ")
  .map((applet) => `/bin/${applet}: busybox`)
  .join(", ")} }
entrypoint: [/bin/echo]
cmd: [the, image, speaks]
env: { PATH: /bin }
`;

export type Json = Record<string, unknown>;
type Container = Json;

/** A real cluster with the box image, and a client of our own to ask what kubectl has no word for. */
export class PodCluster {
  readonly cluster: RealCluster;
  readonly client: Client;
  readonly transport: Transport;
  constructor(cluster: RealCluster, transport: Transport) {
    this.cluster = cluster;
    this.transport = transport;
    this.client = createClient(transport);
  }

  /** `more` goes to `cox up`, such as `--nodes 2`. */
  static async start(name: string, ...more: string[]): Promise<PodCluster> {
    const cluster = await RealCluster.prepare(name);
    await cluster.coxOk("up", ...more);
    await mkdir(join(cluster.scratch, "root", "tmp"), { recursive: true });
    await mkdir(join(cluster.scratch, "root", "etc"), { recursive: true });
    await writeFile(join(cluster.scratch, "root", "etc", "passwd"), "root:x:0:0:root:/:/bin/sh\n");
    const access = await loadKubeconfig(join(cluster.scratch, "kubeconfig"));
    const at = new PodCluster(cluster, httpsTransport(access));
    await at.buildImage(BOX);
    return at;
  }
  async buildImage(name: string): Promise<void> {
    const file = join(this.cluster.scratch, "box.yaml");
    await writeFile(file, describeImage(name));
    await this.cluster.coxOk("image", "build", "-f", file);
  }
  async remove(): Promise<void> {
    await this.transport.close();
    await this.cluster.remove();
  }

  request(method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE", path: string, body?: unknown, contentType?: string) {
    return this.transport.request({ method, path, body, ...(contentType ? { contentType } : {}) }) as Promise<Json>;
  }
  /** The name of the node that is this machine itself; further ones are `node-2` and so on. */
  readonly machine = hostname();

  /** One request per object, all under way at once. */
  async create(...objects: Json[]): Promise<Json[]> {
    const plural = (kind: string) => `${kind.toLowerCase()}s`;
    return Promise.all(
      objects.map((it) => this.request("POST", `/api/v1/namespaces/default/${plural(it.kind as string)}`, it)),
    );
  }
  pod(name: string): Promise<Pod> {
    return this.request("GET", `/api/v1/namespaces/default/pods/${name}`) as unknown as Promise<Pod>;
  }
  /** The Pod as soon as `test` holds; fails with its last status. */
  async podWhen(name: string, test: (pod: Pod) => unknown, ms = 30_000): Promise<Pod> {
    let last: Pod | undefined;
    try {
      return await until(
        `pod ${name}`,
        async () => {
          last = await this.pod(name);
          return test(last) ? last : undefined;
        },
        ms,
      );
    } catch (error) {
      const events = await this.cluster.kubectl("get", "events", "--field-selector", `involvedObject.name=${name}`);
      throw new Error(`${(error as Error).message}\n${JSON.stringify(last?.status, null, 1)}\n${events}`);
    }
  }
  /** Every version of the Pod that its watchers see, from now on. */
  versions(name: string, signal: AbortSignal): Pod[] {
    const seen: Pod[] = [];
    const follow = async () => {
      const options = { namespace: "default", fieldSelector: `metadata.name=${name}` };
      for await (const event of this.client.watch(PodKind, options, signal)) {
        if (event.type !== "BOOKMARK") seen.push(event.object);
      }
    };
    follow().catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    return seen;
  }
  log(pod: string, container: string, ...more: string[]): Promise<string> {
    return this.cluster.kubectl("logs", pod, "-c", container, ...more);
  }
  /** The same without kubectl, where many are read. */
  async logOf(pod: string, container: string): Promise<string> {
    const text = await this.transport.request({
      method: "GET",
      path: `/api/v1/namespaces/default/pods/${pod}/log`,
      query: { container },
    });
    // what looks like JSON has been read as such
    return typeof text === "string" ? text : text === undefined ? "" : JSON.stringify(text);
  }
  async sh(pod: string, script: string, container = "main"): Promise<string> {
    return (await this.cluster.kubectl("exec", pod, "-c", container, "--", "sh", "-c", script)).trimEnd();
  }
  async events(pod: string): Promise<string[]> {
    const list = await this.cluster.json<{ items: { reason: string; message: string }[] }>(
      "get",
      "events",
      "--field-selector",
      `involvedObject.name=${pod}`,
    );
    return list.items.map((it) => `${it.reason}: ${it.message}`);
  }
}

export function container(script: string, more: Container = {}): Container {
  return { name: "main", image: BOX, imagePullPolicy: "IfNotPresent", command: ["sh", "-c", script], ...more };
}
export function pod(name: string, spec: Json & { containers: Container[] }, metadata: Json = {}): Json {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, ...metadata },
    spec: { restartPolicy: "Never", terminationGracePeriodSeconds: 1, ...spec },
  };
}
export const configMap = (name: string, data: Record<string, string>, more: Json = {}): Json => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name },
  data,
  ...more,
});
export const secret = (name: string, stringData: Record<string, string>, more: Json = {}): Json => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name },
  stringData,
  ...more,
});

export const FOREVER = "trap 'exit 0' TERM; while :; do sleep 1 & wait $!; done";
export const isReady = (it: Pod) => it.status.conditions?.some((c) => c.type === "Ready" && c.status === "True");
export const isOver = (it: Pod) => it.status.phase === "Succeeded" || it.status.phase === "Failed";
export const mainStatus = (it: Pod, name = "main") => it.status.containerStatuses?.find((c) => c.name === name);

/** A Pod that is to succeed, and what its container is to say. */
export interface OutputCase {
  /** the name of the conformance tests it stands for, and of the Pod when lowered */
  name: string;
  spec: Json & { containers: Container[] };
  metadata?: Json;
  says: (string | RegExp)[];
}

/** Makes all Pods at once, then answers each case's check. */
export async function runOutputCases(
  at: PodCluster,
  cases: readonly OutputCase[],
  group: string,
  check: (name: string, run: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const prefix = group.toLowerCase().replace(/[^a-z]+/g, "-");
  const id = (index: number) => `${prefix}-${index}`;
  const made = await Promise.allSettled(
    cases.map(({ spec, metadata }, index) => at.create(pod(id(index), spec, metadata))),
  );
  for (const [index, { name, says }] of cases.entries()) {
    await check(name, async () => {
      const creation = made[index]!;
      if (creation.status === "rejected") throw creation.reason;
      const over = await at.podWhen(id(index), isOver, 60_000);
      const log = await at.log(id(index), "main");
      assert.equal(over.status.phase, "Succeeded", `${log}\n${JSON.stringify(over.status)}`);
      for (const text of says) {
        const found = typeof text === "string" ? log.includes(text) : text.test(log);
        assert.ok(found, `expected ${text} in:\n${log}`);
      }
    });
  }
}
