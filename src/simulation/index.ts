export { ANNOTATION_PREFIX, type PodBehaviour, parseDelay } from "./behaviour.ts";
export { type FleetOptions, fleet, LARGEST_FLEET } from "./fleet.ts";
export type { SimulatedNode } from "./nodeObject.ts";
export { behaviourByRules, followRules, type PodRule, parseRules, RuleError } from "./rules.ts";
export { runSimulatedNodes, SimulatedNodes, type SimulatedNodesOptions } from "./simulatedNodes.ts";
