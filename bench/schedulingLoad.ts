import { type ClientHttp2Session, connect } from "node:http2";
import { setTimeout as pause } from "node:timers/promises";
import { drive, type Target } from "./load.ts";

const CLIENTS = 16;

const container = {
  name: "main",
  image: "example.test/app:1",
  resources: { requests: { cpu: "10m", memory: "16Mi" } },
};
const padding = { padding: "x".repeat(300) };

export function createPods(api: Api, namespace: string, count: number, schedulerName?: string): Promise<void> {
  const pod = (i: number) => ({
    metadata: { name: `pod-${i}`, labels: { app: "bench" }, annotations: padding },
    spec: { schedulerName, containers: [container] },
  });
  return drive(count, CLIENTS, (i) => api.send("POST", `/api/v1/namespaces/${namespace}/pods`, pod(i)));
}

export function createDeployments(api: Api, namespace: string, count: number, replicas: number): Promise<void> {
  const deployment = (i: number) => {
    const labels = { app: `d-${i}` };
    const template = { metadata: { labels }, spec: { containers: [container] } };
    return { metadata: { name: `d-${i}` }, spec: { replicas, selector: { matchLabels: labels }, template } };
  };
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments`;
  return drive(count, CLIENTS, (i) => api.send("POST", path, deployment(i)));
}

/** The client side: a few connections, nothing parsed that need not be. */
export class Api {
  readonly #sessions: readonly ClientHttp2Session[];
  #next = 0;

  private constructor(sessions: readonly ClientHttp2Session[]) {
    this.#sessions = sessions;
  }
  static open({ url, ca, cert, key }: Omit<Target, "pid">): Api {
    const session = () => connect(url, { ca, cert, key, settings: { initialWindowSize: 8 << 20 } });
    return new Api(Array.from({ length: 4 }, session));
  }
  close(): void {
    for (const session of this.#sessions) session.destroy();
  }

  #request(method: string, path: string, body?: object) {
    const session = this.#sessions[this.#next++ % this.#sessions.length]!;
    const request = session.request({ ":method": method, ":path": path, "content-type": "application/json" });
    request.end(body ? JSON.stringify(body) : undefined);
    return request;
  }
  send(method: string, path: string, body?: object): Promise<{ status: number }> {
    const request = this.#request(method, path, body);
    return new Promise((resolve, reject) => {
      let status = 0;
      request.on("response", (headers) => {
        status = Number(headers[":status"]);
      });
      request.on("data", () => {});
      request.on("end", () => resolve({ status }));
      request.on("error", reject);
    });
  }
  async create(path: string, body: object): Promise<void> {
    const { status } = await this.send("POST", path, body);
    if (status !== 201) throw new Error(`POST ${path} was answered with ${status}`);
  }
  async #text(path: string): Promise<string> {
    let text = "";
    for await (const chunk of this.#request("GET", path)) text += chunk;
    return text;
  }

  /** Waits until so many simulated nodes may take Pods. */
  async untilReady(nodes: number): Promise<void> {
    const path = "/api/v1/nodes?labelSelector=simulation.coxswain.dev%2Fnode";
    for (;;) {
      const { items = [] } = JSON.parse(await this.#text(path)) as { items?: { spec: { taints?: unknown[] } }[] };
      if (items.filter(({ spec }) => !spec.taints?.length).length >= nodes) return;
      await pause(500);
    }
  }

  /** Watching has begun when this resolves; `bound` resolves when so many more Pods are bound. */
  async watchBound(namespace: string, count: number): Promise<{ bound: Promise<void> }> {
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const { metadata } = JSON.parse(await this.#text(`${path}?limit=1`)) as { metadata: { resourceVersion: string } };
    const query = `watch=true&fieldSelector=spec.nodeName!%3D&resourceVersion=${metadata.resourceVersion}`;
    const request = this.#request("GET", `${path}?${query}`);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let left = count;
    let rest = "";
    request.setEncoding("utf8");
    request.on("data", (chunk: string) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop()!;
      for (const line of lines) if (line.startsWith('{"type":"ADDED"')) left--;
      if (left > 0) return;
      request.close();
      resolve();
    });
    request.on("error", reject);
    await new Promise((begun) => request.once("response", begun));
    return { bound: promise };
  }
}
