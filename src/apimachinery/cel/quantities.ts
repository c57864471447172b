import type { Environment } from "@marcbachmann/cel-js";
import { parseQuantity, Quantity } from "../quantity.ts";

const isQuantity = (text: string): boolean => {
  try {
    return Boolean(parseQuantity(text));
  } catch {
    return false;
  }
};
const billionth = 1_000_000_000n;
const isWhole = (it: Quantity) => it.nanos % billionth === 0n;
const whole = (amount: bigint) => new Quantity(amount * billionth, "DecimalSI");

/** Kubernetes' type for amounts, such as `quantity("10Gi")`. */
export function addQuantities(environment: Environment): void {
  environment
    .registerType("Quantity", { ctor: Quantity, fields: {} })
    .registerFunction("quantity(string): Quantity", parseQuantity)
    .registerFunction("isQuantity(string): bool", isQuantity)
    .registerFunction("Quantity.sign(): int", (it: Quantity) => BigInt(Math.sign(it.compare(whole(0n)))))
    .registerFunction("Quantity.isInteger(): bool", isWhole)
    .registerFunction("Quantity.asInteger(): int", asInteger)
    .registerFunction("Quantity.asApproximateFloat(): double", (it: Quantity) => it.toNumber())
    .registerFunction("Quantity.compareTo(Quantity): int", (a: Quantity, b: Quantity) => BigInt(a.compare(b)))
    .registerFunction("Quantity.isGreaterThan(Quantity): bool", (a: Quantity, b: Quantity) => a.compare(b) > 0)
    .registerFunction("Quantity.isLessThan(Quantity): bool", (a: Quantity, b: Quantity) => a.compare(b) < 0)
    .registerFunction("Quantity.add(Quantity): Quantity", (a: Quantity, b: Quantity) => a.add(b))
    .registerFunction("Quantity.add(int): Quantity", (a: Quantity, b: bigint) => a.add(whole(b)))
    .registerFunction("Quantity.sub(Quantity): Quantity", (a: Quantity, b: Quantity) => a.sub(b))
    .registerFunction("Quantity.sub(int): Quantity", (a: Quantity, b: bigint) => a.sub(whole(b)))
    .registerOperator("Quantity == Quantity", (a: Quantity, b: Quantity) => a.compare(b) === 0);
}

function asInteger(it: Quantity): bigint {
  if (!isWhole(it)) throw new Error("cannot convert value to integer");
  return it.nanos / billionth;
}
