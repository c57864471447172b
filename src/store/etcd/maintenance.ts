import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import type { Clock } from "../../util/clock.ts";
import type { Logger } from "../../util/logger.ts";
import { type EtcdAccess, EtcdConnection } from "./connection.ts";
import {
  ALARM,
  type Alarm,
  COMPACT,
  DEFRAGMENT,
  MEMBER_ADD,
  MEMBER_LIST,
  MEMBER_REMOVE,
  type Member,
  type MemberStatus,
  RANGE,
  SNAPSHOT,
  STATUS,
  TXN,
} from "./messages.ts";

/** A member as it answers itself; `error` when it does not. */
export interface MemberHealth {
  readonly endpoint: string;
  readonly status?: MemberStatus;
  readonly error?: string;
}

/** A snapshot ends with the hash of what comes before. */
const HASH_BYTES = 32;
const PAGE = 512;
/** What is written to count revisions up. */
const RAISE_KEY = "coxswain/revision";
const AT_ONCE = 200;
/** Gigabytes of history take their time. */
const LONG_WORK = 240_000;

/** What an operator does to an etcd, through its own interfaces. */
export class EtcdAdmin {
  readonly #connection: EtcdConnection;

  constructor(options: EtcdAccess & { clock: Clock; logger: Logger }) {
    this.#connection = new EtcdConnection(options);
  }
  close(): void {
    this.#connection.close();
  }

  async members(): Promise<Member[]> {
    return (await this.#connection.read(MEMBER_LIST, {})).members;
  }
  /** Each endpoint's own answer, in their order. */
  health(): Promise<MemberHealth[]> {
    const ask = async (endpoint: string, i: number): Promise<MemberHealth> => {
      try {
        return { endpoint, status: await this.#connection.at(i, STATUS, {}, 2_000) };
      } catch (error) {
        return { endpoint, error: (error as Error).message };
      }
    };
    return Promise.all(this.#connection.urls.map(ask));
  }
  async addMember(peerURL: string): Promise<Member> {
    return (await this.#connection.write(MEMBER_ADD, { peerURLs: [peerURL] })).member!;
  }
  async removeMember(id: bigint): Promise<void> {
    await this.#connection.write(MEMBER_REMOVE, { id });
  }
  async alarms(): Promise<Alarm[]> {
    return (await this.#connection.read(ALARM, { action: "GET" })).alarms;
  }

  /** Gives back the room that history took, at every member, and takes writes again after a full disk. */
  async makeRoom(): Promise<void> {
    const revision = (await this.#connection.read(RANGE, { key: "/", countOnly: true })).header!.revision;
    // Physical: answered when the room is free, not only when it is known to be.
    const compaction = { revision, physical: true };
    await this.#connection.read(COMPACT, compaction, LONG_WORK).catch(ignoreCompacted);
    const failed: string[] = [];
    // one after the other: a member does not answer meanwhile
    for (const [i, { endpoint, error }] of (await this.health()).entries()) {
      const problem = error ?? (await this.#defragment(i));
      if (problem !== undefined) failed.push(`${endpoint}: ${problem}`);
    }
    if (failed.length < this.#connection.urls.length)
      for (const alarm of await this.alarms()) await this.#connection.read(ALARM, { action: "DEACTIVATE", ...alarm });
    if (failed.length > 0) throw new Error(`no room was made at ${failed.join("; ")}`);
  }
  /** Answers what went wrong. */
  #defragment(i: number): Promise<string | undefined> {
    return this.#connection.at(i, DEFRAGMENT, {}, LONG_WORK).then(
      () => undefined,
      (error: Error) => error.message,
    );
  }

  /** Writes all that one member knows to a file, whole or not at all; answers its size. */
  async snapshot(path: string, signal: AbortSignal): Promise<number> {
    const draft = `${path}.part`;
    // asks a quorum through the member in use, so that this one is not behind the others
    await this.#connection.read(RANGE, { key: "/", countOnly: true });
    const file = await open(draft, "w", 0o600);
    try {
      for await (const { blob } of this.#connection.stream(SNAPSHOT, {}, { signal })) await file.write(blob);
      await file.sync();
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    const problem = await snapshotProblem(draft);
    if (problem) {
      await rm(draft, { force: true });
      throw new Error(`the snapshot did not arrive whole: ${problem}`);
    }
    await rename(draft, path);
    return (await stat(path)).size;
  }

  /** Counts the store's revision up to `revision` at least, so that no object's resourceVersion comes a second time. */
  async raise(revision: number, note: (at: number) => void): Promise<void> {
    let at = await this.#bump();
    while (at < revision) {
      const all = Array.from({ length: Math.min(AT_ONCE, revision - at) }, () => this.#bump());
      at = Math.max(at, ...(await Promise.all(all)));
      note(at);
    }
  }
  async #bump(): Promise<number> {
    const put = { key: RAISE_KEY, value: Buffer.from("counted up") };
    return (await this.#connection.write(TXN, { success: [{ put }] })).header!.revision;
  }
  /** Whoever watches from before now learns that history is gone, and lists again. */
  async forgetHistory(): Promise<void> {
    const revision = await this.#bump();
    await this.#connection.read(COMPACT, { revision, physical: true }).catch(ignoreCompacted);
  }
}

function ignoreCompacted(error: unknown): void {
  if (!/has been compacted/.test((error as Error).message)) throw error;
}

/** What is wrong with a snapshot file; undefined: nothing. */
export async function snapshotProblem(path: string): Promise<string | undefined> {
  const file = await stat(path).catch(() => undefined);
  if (!file) return "there is no such file";
  if (!file.isFile()) return "it is no file";
  const { size } = file;
  if (size <= HASH_BYTES || size % PAGE !== HASH_BYTES) return "it is no snapshot of etcd, or was cut short";
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { end: size - HASH_BYTES - 1 })) hash.update(chunk as Buffer);
  const tail: Buffer[] = [];
  for await (const chunk of createReadStream(path, { start: size - HASH_BYTES })) tail.push(chunk as Buffer);
  return hash.digest().equals(Buffer.concat(tail)) ? undefined : "its content is not what was written";
}
