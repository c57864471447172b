export { ANNOTATION_PREFIX, type PodBehaviour, parseDelay } from "./behaviour.ts";
export type { SimulatedNode } from "./nodeObject.ts";
export { runSimulatedNodes, SimulatedNodes, type SimulatedNodesOptions } from "./simulatedNodes.ts";
