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
import { PodTemplateSpec } from "../../core/v1/podSpec.ts";

export const RollingUpdateDaemonSet = message(
  "io.k8s.api.apps.v1.RollingUpdateDaemonSet",
  {
    maxUnavailable: intOrString(1).optional.doc(
      "On how many nodes the Pod may be missing during an update: a number, or a share of the nodes (rounded up). 1 by default.",
    ),
    maxSurge: intOrString(2).optional.doc(
      "On how many nodes a new Pod may run beside the old one during an update: a number, or a share of the nodes (rounded up). 0 by default.",
    ),
  },
  { doc: "The pace of a rolling update." },
);
export interface RollingUpdateDaemonSet extends Infer<typeof RollingUpdateDaemonSet> {}

export const DaemonSetUpdateStrategy = message(
  "io.k8s.api.apps.v1.DaemonSetUpdateStrategy",
  {
    type: string(1)
      .named("DaemonSetUpdateStrategyType")
      .doc("RollingUpdate (default): Pods are replaced node by node. OnDelete: only those that someone deletes."),
    rollingUpdate: struct(2, RollingUpdateDaemonSet).optional.doc("Only with type RollingUpdate."),
  },
  { doc: "How old Pods are replaced by new ones." },
);
export interface DaemonSetUpdateStrategy extends Infer<typeof DaemonSetUpdateStrategy> {}

export const DaemonSetSpec = message(
  "io.k8s.api.apps.v1.DaemonSetSpec",
  {
    selector: struct(1, LabelSelector).optional.required.doc(
      "Which Pods belong to the DaemonSet. Must match the template's labels and cannot be changed.",
    ),
    template: struct(2, PodTemplateSpec).required.doc(
      "What the Pods look like. There is one on each node that its node selector and affinity allow.",
    ),
    updateStrategy: struct(3, DaemonSetUpdateStrategy).doc("How Pods are replaced when the template changes."),
    minReadySeconds: int32(4).doc("How long a Pod must be ready, without a crash, before it counts as available."),
    revisionHistoryLimit: int32(6).optional.doc("How many old templates are kept to roll back to. 10 by default."),
  },
  { doc: "What a DaemonSet shall be." },
);
export interface DaemonSetSpec extends Infer<typeof DaemonSetSpec> {}

export const DaemonSetCondition = message(
  "io.k8s.api.apps.v1.DaemonSetCondition",
  {
    type: string(1).named("DaemonSetConditionType").always.required.doc("What the condition is about."),
    status: string(2).named("ConditionStatus").always.required.doc("True, False or Unknown."),
    lastTransitionTime: time(3).always.doc("When the status last changed."),
    reason: string(4).doc("Why, in one word for programs."),
    message: string(5).doc("Why, in a sentence for people."),
  },
  { doc: "One aspect of a DaemonSet's state." },
);
export interface DaemonSetCondition extends Infer<typeof DaemonSetCondition> {}

export const DaemonSetStatus = message(
  "io.k8s.api.apps.v1.DaemonSetStatus",
  {
    currentNumberScheduled: int32(1).always.required.doc("Nodes that shall run the Pod, and do."),
    numberMisscheduled: int32(2).always.required.doc("Nodes that run the Pod, but should not."),
    desiredNumberScheduled: int32(3).always.required.doc("Nodes that shall run the Pod."),
    numberReady: int32(4).always.required.doc("Nodes that shall run the Pod, and where it is ready."),
    observedGeneration: int64(5).doc("The generation of the DaemonSet that this status speaks of."),
    updatedNumberScheduled: int32(6).doc("Nodes whose Pod is made from the current template."),
    numberAvailable: int32(7).doc("Nodes where the Pod has been ready for minReadySeconds."),
    numberUnavailable: int32(8).doc("Nodes that shall run the Pod, and where it is not available."),
    collisionCount: int32(9).optional.doc("Counts name collisions of revisions; goes into their names' hash."),
    conditions: list(10, DaemonSetCondition).listMap("type").merge("type").doc("Further aspects of the state."),
  },
  { doc: "What a DaemonSet is." },
);
export interface DaemonSetStatus extends Infer<typeof DaemonSetStatus> {}
