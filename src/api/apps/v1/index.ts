export { Deployment, DeploymentSchema } from "./deployment.ts";
export * from "./messages.ts";
export { ReplicaSet, ReplicaSetSchema } from "./replicaSet.ts";
