/** What was asked of a register, and what was answered. Values are unlike each other; undefined: there is none. */
export type Asked =
  | { readonly type: "read"; readonly value: string | undefined }
  /** replaces `from` by `to` in one step; "refused": because it held something else */
  | {
      readonly type: "swap";
      readonly from: string | undefined;
      readonly to: string | undefined;
      readonly outcome: "done" | "refused" | "unknown";
    };

export interface Operation {
  readonly client: number;
  readonly asked: Asked;
  /** instants of one clock */
  readonly began: number;
  /** of no meaning when the outcome is unknown */
  readonly ended: number;
}

export type Verdict =
  | { readonly linearizable: true }
  /** `stuck`: the operation that fits nowhere after the longest order that was found */
  | {
      readonly linearizable: false;
      readonly ordered: number;
      readonly stuck: Operation;
      readonly value: string | undefined;
    };

/** The register after an operation, or "impossible" when it cannot have been answered so. */
function after(value: string | undefined, asked: Asked): string | undefined | typeof IMPOSSIBLE {
  if (asked.type === "read") return asked.value === value ? value : IMPOSSIBLE;
  if (asked.outcome === "refused") return asked.from === value ? IMPOSSIBLE : value;
  return asked.from === value ? asked.to : IMPOSSIBLE;
}
const IMPOSSIBLE = Symbol("impossible");

/** A beginning or an end, in a list from which what has been ordered is taken out. */
interface Moment {
  readonly operation: number;
  /** the end of the operation that begins here; undefined at an end, and where the end is unknown */
  readonly end: Moment | undefined;
  readonly begins: boolean;
  before: Moment;
  next: Moment | undefined;
}

function momentsOf(operations: readonly Operation[]): Moment {
  const head = { operation: -1, begins: false, end: undefined } as unknown as Moment;
  const moments: { at: number; moment: Moment }[] = [];
  for (const [operation, { began, ended, asked }] of operations.entries()) {
    const unknown = asked.type === "swap" && asked.outcome === "unknown";
    const end = unknown ? undefined : ({ operation, begins: false, end: undefined } as unknown as Moment);
    moments.push({ at: began, moment: { operation, begins: true, end } as unknown as Moment });
    if (end) moments.push({ at: ended, moment: end });
  }
  // Of what has the same instant, beginnings come first: then the operations overlap, which allows more.
  moments.sort((a, b) => a.at - b.at || Number(b.moment.begins) - Number(a.moment.begins));
  let last = head;
  for (const { moment } of moments) {
    moment.before = last;
    last.next = moment;
    last = moment;
  }
  return head;
}

function takeOut(moment: Moment): void {
  moment.before.next = moment.next;
  if (moment.next) moment.next.before = moment.before;
}
function putBack(moment: Moment): void {
  moment.before.next = moment;
  if (moment.next) moment.next.before = moment;
}

/** Which operations have been ordered. */
class Ordered {
  readonly #words: Uint32Array;
  count = 0;
  constructor(size: number) {
    this.#words = new Uint32Array(Math.ceil(size / 32));
  }
  flip(index: number, by: 1 | -1): void {
    this.#words[index >> 5]! ^= 1 << (index & 31);
    this.count += by;
  }
  /** The same for the same set. */
  get key(): string {
    return Buffer.from(this.#words.buffer).toString("latin1");
  }
}

/** Searches an order for the operations of one register that holds `initial` at first. */
export function checkRegister(operations: readonly Operation[], initial?: string): Verdict {
  const head = momentsOf(operations);
  let open = operations.filter(({ asked }) => asked.type === "read" || asked.outcome !== "unknown").length;
  let value = initial;
  const ordered = new Ordered(operations.length);
  const seen = new Set<string>();
  const path: { moment: Moment; value: string | undefined }[] = [];
  let furthest: { ordered: number; stuck: number; value: string | undefined } = { ordered: -1, stuck: 0, value };
  let at = head.next;
  while (open > 0) {
    if (at?.begins) {
      const next = after(value, operations[at.operation]!.asked);
      if (next !== IMPOSSIBLE && isNew(ordered, at.operation, next, seen)) {
        path.push({ moment: at, value });
        value = next;
        if (at.end) open--;
        if (at.end) takeOut(at.end);
        takeOut(at);
        at = head.next;
      } else at = at.next;
      continue;
    }
    // An operation ends here that nothing before it leaves room for: the last choice was wrong.
    if (at && ordered.count > furthest.ordered) furthest = { ordered: ordered.count, stuck: at.operation, value };
    const choice = path.pop();
    if (!choice) {
      return {
        linearizable: false,
        ordered: furthest.ordered,
        stuck: operations[furthest.stuck]!,
        value: furthest.value,
      };
    }
    const { moment } = choice;
    value = choice.value;
    ordered.flip(moment.operation, -1);
    putBack(moment);
    if (moment.end) putBack(moment.end);
    if (moment.end) open++;
    at = moment.next;
  }
  return { linearizable: true };
}

/** Marks the operation as ordered, unless the same set with the same value has been tried. */
function isNew(ordered: Ordered, operation: number, value: string | undefined, seen: Set<string>): boolean {
  ordered.flip(operation, 1);
  const key = `${value}|${ordered.key}`;
  if (!seen.has(key)) {
    seen.add(key);
    return true;
  }
  ordered.flip(operation, -1);
  return false;
}

/** Checks each register by itself: a history is linearizable when each of its registers' is. */
export function checkHistory(history: ReadonlyMap<string, readonly Operation[]>): Map<string, Verdict> {
  return new Map([...history].map(([key, operations]) => [key, checkRegister(operations)]));
}
