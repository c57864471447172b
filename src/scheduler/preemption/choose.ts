import { startOf, type Victims } from "./victims.ts";

/** A node where room can be made. */
export interface Candidate {
  readonly nodeName: string;
  readonly victims: Victims;
}

/** The offset that makes sums of negative priorities grow with the number of victims, as Kubernetes has it. */
const OFFSET = 2 ** 31;

/** In the order in which they decide; the least is best. */
const CRITERIA: readonly ((victims: Victims) => number)[] = [
  ({ violations }) => violations,
  ({ pods }) => pods[0]!.priority,
  ({ pods }) => pods.reduce((sum, { priority }) => sum + priority + OFFSET, 0),
  ({ pods }) => pods.length,
  ({ pods }) => -earliestStart(pods),
];

/** When the first of the most important victims began to run. */
function earliestStart(pods: Victims["pods"]): number {
  const most = pods[0]!.priority;
  return Math.min(...pods.filter(({ priority }) => priority === most).map(startOf));
}

/** The candidate whose victims matter least. */
export function chooseCandidate(candidates: readonly Candidate[]): Candidate | undefined {
  const free = candidates.find(({ victims }) => victims.pods.length === 0);
  if (free) return free;
  let left = candidates;
  for (const criterion of CRITERIA) {
    if (left.length <= 1) break;
    const values = left.map(({ victims }) => criterion(victims));
    const least = Math.min(...values);
    left = left.filter((_, i) => values[i] === least);
  }
  return left[0];
}
