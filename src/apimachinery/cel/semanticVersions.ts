import type { Environment } from "@marcbachmann/cel-js";

const NUMBER = "(0|[1-9]\\d*)";
const WORD = "(?:0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)";
const FORM = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-(${WORD}(?:\\.${WORD})*))?(?:\\+([0-9a-zA-Z-]+(?:\\.[0-9a-zA-Z-]+)*))?$`,
);

/** A version as semver.org defines it, version 2. */
export class SemanticVersion {
  readonly numbers: readonly bigint[];
  readonly before: readonly string[];

  /** Throws an Error when `text` is none. */
  constructor(text: string) {
    const found = FORM.exec(text);
    if (!found) throw new Error(`${JSON.stringify(text)} is not a semantic version`);
    this.numbers = found.slice(1, 4).map(BigInt);
    this.before = found[4]?.split(".") ?? [];
  }
  /** Negative, zero or positive. What stands behind a plus does not count. */
  compare(other: SemanticVersion): number {
    for (const [i, mine] of this.numbers.entries()) {
      if (mine !== other.numbers[i]) return mine < other.numbers[i]! ? -1 : 1;
    }
    return compareBefore(this.before, other.before);
  }
}

/** What has words behind a dash comes before what has none. */
function compareBefore(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (const [i, mine] of a.entries()) {
    const order = b[i] === undefined ? 1 : compareWords(mine, b[i]);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareWords(a: string, b: string): number {
  const [isNumber, isOther] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber && isOther) return BigInt(a) < BigInt(b) ? -1 : BigInt(a) > BigInt(b) ? 1 : 0;
  if (isNumber !== isOther) return isNumber ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

const parse = (text: string) => new SemanticVersion(text);

/** Kubernetes' type for versions, such as `semver("1.2.3")`. */
export function addSemanticVersions(environment: Environment): void {
  type Version = SemanticVersion;
  environment
    .registerType("Semver", { ctor: SemanticVersion, fields: {} })
    .registerFunction("semver(string): Semver", parse)
    .registerFunction("semver(string, bool): Semver", (text: string, loose: boolean) =>
      parse(loose ? normalized(text) : text),
    )
    .registerFunction("isSemver(string): bool", (text: string) => FORM.test(text))
    .registerFunction("isSemver(string, bool): bool", (text: string, loose: boolean) =>
      FORM.test(loose ? normalized(text) : text),
    )
    .registerFunction("Semver.major(): int", (it: Version) => it.numbers[0]!)
    .registerFunction("Semver.minor(): int", (it: Version) => it.numbers[1]!)
    .registerFunction("Semver.patch(): int", (it: Version) => it.numbers[2]!)
    .registerFunction("Semver.compareTo(Semver): int", (a: Version, b: Version) => BigInt(Math.sign(a.compare(b))))
    .registerFunction("Semver.isGreaterThan(Semver): bool", (a: Version, b: Version) => a.compare(b) > 0)
    .registerFunction("Semver.isLessThan(Semver): bool", (a: Version, b: Version) => a.compare(b) < 0)
    .registerOperator("Semver == Semver", (a: Version, b: Version) => a.compare(b) === 0);
}

/** Without a leading "v", with all three numbers, and these without leading zeros. */
function normalized(text: string): string {
  const [, numbers = "", rest = ""] = /^v?([\d.]*)(.*)$/.exec(text) ?? [];
  const parts = numbers.split(".").map((one) => one.replace(/^0+(?=\d)/, ""));
  while (parts.length < 3) parts.push("0");
  return parts.join(".") + rest;
}
