/** One figure. `reference` is what it is compared with, in the same unit. */
export interface Row {
  name: string;
  value: number;
  unit: string;
  reference?: number;
}

export function printRows(title: string, rows: readonly Row[]): void {
  console.log(`\n${title}`);
  for (const { name, value, unit, reference } of rows) {
    const ratio = reference ? `   ${(value / reference).toFixed(2)} × Kubernetes (${reference} ${unit})` : "";
    console.log(`  ${name.padEnd(34)} ${value.toFixed(value < 10 ? 2 : 0).padStart(9)} ${unit.padEnd(3)}${ratio}`);
  }
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)]!;
}
