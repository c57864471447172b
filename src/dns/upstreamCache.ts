import type { Clock } from "../util/clock.ts";

/** Answers are kept as long as they say, and no longer than this (s), as somebody may change them. */
const LONGEST = 30;
const MOST = 4096;
const HEADER = 12;
const OPT = 41;
const SOA = 6;
const NO_ERROR = 0;
const NAME_ERROR = 3;

interface Kept {
  readonly reply: Buffer;
  /** where in the reply the times to live stand */
  readonly ttls: readonly number[];
  readonly at: number;
  readonly until: number;
}

/** A record of a message: its type, and where its time to live and its data stand. */
interface RecordPlace {
  readonly type: number;
  readonly ttlAt: number;
  readonly end: number;
  readonly section: "answer" | "authority" | "additional";
}

/** What upstream servers said a moment ago, denials included (RFC 2308), so that they are not asked for each Pod. */
export class UpstreamCache {
  readonly #clock: Clock;
  readonly #kept = new Map<string, Kept>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }
  /** The answer to this query, under its id, with what is left of its time to live. */
  get(query: Buffer, overTcp: boolean): Buffer | undefined {
    const key = keyOf(query, overTcp);
    const kept = key === undefined ? undefined : this.#kept.get(key);
    const now = this.#clock.now();
    if (!kept || now >= kept.until) return undefined;
    const reply = Buffer.from(kept.reply);
    query.copy(reply, 0, 0, 2);
    // The question as it was spelt this time: some clients make sure of it.
    query.copy(reply, HEADER, HEADER, endOfQuestion(query));
    const gone = Math.floor((now - kept.at) / 1000);
    for (const at of kept.ttls) reply.writeUInt32BE(Math.max(0, reply.readUInt32BE(at) - gone), at);
    return reply;
  }
  put(query: Buffer, reply: Buffer, overTcp: boolean): void {
    const key = keyOf(query, overTcp);
    if (key === undefined) return;
    const seconds = lifetime(reply);
    if (seconds <= 0) return;
    const now = this.#clock.now();
    const ttls = recordsOf(reply)
      .filter(({ type }) => type !== OPT)
      .map(({ ttlAt }) => ttlAt);
    this.#kept.delete(key);
    this.#kept.set(key, { reply: Buffer.from(reply), ttls, at: now, until: now + seconds * 1000 });
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST && oldest !== undefined) this.#kept.delete(oldest);
  }
}

/** All that an answer may depend on; undefined for what is not a single question. */
function keyOf(query: Buffer, overTcp: boolean): string | undefined {
  try {
    if (query.readUInt16BE(4) !== 1) return undefined;
    const end = endOfQuestion(query);
    const question = query.subarray(HEADER, end).toString("latin1").toLowerCase();
    const flags = query.readUInt16BE(2) & 0x0110;
    // Everything behind the question is EDNS: sizes and wishes.
    return `${overTcp} ${flags} ${question} ${query.subarray(end).toString("latin1")}`;
  } catch {
    return undefined; // cut off
  }
}

/** How many seconds an answer may be kept; 0: not at all. */
function lifetime(reply: Buffer): number {
  try {
    const code = reply[3]! & 0x0f;
    const isCutOff = (reply[2]! & 0x02) !== 0;
    if (isCutOff || (code !== NO_ERROR && code !== NAME_ERROR)) return 0;
    const records = recordsOf(reply);
    const answers = records.filter(({ section }) => section === "answer");
    const counted = answers.length > 0 && code === NO_ERROR ? answers : [];
    if (counted.length > 0) return Math.min(LONGEST, ...counted.map(({ ttlAt }) => reply.readUInt32BE(ttlAt)));
    // A denial lives as long as the zone's start of authority says, and is not kept without one.
    const soa = records.find(({ type, section }) => type === SOA && section === "authority");
    return soa ? Math.min(LONGEST, reply.readUInt32BE(soa.ttlAt), reply.readUInt32BE(soa.end - 4)) : 0;
  } catch {
    return 0; // cut off
  }
}

function recordsOf(message: Buffer): RecordPlace[] {
  const places: RecordPlace[] = [];
  let at = endOfQuestion(message);
  for (const [section, countAt] of [
    ["answer", 6],
    ["authority", 8],
    ["additional", 10],
  ] as const) {
    for (let left = message.readUInt16BE(countAt); left > 0; left--) {
      const head = endOfName(message, at);
      const end = head + 10 + message.readUInt16BE(head + 8);
      places.push({ type: message.readUInt16BE(head), ttlAt: head + 4, end, section });
      at = end;
    }
  }
  return places;
}

function endOfQuestion(message: Buffer): number {
  return message.readUInt16BE(4) === 0 ? HEADER : endOfName(message, HEADER) + 4;
}

function endOfName(message: Buffer, start: number): number {
  let at = start;
  for (;;) {
    const length = message.readUInt8(at);
    if (length === 0) return at + 1;
    if (length >= 0xc0) return at + 2;
    at += length + 1;
  }
}
