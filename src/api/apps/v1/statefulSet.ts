import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { labelName } from "../../../apimachinery/validation/names.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { templateColumns } from "../../core/v1/columns/template.ts";
import { podTemplateDefaults } from "../../core/v1/defaults/pod.ts";
import { persistentVolumeClaimSpecDefaults } from "../../core/v1/defaults/volumes.ts";
import { StatefulSetSpec, StatefulSetStatus } from "./statefulSetMessages.ts";
import {
  validateStatefulSet,
  validateStatefulSetStatusUpdate,
  validateStatefulSetUpdate,
} from "./statefulSetValidation.ts";
import { templateWarnings } from "./workload.ts";

export const StatefulSetSchema = message(
  "io.k8s.api.apps.v1.StatefulSet",
  {
    apiVersion: string(0).doc("API group and version of this object."),
    kind: string(0).doc("What kind of object this is."),
    metadata: struct(1, ObjectMeta).doc("What every stored object says about itself."),
    spec: struct(2, StatefulSetSpec).doc("What is wanted."),
    status: struct(3, StatefulSetStatus).doc("What is observed."),
  },
  { doc: "Keeps Pods running that each have a name and storage of their own, whichever node they are on." },
);
export interface StatefulSet extends Infer<typeof StatefulSetSchema> {}

export const StatefulSet = defineKind<StatefulSet>({
  group: "apps",
  version: "v1",
  kind: "StatefulSet",
  plural: "statefulsets",
  shortNames: ["sts"],
  categories: ["all"],
  scope: "Namespaced",
  schema: StatefulSetSchema,
  status: true,
  scale: { specReplicas: ".spec.replicas", statusReplicas: ".status.replicas", selector: ".spec.selector" },
  generation: ["spec"],
  defaults,
  validate: validateStatefulSet,
  validateUpdate: validateStatefulSetUpdate,
  validateStatusUpdate: validateStatefulSetStatusUpdate,
  validateName: labelName,
  warnings,
  columns: [
    nameColumn(),
    {
      name: "Ready",
      type: "string",
      description: "Ready Pods of those wanted.",
      value: ({ spec, status }) => `${status.readyReplicas ?? 0}/${spec.replicas ?? 0}`,
    },
    ageColumn(),
    ...templateColumns<StatefulSet>(({ spec }) => spec.template, 1),
  ],
});

function defaults({ spec }: StatefulSet): void {
  spec.podManagementPolicy ||= "OrderedReady";
  strategyDefaults(spec);
  spec.persistentVolumeClaimRetentionPolicy ??= {};
  spec.persistentVolumeClaimRetentionPolicy.whenDeleted ||= "Retain";
  spec.persistentVolumeClaimRetentionPolicy.whenScaled ||= "Retain";
  spec.replicas ??= 1;
  spec.revisionHistoryLimit ??= 10;
  podTemplateDefaults(spec.template);
  for (const claim of spec.volumeClaimTemplates ?? []) {
    if (claim.apiVersion !== "v1") claim.apiVersion = "v1";
    if (claim.kind !== "PersistentVolumeClaim") claim.kind = "PersistentVolumeClaim";
    claim.status.phase ||= "Pending";
    persistentVolumeClaimSpecDefaults(claim.spec);
  }
}

/** Whoever names the type and leaves `rollingUpdate` out gets none; it means the same. */
function strategyDefaults({ updateStrategy }: StatefulSetSpec): void {
  if (!updateStrategy.type) {
    updateStrategy.type = "RollingUpdate";
    updateStrategy.rollingUpdate ??= {};
  }
  if (updateStrategy.type === "RollingUpdate" && updateStrategy.rollingUpdate) {
    updateStrategy.rollingUpdate.partition ??= 0;
  }
}

function warnings(statefulSet: StatefulSet, old?: StatefulSet): string[] {
  const keepsAll = (statefulSet.spec.revisionHistoryLimit ?? 0) < 0;
  return [
    ...templateWarnings(statefulSet, old),
    ...(keepsAll
      ? ["spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended"]
      : []),
  ];
}
