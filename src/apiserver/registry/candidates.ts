import type { Random } from "../../util/random.ts";

/** As many numbers as are tried at most; in a range that is larger, that many are not taken by chance. */
const MOST = 1 << 20;

/**
 * Every number below `size` once, from a random one on; those below `reserved`, which people choose by hand, only
 * when no other is left.
 */
export function* candidates(size: number, reserved: number, random: Random): Generator<number> {
  yield* rotated(Math.min(reserved, size), size, random);
  yield* rotated(0, Math.min(reserved, size), random);
}

function* rotated(from: number, to: number, random: Random): Generator<number> {
  const count = to - from;
  const start = Math.floor(random.next() * count);
  for (let i = 0; i < Math.min(count, MOST); i++) yield from + ((start + i) % count);
}
