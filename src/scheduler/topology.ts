import type { Node } from "../api/core/v1/index.ts";
import { grownInt32 } from "./slotArray.ts";

/** One node label over all nodes: each value has a small number, so that Pods per place are counted in arrays. */
export class TopologyColumn {
  readonly key: string;
  /** number of the value by slot; -1: the node has no such label */
  ids = new Int32Array(64).fill(-1);
  readonly values: string[] = [];
  readonly #numbers = new Map<string, number>();
  /** how many nodes have the label */
  present = 0;

  constructor(key: string) {
    this.key = key;
  }
  set(slot: number, node: Node | undefined): void {
    if (slot >= this.ids.length) {
      const from = this.ids.length;
      this.ids = grownInt32(this.ids, slot + 1).fill(-1, from);
    }
    const value = node?.metadata.labels?.[this.key];
    const id = value === undefined ? -1 : this.#number(value);
    this.present += (id >= 0 ? 1 : 0) - (this.ids[slot]! >= 0 ? 1 : 0);
    this.ids[slot] = id;
  }
  at(slot: number): number {
    return slot < this.ids.length ? this.ids[slot]! : -1;
  }

  #number(value: string): number {
    let number = this.#numbers.get(value);
    if (number === undefined) {
      number = this.values.push(value) - 1;
      this.#numbers.set(value, number);
    }
    return number;
  }
}
