/** Arrays that hold one number for each node, and grow with them. */
const FIRST = 64;

export class SlotCounts {
  values = new Int32Array(FIRST);
  total = 0;

  add(slot: number, by: number): void {
    if (slot >= this.values.length) this.values = grownInt32(this.values, slot + 1);
    this.values[slot]! += by;
    this.total += by;
  }
  at(slot: number): number {
    return slot < this.values.length ? this.values[slot]! : 0;
  }
  /** The node is gone. */
  clear(slot: number): void {
    if (slot < this.values.length) this.add(slot, -this.values[slot]!);
  }
}

export function grownInt32(old: Int32Array<ArrayBuffer>, least: number): Int32Array<ArrayBuffer> {
  const array = new Int32Array(Math.max(least, old.length * 2));
  array.set(old);
  return array;
}

export function grownFloat64(old: Float64Array<ArrayBuffer>, least: number): Float64Array<ArrayBuffer> {
  const array = new Float64Array(Math.max(least, old.length * 2));
  array.set(old);
  return array;
}
