import { fileURLToPath } from "node:url";

interface ProfileNode {
  id: number;
  callFrame: { functionName: string; url: string; lineNumber: number };
  children?: number[];
}

export interface CpuProfile {
  nodes: ProfileNode[];
  samples: number[];
  /** µs between the samples */
  timeDeltas: number[];
}

/** Where time went: by part of the sources and by function, in µs. */
export interface Breakdown {
  parts: Map<string, number>;
  functions: Map<string, number>;
  busy: number;
}

const SOURCES = new URL("../src/", import.meta.url).href;
const NATIVE: Readonly<Record<string, string>> = {
  "(garbage collector)": "garbage collection",
  "(program)": "native: sockets, TLS, HTTP/2",
};

/** The sources that called whatever ran, or what the runtime did by itself. */
function partOf(stack: readonly ProfileNode[], depth: number): string {
  const leaf = stack[0]!.callFrame;
  if (NATIVE[leaf.functionName]) return NATIVE[leaf.functionName]!;
  const own = stack.find(({ callFrame }) => callFrame.url.startsWith(SOURCES));
  if (own) return own.callFrame.url.slice(SOURCES.length).split("/").slice(0, depth).join("/");
  const outer = stack.find(({ callFrame }) => callFrame.url.startsWith("node:"));
  return outer ? "node's own HTTP/2, streams, TLS" : "other";
}

function label({ callFrame: { functionName, url, lineNumber } }: ProfileNode): string {
  const file = url.startsWith(SOURCES) ? url.slice(SOURCES.length) : url.startsWith("file:") ? fileURLToPath(url) : url;
  return `${functionName || "(anonymous)"} ${file}${url ? `:${lineNumber + 1}` : ""}`;
}

/** Reads a profile as V8 records it. `depth`: how many folders deep a part is named. */
export function breakdown({ nodes, samples, timeDeltas }: CpuProfile, depth = 2): Breakdown {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const self = new Map<number, number>();
  samples.forEach((id, i) => {
    self.set(id, (self.get(id) ?? 0) + timeDeltas[i]!);
  });
  const result: Breakdown = { parts: new Map(), functions: new Map(), busy: 0 };
  const add = (map: Map<string, number>, key: string, value: number) => map.set(key, (map.get(key) ?? 0) + value);
  for (const [id, time] of self) {
    const stack: ProfileNode[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) stack.push(byId.get(at)!);
    if (stack[0]!.callFrame.functionName === "(idle)") continue;
    result.busy += time;
    add(result.parts, partOf(stack, depth), time);
    add(result.functions, label(stack[0]!), time);
  }
  return result;
}

/** Records what a process that was started with --inspect does. */
export class Inspector {
  readonly #socket: WebSocket;
  readonly #answers = new Map<number, (result: unknown) => void>();
  #next = 1;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const { id, result } = JSON.parse(String(data)) as { id?: number; result: unknown };
      if (id !== undefined) this.#answers.get(id)?.(result);
    });
  }
  static async open(url: string): Promise<Inspector> {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => {
      socket.addEventListener("open", resolve);
      socket.addEventListener("error", reject);
    });
    const inspector = new Inspector(socket);
    await inspector.call("Profiler.enable");
    await inspector.call("Profiler.setSamplingInterval", { interval: 500 });
    return inspector;
  }
  call(method: string, params: object = {}): Promise<unknown> {
    const id = this.#next++;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => this.#answers.set(id, resolve));
  }
  async start(): Promise<void> {
    await this.call("Profiler.start");
  }
  async stop(): Promise<CpuProfile> {
    return ((await this.call("Profiler.stop")) as { profile: CpuProfile }).profile;
  }
  close(): void {
    this.#socket.close();
  }
}
