import { createSocket } from "node:dgram";
import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import type { Clock } from "../util/clock.ts";
import type { Random } from "../util/random.ts";
import { UpstreamCache } from "./upstreamCache.ts";

export interface ForwardOptions {
  clock: Clock;
  random: Random;
  /** a resolv.conf; read again when it is older than a few seconds, as DHCP may rewrite it */
  resolvConf: string;
  /** our own addresses, which are never asked */
  own: ReadonlySet<string>;
  /** where the servers listen; 53 but in tests */
  port?: number;
}

const ANSWER_WITHIN = 2000;
const REREAD_AFTER = 5000;
const DNS_PORT = 53;

/** Hands whole queries to the servers of a resolv.conf and brings back the first answer. */
export class Forwarder {
  readonly #options: ForwardOptions;
  #servers: readonly string[] = [];
  #readAt = Number.NEGATIVE_INFINITY;
  readonly #port: number;
  readonly #cache: UpstreamCache;

  constructor(options: ForwardOptions) {
    this.#options = options;
    this.#cache = new UpstreamCache(options.clock);
    this.#port = options.port ?? DNS_PORT;
  }

  /** The upstream's answer to `query`, byte for byte but for its id (and, from the cache, its times to live); undefined when no server answers in time. */
  async ask(query: Buffer, overTcp: boolean, signal: AbortSignal): Promise<Buffer | undefined> {
    const known = this.#cache.get(query, overTcp);
    if (known) return known;
    for (const server of await this.#upstreams()) {
      if (signal.aborted) return undefined;
      const answer = await (overTcp ? this.#askTcp(server, query) : this.#askUdp(server, query));
      if (!answer) continue;
      this.#cache.put(query, answer, overTcp);
      return answer;
    }
    return undefined;
  }

  async #upstreams(): Promise<readonly string[]> {
    const { clock, resolvConf, own } = this.#options;
    if (clock.now() - this.#readAt < REREAD_AFTER) return this.#servers;
    const text = await readFile(resolvConf, "utf8").catch(() => "");
    this.#servers = nameservers(text).filter((server) => !own.has(server));
    this.#readAt = clock.now();
    return this.#servers;
  }

  /** A socket of its own for each question: its port, like the id, is chance that a forger would have to guess. */
  #askUdp(server: string, query: Buffer): Promise<Buffer | undefined> {
    const id = Math.floor(this.#options.random.next() * 65536);
    const sent = Buffer.from(query);
    sent.writeUInt16BE(id, 0);
    const socket = createSocket(server.includes(":") ? "udp6" : "udp4");
    return this.#within(
      (resolve) => {
        socket.once("error", () => resolve(undefined));
        socket.on("message", (message, from) => {
          if (from.port !== this.#port || message.length < 12 || message.readUInt16BE(0) !== id) return;
          query.copy(message, 0, 0, 2);
          resolve(message);
        });
        socket.send(sent, this.#port, server);
      },
      () => socket.close(),
    );
  }

  #askTcp(server: string, query: Buffer): Promise<Buffer | undefined> {
    const socket = connect(this.#port, server);
    return this.#within(
      (resolve) => {
        let read = Buffer.alloc(0);
        socket.once("error", () => resolve(undefined));
        socket.once("end", () => resolve(undefined));
        socket.on("data", (chunk: Buffer) => {
          read = Buffer.concat([read, chunk]);
          if (read.length >= 2 && read.length >= 2 + read.readUInt16BE(0))
            resolve(read.subarray(2, 2 + read.readUInt16BE(0)));
        });
        socket.write(framed(query));
      },
      () => socket.destroy(),
    );
  }

  #within(
    start: (resolve: (answer: Buffer | undefined) => void) => void,
    release: () => void,
  ): Promise<Buffer | undefined> {
    return new Promise((resolve) => {
      let over = false;
      const finish = (answer: Buffer | undefined) => {
        if (over) return;
        over = true;
        timer.cancel();
        release();
        resolve(answer);
      };
      const timer = this.#options.clock.setTimer(ANSWER_WITHIN, () => finish(undefined));
      start(finish);
    });
  }
}

/** A message as TCP carries it: its length, then itself. */
export function framed(message: Buffer): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(message.length);
  return Buffer.concat([length, message]);
}

/** The servers that a resolv.conf names, in order. */
export function nameservers(text: string): string[] {
  return [...text.matchAll(/^\s*nameserver\s+(\S+)/gm)].map((match) => match[1]!);
}
