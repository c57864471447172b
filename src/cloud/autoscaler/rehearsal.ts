import type { Node, Pod } from "../../api/core/v1/index.ts";

/**
 * A cluster that is only thought of, judged by the scheduler's own filters; whoever runs the autoscaler brings one along.
 * Whatever is done after `mark()` can be taken back.
 */
export interface Rehearsal {
  /** Adds a node, or puts it in the place of the one of its name. `like`: the node whose volume limits it would have. */
  addNode(node: Node, like?: string): void;
  removeNode(name: string): void;
  /** Counts the Pod on the node, and no longer where it was. */
  place(pod: Pod, nodeName: string): void;
  take(pod: Pod): void;
  podsOn(nodeName: string): readonly Pod[];
  /** Why the Pod could not run there, in the scheduler's words. */
  obstacle(pod: Pod, nodeName: string): string | undefined;
  /** The first of these nodes that would take the Pod. */
  findRoom(pod: Pod, among: Iterable<string>): string | undefined;
  mark(): number;
  rollBack(mark: number): void;
}
