export { ANNOTATION_PREFIX, parseDelay, type PodBehaviour } from "./behaviour.ts";
export type { SimulatedNode } from "./nodeObject.ts";
export { runSimulatedNodes, SimulatedNodes, type SimulatedNodesOptions } from "./simulatedNodes.ts";
