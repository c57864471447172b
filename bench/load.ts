import { type ClientHttp2Session, connect } from "node:http2";

/** Where a server listens, how to speak to it as an administrator, and which process it is. */
export interface Target {
  url: string;
  ca: string | Buffer;
  cert: string | Buffer;
  key: string | Buffer;
  pid: number;
}

const NAMESPACE = "bench";
const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;

/** A Pod of about 1 KB that no scheduler takes. */
function pod(name: string): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      labels: { app: "bench", bucket: `b${name.length % 7}` },
      annotations: { padding: "x".repeat(300) },
    },
    spec: {
      schedulerName: "none",
      containers: [
        { name: "main", image: "example.test/app:1", resources: { requests: { cpu: "10m", memory: "16Mi" } } },
      ],
    },
  };
}

/** A few connections to one server, with requests spread over them. */
export class Load {
  readonly #sessions: ClientHttp2Session[];
  #next = 0;

  constructor(target: Target, connections = 4) {
    this.#sessions = Array.from({ length: connections }, () =>
      connect(target.url, {
        ca: target.ca,
        cert: target.cert,
        key: target.key,
        settings: { initialWindowSize: 8 << 20 },
      }),
    );
    for (const session of this.#sessions) session.once("connect", () => session.setLocalWindowSize(32 << 20));
  }

  /** Sends one request and answers its status and the number of bytes of the answer. */
  send(
    method: string,
    path: string,
    body?: object,
    type = "application/json",
  ): Promise<{ status: number; bytes: number }> {
    const session = this.#sessions[this.#next++ % this.#sessions.length]!;
    const request = session.request({
      ":method": method,
      ":path": path,
      "content-type": type,
      accept: "application/json",
    });
    return new Promise((resolve, reject) => {
      let status = 0;
      let bytes = 0;
      request.on("response", (headers) => (status = Number(headers[":status"])));
      request.on("data", (chunk: Buffer) => (bytes += chunk.length));
      request.on("end", () => resolve({ status, bytes }));
      request.on("error", reject);
      request.end(body ? JSON.stringify(body) : undefined);
    });
  }

  /** Opens a watch on the Pods and counts its events until closed. */
  watch(resourceVersion: string): { events: () => number; close: () => void } {
    const session = this.#sessions[this.#next++ % this.#sessions.length]!;
    const request = session.request({ ":path": `${PODS}?watch=true&resourceVersion=${resourceVersion}` });
    let events = 0;
    request.on("data", (chunk: Buffer) => {
      for (const byte of chunk) if (byte === 10) events++;
    });
    request.on("error", () => {});
    return { events: () => events, close: () => request.close() };
  }

  async prepare(): Promise<void> {
    await this.send("POST", "/api/v1/namespaces", {
      apiVersion: "v1",
      kind: "Namespace",
      metadata: { name: NAMESPACE },
    });
    await this.send("POST", `/api/v1/namespaces/${NAMESPACE}/serviceaccounts`, {
      apiVersion: "v1",
      kind: "ServiceAccount",
      metadata: { name: "default" },
    });
  }
  create(i: number) {
    return this.send("POST", PODS, pod(`pod-${i}`));
  }
  get(i: number) {
    return this.send("GET", `${PODS}/pod-${i}`);
  }
  list() {
    return this.send("GET", PODS);
  }
  patch(i: number, round: number | string) {
    const patch = { metadata: { annotations: { round: String(round) } } };
    return this.send("PATCH", `${PODS}/pod-${i}`, patch, "application/merge-patch+json");
  }
  async resourceVersion(): Promise<string> {
    const session = this.#sessions[0]!;
    const request = session.request({ ":path": `${PODS}?limit=1` });
    let text = "";
    for await (const chunk of request) text += chunk;
    return (JSON.parse(text) as { metadata: { resourceVersion: string } }).metadata.resourceVersion;
  }
  close(): void {
    for (const session of this.#sessions) session.destroy();
  }
}

/** Runs `count` operations with `concurrency` under way; throws when one is not answered with success. */
export async function drive(
  count: number,
  concurrency: number,
  operation: (i: number) => Promise<{ status: number }>,
): Promise<void> {
  let next = 0;
  const worker = async () => {
    while (next < count) {
      const i = next++;
      const { status } = await operation(i);
      if (status < 200 || status > 299) throw new Error(`operation ${i} was answered with ${status}`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}
