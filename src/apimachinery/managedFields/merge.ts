import { itemStep } from "./compare.ts";
import type { RootShape, Shape } from "./shape.ts";

type Struct = Readonly<Record<string, unknown>>;
type ListShape = Extract<Shape, { type: "keyed" | "set" }>;

/** The live object with everything that the applied one says; what is owned whole is replaced whole. */
export function mergeApplied(shape: RootShape, live: Struct, applied: Struct): Struct {
  return mergeStructs(shape, live, applied);
}

function merge(shape: Shape, live: unknown, applied: unknown): unknown {
  if (applied === undefined) return live;
  if (live === undefined || live === null || shape.type === "leaf") return applied;
  if (shape.type === "keyed" || shape.type === "set") return mergeLists(shape, live, applied);
  if (!isStruct(live)) return applied;
  if (!isStruct(applied)) return applied === null && Object.keys(live).length > 0 ? live : applied;
  if (shape.type === "struct") return mergeStructs(shape, live, applied);
  return mergeMaps(shape.type === "map" ? shape.element : shape, live, applied);
}

function mergeStructs(shape: RootShape, live: Struct, applied: Struct): Struct {
  const merged: Record<string, unknown> = { ...live };
  for (const name of Object.keys(applied)) {
    const slot = shape.slots.get(name);
    merged[name] = slot === undefined ? applied[name] : merge(slot.shape, live[name], applied[name]);
  }
  return merged;
}

function mergeMaps(element: Shape, live: Struct, applied: Struct): Struct {
  const merged: Record<string, unknown> = { ...live };
  for (const key of Object.keys(applied)) merged[key] = merge(element, live[key], applied[key]);
  return merged;
}

function mergeLists(shape: ListShape, live: unknown, applied: unknown): unknown {
  if (!Array.isArray(live) || !Array.isArray(applied)) return applied === null ? live : applied;
  if (live.length === 0) return applied;
  return new ListMerge(shape, live, applied).run();
}

/**
 * Walks both lists at once. The order of the applied list wins where both have an item; items that only the live list
 * has keep their place between those.
 */
class ListMerge {
  readonly #shape: ListShape;
  readonly #live: readonly unknown[];
  readonly #applied: readonly unknown[];
  readonly #liveSteps: readonly string[];
  readonly #appliedSteps: readonly string[];
  readonly #liveItems: Map<string, unknown>;
  readonly #wanted: Set<string>;
  readonly #merged = new Set<string>();
  readonly #shared: string[];
  readonly #out: unknown[] = [];

  constructor(shape: ListShape, live: readonly unknown[], applied: readonly unknown[]) {
    this.#shape = shape;
    this.#live = live;
    this.#applied = applied;
    this.#liveSteps = live.map((item) => itemStep(shape, item));
    this.#appliedSteps = applied.map((item) => itemStep(shape, item));
    this.#liveItems = new Map(this.#liveSteps.map((step, i) => [step, live[i]]));
    this.#wanted = new Set(this.#appliedSteps);
    this.#shared = this.#appliedSteps.filter((step) => this.#liveItems.has(step));
  }

  run(): unknown[] {
    let [l, a] = [0, 0];
    while (l < this.#live.length || a < this.#applied.length) {
      const [mine, theirs] = [this.#liveSteps[l], this.#appliedSteps[a]];
      if (mine !== undefined && mine === theirs) {
        this.#take(a++);
        l++;
      } else if (mine !== undefined && theirs !== undefined && this.#isSharedLater(mine)) {
        l++;
      } else if (mine !== undefined && !this.#wanted.has(mine)) {
        this.#out.push(this.#live[l++]);
      } else {
        if (mine !== undefined && this.#merged.has(mine)) l++;
        if (theirs !== undefined) this.#take(a++);
      }
    }
    return this.#out;
  }

  /** An item of both lists, but not the next one that the applied order asks for. */
  #isSharedLater(step: string): boolean {
    const next = this.#shared[0];
    return this.#wanted.has(step) && next !== undefined && next !== step;
  }

  #take(i: number): void {
    const step = this.#appliedSteps[i]!;
    this.#merged.add(step);
    this.#out.push(merge(this.#shape.element, this.#liveItems.get(step), this.#applied[i]));
    if (this.#shared[0] === step) this.#shared.shift();
  }
}

function isStruct(value: unknown): value is Struct {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
