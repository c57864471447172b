import { randomBytes, randomUUID } from "node:crypto";

/** The only source of chance. Components take a Random, so that a test can repeat it. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** A version 4 UUID. */
  uuid(): string;
}

export const realRandom: Random = { next: Math.random, uuid: randomUUID };

/** Cryptographic bytes, for keys and tokens only; never seeded. */
export const secretBytes = randomBytes;

/** A repeatable Random (mulberry32): the same seed gives the same sequence. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const hex = (digits: number) => Array.from({ length: digits }, () => Math.floor(next() * 16).toString(16)).join("");
  return {
    next,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-${"89ab"[Math.floor(next() * 4)]}${hex(3)}-${hex(12)}`,
  };
}

/** Letters and digits that cannot spell words, as Kubernetes uses for generated names. */
const SAFE = "bcdfghjklmnpqrstvwxz2456789";

/** A random suffix of `length` characters for a generated name. */
export function randomSuffix(random: Random, length = 5): string {
  let out = "";
  for (let i = 0; i < length; i++) out += SAFE[Math.floor(random.next() * SAFE.length)];
  return out;
}
