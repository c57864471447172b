import { LabelSelector } from "../../../apimachinery/meta.ts";
import {
  bool,
  type Infer,
  int32,
  int64,
  intOrString,
  list,
  message,
  string,
  struct,
  time,
} from "../../../apimachinery/schema.ts";
import { PodTemplateSpec } from "../../core/v1/messages.ts";

export const RollingUpdateDeployment = message(
  "io.k8s.api.apps.v1.RollingUpdateDeployment",
  {
    maxUnavailable: intOrString(1).optional.doc(
      "How many Pods may be missing during an update: a number, or a share of the replicas (rounded down). 25% by default.",
    ),
    maxSurge: intOrString(2).optional.doc(
      "How many Pods may exist beyond the replicas during an update: a number, or a share (rounded up). 25% by default.",
    ),
  },
  { doc: "The pace of a rolling update." },
);
export interface RollingUpdateDeployment extends Infer<typeof RollingUpdateDeployment> {}

export const DeploymentStrategy = message(
  "io.k8s.api.apps.v1.DeploymentStrategy",
  {
    type: string(1)
      .named("DeploymentStrategyType")
      .doc("RollingUpdate (default): Pods are replaced little by little. Recreate: all old ones go first."),
    rollingUpdate: struct(2, RollingUpdateDeployment).optional.doc("Only with type RollingUpdate."),
  },
  { doc: "How old Pods are replaced by new ones." },
);
export interface DeploymentStrategy extends Infer<typeof DeploymentStrategy> {}

export const DeploymentSpec = message(
  "io.k8s.api.apps.v1.DeploymentSpec",
  {
    replicas: int32(1).optional.doc("How many Pods there shall be. 1 by default."),
    selector: struct(2, LabelSelector).optional.required.doc(
      "Which Pods belong to the Deployment. Must match the template's labels and cannot be changed.",
    ),
    template: struct(3, PodTemplateSpec).required.doc("What the Pods look like. Their restart policy must be Always."),
    strategy: struct(4, DeploymentStrategy)
      .patchStrategy("retainKeys")
      .doc("How Pods are replaced when the template changes."),
    minReadySeconds: int32(5).doc("How long a Pod must be ready, without a crash, before it counts as available."),
    revisionHistoryLimit: int32(6).optional.doc("How many old ReplicaSets are kept to roll back to. 10 by default."),
    paused: bool(7).doc("While set, changes of the template are not rolled out."),
    progressDeadlineSeconds: int32(9).optional.doc(
      "Seconds without progress after which the rollout counts as failed. 600 by default.",
    ),
  },
  { doc: "What a Deployment shall be." },
);
export interface DeploymentSpec extends Infer<typeof DeploymentSpec> {}

export const DeploymentCondition = message(
  "io.k8s.api.apps.v1.DeploymentCondition",
  {
    type: string(1).named("DeploymentConditionType").always.required.doc("Available, Progressing or ReplicaFailure."),
    status: string(2).named("ConditionStatus").always.required.doc("True, False or Unknown."),
    reason: string(4).doc("Why, in one word for programs."),
    message: string(5).doc("Why, in a sentence for people."),
    lastUpdateTime: time(6).always.doc("When the condition was last written."),
    lastTransitionTime: time(7).always.doc("When the status last changed."),
  },
  { doc: "One aspect of a Deployment's state." },
);
export interface DeploymentCondition extends Infer<typeof DeploymentCondition> {}

export const DeploymentStatus = message(
  "io.k8s.api.apps.v1.DeploymentStatus",
  {
    observedGeneration: int64(1).doc("The generation of the Deployment that this status speaks of."),
    replicas: int32(2).doc("Pods that are not terminating."),
    updatedReplicas: int32(3).doc("Those of them made from the current template."),
    availableReplicas: int32(4).doc("Those of them that have been ready for minReadySeconds."),
    unavailableReplicas: int32(5).doc("How many Pods are still missing until all are available."),
    conditions: list(6, DeploymentCondition)
      .listMap("type")
      .merge("type")
      .doc("Whether the Deployment is available, progresses, or fails."),
    readyReplicas: int32(7).doc("Those of the Pods that are ready."),
    collisionCount: int32(8).optional.doc("Counts name collisions of ReplicaSets; goes into their names' hash."),
    terminatingReplicas: int32(9).optional.doc("Pods that are terminating but not gone."),
  },
  { doc: "What a Deployment is." },
);
export interface DeploymentStatus extends Infer<typeof DeploymentStatus> {}
