/**
 * A set of field paths, kept as the FieldsV1 that the API shows:
 *   f:<name> a field or a map's key, k:{…} an item of a keyed list, v:<value> an item of a set, i:<n> a position.
 * A step without further steps is in the set itself; one with further steps is only if "." stands among them.
 */
export interface FieldSet {
  [step: string]: FieldSet;
}

const SELF = ".";
/** Shared by all paths that end. Never written to. */
export const LEAF: FieldSet = Object.freeze({}) as FieldSet;

export function isEmpty(set: FieldSet): boolean {
  for (const _ in set) return false;
  return true;
}

/** Whether the path that ends at this node is in the set. */
export function isMember(node: FieldSet): boolean {
  return node[SELF] !== undefined || isEmpty(node);
}

/** Everything in `a` that is not in `b`; `a` itself when they have nothing in common. The root is no member. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  let result = a;
  for (const step in b) {
    const mine = a[step];
    if (step === SELF || mine === undefined) continue;
    const left = differenceBelow(mine, b[step]!);
    if (left === mine) continue;
    if (result === a) result = { ...a };
    if (left === undefined) delete result[step];
    else result[step] = left;
  }
  return result;
}

function differenceBelow(a: FieldSet, b: FieldSet): FieldSet | undefined {
  const member = isMember(a);
  const stays = member && !isMember(b);
  const children = difference(a, b);
  if (children === a && stays === member) return a;
  return node(children, stays);
}

/** A node of these children; undefined when nothing is in it. */
function node(children: FieldSet, member: boolean): FieldSet | undefined {
  const hasSelf = children[SELF] !== undefined;
  const { [SELF]: _, ...below } = children;
  if (isEmpty(below)) return member ? LEAF : undefined;
  if (hasSelf === member) return children;
  return member ? { [SELF]: LEAF, ...below } : below;
}

/** Everything in `a` or `b`; `a` itself when it has all of `b`. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  let result = a;
  for (const step in b) {
    if (step === SELF) continue;
    const mine = a[step];
    const joined = mine === undefined ? b[step]! : unionBelow(mine, b[step]!);
    if (joined === mine) continue;
    if (result === a) result = { ...a };
    result[step] = joined;
  }
  return result;
}

function unionBelow(a: FieldSet, b: FieldSet): FieldSet {
  const wasMember = isMember(a);
  const member = wasMember || isMember(b);
  const children = union(a, b);
  if (children === a && member === wasMember) return a;
  return node(children, member) as FieldSet;
}

/** Everything in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const result: FieldSet = {};
  for (const step in a) {
    const theirs = b[step];
    if (step === SELF || theirs === undefined) continue;
    const common = node(intersection(a[step]!, theirs), isMember(a[step]!) && isMember(theirs));
    if (common !== undefined) result[step] = common;
  }
  return result;
}

export function sameSet(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true;
  let count = 0;
  for (const step in a) {
    const theirs = b[step];
    if (theirs === undefined || !sameSet(a[step]!, theirs)) return false;
    count++;
  }
  for (const _ in b) count--;
  return count === 0;
}

/** The paths of a set, printed as in `.spec.containers[name="c"].image`; those that end at a node before those below. */
export function* printPaths(set: FieldSet, prefix = ""): Generator<string> {
  const steps = Object.keys(set)
    .filter((step) => step !== SELF)
    .sort();
  for (const step of steps) if (isMember(set[step]!)) yield prefix + printStep(step);
  for (const step of steps) yield* printPaths(set[step]!, prefix + printStep(step));
}

function printStep(step: string): string {
  const value = step.slice(2);
  if (step.startsWith("f:")) return `.${value}`;
  if (step.startsWith("v:")) return `[=${value}]`;
  if (step.startsWith("i:")) return `[${value}]`;
  const keys = Object.entries(JSON.parse(value) as Record<string, unknown>);
  return `[${keys.map(([name, key]) => `${name}=${JSON.stringify(key)}`).join(",")}]`;
}
