export { isReady } from "../controllers/pods.ts";
export { type Cluster, type ClusterOptions, createCluster, testCluster } from "./cluster.ts";
export * from "./manifests.ts";
export type { ContainerUsage, UsageOf } from "./usage.ts";
export { scaleOf, type Witness, witness } from "./witness.ts";
