/** As in generated names: no vowels, nothing that looks like another character. */
const SAFE = "bcdfghjklmnpqrstvwxz2456789";

/** The same objects print the same, whatever the order of their keys. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const record = value as Record<string, unknown>;
  const keys = Object.keys(record).filter((key) => record[key] !== undefined);
  return `{${keys
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonical(record[key])}`)
    .join(",")}}`;
}

/** A short name for a value: FNV-1a of its canonical form, and of how often that name was taken by something else. */
export function contentHash(value: unknown, collisions: number | undefined): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(canonical(value) + (collisions ? `#${collisions}` : ""))) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  }
  return [...String(hash)].map((digit) => SAFE[digit.charCodeAt(0) % SAFE.length]).join("");
}
