import { ConfigMap } from "../../src/api/core/v1/index.ts";
import { isConflict, isGone } from "../../src/apimachinery/status.ts";
import { type Client, type ClusterAccess, createClient, httpsTransport } from "../../src/client/index.ts";
import { realClock } from "../../src/util/clock.ts";
import { realRandom } from "../../src/util/random.ts";
import type { Asked, Operation } from "../linearizability/checker.ts";

const NAMESPACE = "default";
const REGISTERS = 6;
const registerName = (i: number) => `register-${i}`;

type Register = ConfigMap & { data: { value: string; step: string } };

/** One write that was acknowledged. */
export interface Success {
  client: number;
  began: number;
  ended: number;
}

/** What a watch was told of the registers, by name: the steps in order. */
export interface Watched {
  name: string;
  steps: Map<string, number[]>;
  resumed: number;
  /** times that it had to list again, with a gap that nobody can check */
  relisted: number;
  revision: string;
}

/** Clients that write, read and watch without pause, and remember all they were told. */
export class Load {
  readonly history = new Map<string, Operation[]>();
  readonly successes: Success[] = [];
  /** names and uids of objects whose creation was acknowledged */
  readonly created = new Map<string, string>();
  readonly watches: Watched[] = [];
  readonly clients: number;
  unknown = 0;
  readonly #transports: { close(): Promise<void> }[] = [];
  readonly #end = new AbortController();
  readonly #stopWatching = new AbortController();
  readonly #access: ClusterAccess;
  #writing: Promise<void>[] = [];
  #watching: Promise<void>[] = [];

  constructor(access: ClusterAccess, clients: number) {
    this.#access = access;
    this.clients = clients;
  }
  /** `servers`: addresses to watch directly, besides the one that all use. */
  async start(servers: readonly string[]): Promise<void> {
    const first = this.#connect(this.#access.server);
    let resourceVersion = "";
    for (let i = 0; i < REGISTERS; i++) {
      const object = newRegister(i);
      const made = await first.create(ConfigMap, object);
      this.history.set(registerName(i), [
        {
          client: -1,
          began: now(),
          ended: now(),
          asked: { type: "swap", from: undefined, to: "first", outcome: "done" },
        },
      ]);
      resourceVersion = made.metadata.resourceVersion!;
    }
    this.#watching = [this.#access.server, ...servers].map((server) => this.#watch(server, resourceVersion));
    this.#writing = Array.from({ length: this.clients }, (_, client) => this.#work(client));
  }
  async stopWriting(): Promise<void> {
    this.#end.abort();
    await Promise.all(this.#writing);
  }
  async stopWatching(): Promise<void> {
    this.#stopWatching.abort();
    await Promise.all(this.#watching);
    await Promise.all(this.#transports.map((transport) => transport.close()));
  }
  /** The registers' present steps. */
  async steps(): Promise<Map<string, number>> {
    const { items } = await this.#connect(this.#access.server).list(ConfigMap, { namespace: NAMESPACE });
    const registers = items.filter(({ metadata }) => metadata.name?.startsWith("register-"));
    return new Map(registers.map((object) => [object.metadata.name!, Number(object.data?.step)]));
  }
  /** Acknowledged objects that are not there, or are others. */
  async lost(): Promise<string[]> {
    const { items } = await this.#connect(this.#access.server).list(ConfigMap, { namespace: NAMESPACE });
    const uids = new Map(items.map(({ metadata }) => [metadata.name!, metadata.uid]));
    return [...this.created].filter(([name, uid]) => uids.get(name) !== uid).map(([name]) => name);
  }

  #connect(server: string): Client {
    const transport = httpsTransport({ ...this.#access, server, userAgent: "chaos" });
    this.#transports.push(transport);
    return createClient(transport);
  }

  async #work(client: number): Promise<void> {
    const api = this.#connect(this.#access.server);
    for (let i = 0; !this.#end.signal.aborted; i++) {
      const name = registerName(Math.floor(realRandom.next() * REGISTERS));
      try {
        if (i % 8 === 0) await this.#create(api, client, i);
        else await this.#step(api, client, name, `${client}-${i}`);
      } catch {
        this.unknown++;
        await realClock.sleep(20);
      }
      // a pause, so that the machine has room for what is tested
      await realClock.sleep(10);
    }
  }
  async #create(api: Client, client: number, i: number): Promise<void> {
    const began = now();
    const name = `entry-${client}-${i}`;
    const metadata = { name, namespace: NAMESPACE };
    const made = await api.create(ConfigMap, { apiVersion: "v1", kind: "ConfigMap", metadata } as ConfigMap);
    this.created.set(name, made.metadata.uid!);
    this.successes.push({ client, began, ended: now() });
  }
  /** Reads a register and replaces what it holds. */
  async #step(api: Client, client: number, name: string, value: string): Promise<void> {
    const began = now();
    const object = (await api.get(ConfigMap, { namespace: NAMESPACE, name })) as Register;
    this.#note(name, client, began, { type: "read", value: object.data.value });
    const swap = { type: "swap", from: object.data.value, to: value } as const;
    const data = { value, step: String(Number(object.data.step) + 1) };
    const writing = now();
    try {
      await api.update(ConfigMap, { ...object, data });
      this.#note(name, client, writing, { ...swap, outcome: "done" });
      this.successes.push({ client, began: writing, ended: now() });
    } catch (error) {
      this.#note(name, client, writing, { ...swap, outcome: isConflict(error) ? "refused" : "unknown" });
      if (!isConflict(error)) throw error;
    }
  }
  #note(name: string, client: number, began: number, asked: Asked): void {
    this.history.get(name)!.push({ client, asked, began, ended: now() });
  }

  async #watch(server: string, resourceVersion: string): Promise<void> {
    const seen: Watched = { name: server, steps: new Map(), resumed: 0, relisted: 0, revision: resourceVersion };
    this.watches.push(seen);
    const { signal } = this.#stopWatching;
    while (!signal.aborted) {
      const api = this.#connect(server);
      try {
        const options = { namespace: NAMESPACE, resourceVersion: seen.revision, allowWatchBookmarks: true };
        for await (const { type, object } of api.watch(ConfigMap, options, signal)) {
          seen.revision = object.metadata.resourceVersion!;
          if (type !== "BOOKMARK") take(seen, object as Register);
        }
      } catch (error) {
        if (isGone(error)) seen.relisted++;
      }
      seen.resumed++;
      await realClock.sleep(50);
    }
  }
}

function take({ steps }: Watched, { metadata, data }: Register): void {
  if (!metadata.name!.startsWith("register-")) return;
  const known = steps.get(metadata.name!) ?? [];
  steps.set(metadata.name!, known);
  known.push(Number(data.step));
}

function newRegister(i: number): ConfigMap {
  const metadata = { name: registerName(i), namespace: NAMESPACE };
  return { apiVersion: "v1", kind: "ConfigMap", metadata, data: { value: "first", step: "0" } } as ConfigMap;
}

export const now = () => realClock.elapsed();
