const CONTEXT = 3;

/** Lines of the old text [from, to) that are replaced by those of the new text [newFrom, newTo). */
interface Change {
  from: number;
  to: number;
  newFrom: number;
  newTo: number;
}

/** Two texts' differences as `diff -u` prints them, without its heading; equal texts have none. */
export function unifiedDiff(old: readonly string[], now: readonly string[]): string {
  return hunks(changes(old, now))
    .map((group) => printHunk(group, old, now))
    .join("");
}

/** By the longest common subsequence of what is left between the common beginning and end. */
function changes(old: readonly string[], now: readonly string[]): Change[] {
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start++;
  let end = 0;
  while (end < old.length - start && end < now.length - start && old.at(-1 - end) === now.at(-1 - end)) end++;
  const kept = commonLines(old.slice(start, old.length - end), now.slice(start, now.length - end));
  const out: Change[] = [];
  let at = { old: start, now: start };
  for (const [i, j] of [
    ...kept.map(([i, j]) => [i + start, j + start] as const),
    [old.length - end, now.length - end],
  ]) {
    if (i! > at.old || j! > at.now) out.push({ from: at.old, to: i!, newFrom: at.now, newTo: j! });
    at = { old: i! + 1, now: j! + 1 };
  }
  return out;
}

/** Pairs of indices of a longest common subsequence. */
function commonLines(a: readonly string[], b: readonly string[]): [number, number][] {
  if (a.length === 0 || b.length === 0) return [];
  const width = b.length + 1;
  const lengths = new Uint32Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i--) {
    for (let j = b.length - 1; j >= 0; j--) {
      const at = i * width + j;
      lengths[at] = a[i] === b[j] ? lengths[at + width + 1]! + 1 : Math.max(lengths[at + width]!, lengths[at + 1]!);
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    if (a[i] === b[j]) pairs.push([i++, j++]);
    else if (lengths[(i + 1) * width + j]! >= lengths[i * width + j + 1]!) i++;
    else j++;
  }
  return pairs;
}

/** Changes near each other are printed together. */
function hunks(all: readonly Change[]): Change[][] {
  const groups: Change[][] = [];
  for (const change of all) {
    const last = groups.at(-1);
    if (last !== undefined && change.from - last.at(-1)!.to <= 2 * CONTEXT) last.push(change);
    else groups.push([change]);
  }
  return groups;
}

const range = (from: number, to: number) => {
  const length = to - from;
  if (length === 1) return `${from + 1}`;
  return `${length === 0 ? from : from + 1},${length}`;
};

function printHunk(group: readonly Change[], old: readonly string[], now: readonly string[]): string {
  const [first, last] = [group[0]!, group.at(-1)!];
  const from = Math.max(0, first.from - CONTEXT);
  const to = Math.min(old.length, last.to + CONTEXT);
  const newFrom = first.newFrom - (first.from - from);
  const newTo = last.newTo + (to - last.to);
  const lines = [`@@ -${range(from, to)} +${range(newFrom, newTo)} @@`];
  let at = from;
  for (const change of group) {
    lines.push(...old.slice(at, change.from).map((line) => ` ${line}`));
    lines.push(...old.slice(change.from, change.to).map((line) => `-${line}`));
    lines.push(...now.slice(change.newFrom, change.newTo).map((line) => `+${line}`));
    at = change.to;
  }
  lines.push(...old.slice(at, to).map((line) => ` ${line}`));
  return `${lines.join("\n")}\n`;
}
