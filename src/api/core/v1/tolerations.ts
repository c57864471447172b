import type { Taint } from "./nodeSpec.ts";
import type { Toleration } from "./podSpec.ts";

/** Whether one toleration covers one taint: empty fields cover everything, `Exists` any value. */
export function tolerates(toleration: Toleration, taint: Taint): boolean {
  if (toleration.effect && toleration.effect !== taint.effect) return false;
  if (toleration.key && toleration.key !== taint.key) return false;
  switch (toleration.operator || "Equal") {
    case "Exists":
      return true;
    case "Equal":
      return Boolean(toleration.key) && (toleration.value ?? "") === (taint.value ?? "");
    case "Gt":
      return compareIntegers(taint.value, toleration.value, (taintValue, bound) => taintValue > bound);
    case "Lt":
      return compareIntegers(taint.value, toleration.value, (taintValue, bound) => taintValue < bound);
    default:
      return false;
  }
}

function compareIntegers(a: string | undefined, b: string | undefined, compare: (a: bigint, b: bigint) => boolean) {
  return /^-?\d+$/.test(a ?? "") && /^-?\d+$/.test(b ?? "") && compare(BigInt(a!), BigInt(b!));
}
