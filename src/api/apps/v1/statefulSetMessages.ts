import { LabelSelector } from "../../../apimachinery/meta.ts";
import {
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
import { PersistentVolumeClaimSchema } from "../../core/v1/persistentVolumeClaim.ts";
import { PodTemplateSpec } from "../../core/v1/podSpec.ts";

export const StatefulSetOrdinals = message(
  "io.k8s.api.apps.v1.StatefulSetOrdinals",
  { start: int32(1).always.doc("The number of the first Pod. 0 by default.") },
  { doc: "How the Pods are numbered." },
);
export interface StatefulSetOrdinals extends Infer<typeof StatefulSetOrdinals> {}

export const StatefulSetPersistentVolumeClaimRetentionPolicy = message(
  "io.k8s.api.apps.v1.StatefulSetPersistentVolumeClaimRetentionPolicy",
  {
    whenDeleted: string(1)
      .named("PersistentVolumeClaimRetentionPolicyType")
      .doc("When the StatefulSet is deleted: Retain (default) keeps the claims, Delete takes them along."),
    whenScaled: string(2)
      .named("PersistentVolumeClaimRetentionPolicyType")
      .doc("When a Pod is scaled away: Retain (default) keeps its claims, Delete takes them along."),
  },
  { doc: "What becomes of the claims that were made from volumeClaimTemplates." },
);
export interface StatefulSetPersistentVolumeClaimRetentionPolicy
  extends Infer<typeof StatefulSetPersistentVolumeClaimRetentionPolicy> {}

export const RollingUpdateStatefulSetStrategy = message(
  "io.k8s.api.apps.v1.RollingUpdateStatefulSetStrategy",
  {
    partition: int32(1).optional.doc("Only Pods with this number and above are updated. 0 by default: all."),
    maxUnavailable: intOrString(2).optional.doc(
      "How many Pods may be missing during an update: a number, or a share of the replicas (rounded up). 1 by default.",
    ),
  },
  { doc: "The pace of a rolling update, and how far it goes." },
);
export interface RollingUpdateStatefulSetStrategy extends Infer<typeof RollingUpdateStatefulSetStrategy> {}

export const StatefulSetUpdateStrategy = message(
  "io.k8s.api.apps.v1.StatefulSetUpdateStrategy",
  {
    type: string(1)
      .named("StatefulSetUpdateStrategyType")
      .doc("RollingUpdate (default): from the last Pod to the first. OnDelete: only Pods that someone deletes."),
    rollingUpdate: struct(2, RollingUpdateStatefulSetStrategy).optional.doc("Only with type RollingUpdate."),
  },
  { doc: "How old Pods are replaced by new ones." },
);
export interface StatefulSetUpdateStrategy extends Infer<typeof StatefulSetUpdateStrategy> {}

export const StatefulSetSpec = message(
  "io.k8s.api.apps.v1.StatefulSetSpec",
  {
    replicas: int32(1).optional.doc("How many Pods there shall be. 1 by default."),
    selector: struct(2, LabelSelector).optional.required.doc(
      "Which Pods belong to the StatefulSet. Must match the template's labels and cannot be changed.",
    ),
    template: struct(3, PodTemplateSpec).required.doc("What the Pods look like, but for their names and claims."),
    volumeClaimTemplates: list(4, PersistentVolumeClaimSchema).atomicList.doc(
      "Claims that each Pod gets for itself, and finds again when it is made anew. Volumes of the same name in the template give way.",
    ),
    serviceName: string(5).always.doc("The Service under which each Pod has a DNS name. It must be made separately."),
    podManagementPolicy: string(6)
      .named("PodManagementPolicyType")
      .doc("OrderedReady (default): one Pod after the other. Parallel: all at once."),
    updateStrategy: struct(7, StatefulSetUpdateStrategy).doc("How Pods are replaced when the template changes."),
    revisionHistoryLimit: int32(8).optional.doc("How many old templates are kept to roll back to. 10 by default."),
    minReadySeconds: int32(9).doc("How long a Pod must be ready, without a crash, before it counts as available."),
    persistentVolumeClaimRetentionPolicy: struct(10, StatefulSetPersistentVolumeClaimRetentionPolicy).optional.doc(
      "What becomes of claims that are no longer in use.",
    ),
    ordinals: struct(11, StatefulSetOrdinals).optional.doc("How the Pods are numbered."),
  },
  { doc: "What a StatefulSet shall be." },
);
export interface StatefulSetSpec extends Infer<typeof StatefulSetSpec> {}

export const StatefulSetCondition = message(
  "io.k8s.api.apps.v1.StatefulSetCondition",
  {
    type: string(1).named("StatefulSetConditionType").always.required.doc("What the condition is about."),
    status: string(2).named("ConditionStatus").always.required.doc("True, False or Unknown."),
    lastTransitionTime: time(3).always.doc("When the status last changed."),
    reason: string(4).doc("Why, in one word for programs."),
    message: string(5).doc("Why, in a sentence for people."),
  },
  { doc: "One aspect of a StatefulSet's state." },
);
export interface StatefulSetCondition extends Infer<typeof StatefulSetCondition> {}

export const StatefulSetStatus = message(
  "io.k8s.api.apps.v1.StatefulSetStatus",
  {
    observedGeneration: int64(1).doc("The generation of the StatefulSet that this status speaks of."),
    replicas: int32(2).always.required.doc("Pods that exist."),
    readyReplicas: int32(3).doc("Those of them that are ready."),
    currentReplicas: int32(4).doc("Those of them made from currentRevision."),
    updatedReplicas: int32(5).doc("Those of them made from updateRevision."),
    currentRevision: string(6).doc("The revision of Pods that an update has not reached."),
    updateRevision: string(7).doc("The revision of the current template."),
    collisionCount: int32(9).optional.doc("Counts name collisions of revisions; goes into their names' hash."),
    conditions: list(10, StatefulSetCondition).listMap("type").merge("type").doc("Further aspects of the state."),
    availableReplicas: int32(11).always.doc("Pods that have been ready for minReadySeconds."),
  },
  { doc: "What a StatefulSet is." },
);
export interface StatefulSetStatus extends Infer<typeof StatefulSetStatus> {}
