import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { nameColumn } from "../../columns.ts";
import { podTemplateDefaults } from "../../core/v1/defaults/pod.ts";
import { ReplicaSetSpec, ReplicaSetStatus } from "./replicaSetMessages.ts";
import {
  validateReplicaSet,
  validateReplicaSetStatusUpdate,
  validateReplicaSetUpdate,
} from "./replicaSetValidation.ts";
import { templateWarnings, workloadColumns } from "./workload.ts";

export const ReplicaSetSchema = message(
  "io.k8s.api.apps.v1.ReplicaSet",
  {
    apiVersion: string(0).doc("API group and version of this object."),
    kind: string(0).doc("What kind of object this is."),
    metadata: struct(1, ObjectMeta).doc("What every stored object says about itself."),
    spec: struct(2, ReplicaSetSpec).doc("What is wanted."),
    status: struct(3, ReplicaSetStatus).doc("What is observed."),
  },
  { doc: "Keeps a number of equal Pods running." },
);
export interface ReplicaSet extends Infer<typeof ReplicaSetSchema> {}

export const ReplicaSet = defineKind<ReplicaSet>({
  group: "apps",
  version: "v1",
  kind: "ReplicaSet",
  plural: "replicasets",
  shortNames: ["rs"],
  categories: ["all"],
  scope: "Namespaced",
  schema: ReplicaSetSchema,
  status: true,
  scale: { specReplicas: ".spec.replicas", statusReplicas: ".status.replicas", selector: ".spec.selector" },
  generation: ["spec"],
  defaults({ spec }) {
    spec.replicas ??= 1;
    podTemplateDefaults(spec.template);
  },
  validate: validateReplicaSet,
  validateUpdate: validateReplicaSetUpdate,
  validateStatusUpdate: validateReplicaSetStatusUpdate,
  warnings: templateWarnings,
  selectableFields: { "status.replicas": ({ status }) => String(status.replicas) },
  columns: [
    nameColumn(),
    {
      name: "Desired",
      type: "integer",
      description: "Pods that are wanted.",
      value: ({ spec }) => spec.replicas ?? 0,
    },
    {
      name: "Current",
      type: "integer",
      description: "Pods that are not terminating.",
      value: ({ status }) => status.replicas,
    },
    {
      name: "Ready",
      type: "integer",
      description: "Pods that are ready.",
      value: ({ status }) => status.readyReplicas ?? 0,
    },
    ...workloadColumns<ReplicaSet>(),
  ],
});
