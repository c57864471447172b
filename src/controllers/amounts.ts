/** A number, or a percentage of `total`. */
export function scaledAmount(amount: number | string | undefined, total: number, round: (x: number) => number): number {
  if (typeof amount === "string" && amount.endsWith("%")) return round((Number(amount.slice(0, -1)) * total) / 100);
  return Number(amount ?? 0) || 0;
}
