import type { Node } from "./node.ts";

/** Whether there is such a node, and its kubelet says that it can take Pods. */
export const isNodeReady = (node: Pick<Node, "status"> | undefined): boolean =>
  node?.status.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
