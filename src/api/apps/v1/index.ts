export { ControllerRevision, ControllerRevisionSchema } from "./controllerRevision.ts";
export { DaemonSet, DaemonSetSchema, TEMPLATE_GENERATION } from "./daemonSet.ts";
export * from "./daemonSetMessages.ts";
export { Deployment, DeploymentSchema } from "./deployment.ts";
export * from "./messages.ts";
export { ReplicaSet, ReplicaSetSchema } from "./replicaSet.ts";
export { StatefulSet, StatefulSetSchema } from "./statefulSet.ts";
export * from "./statefulSetMessages.ts";
