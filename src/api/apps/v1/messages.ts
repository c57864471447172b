export * from "./deploymentMessages.ts";
export * from "./replicaSetMessages.ts";
