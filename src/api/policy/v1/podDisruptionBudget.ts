import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { pathSegmentName } from "../../../apimachinery/validation/names.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { PodDisruptionBudgetSpec, PodDisruptionBudgetStatus } from "./podDisruptionBudgetMessages.ts";
import {
  validatePodDisruptionBudget,
  validatePodDisruptionBudgetStatusUpdate,
} from "./podDisruptionBudgetValidation.ts";

export const PodDisruptionBudgetSchema = message(
  "io.k8s.api.policy.v1.PodDisruptionBudget",
  {
    apiVersion: string(0).doc("API group and version of this object."),
    kind: string(0).doc("What kind of object this is."),
    metadata: struct(1, ObjectMeta).doc("What every stored object says about itself."),
    spec: struct(2, PodDisruptionBudgetSpec).doc("What is wanted."),
    status: struct(3, PodDisruptionBudgetStatus).doc("What is observed."),
  },
  { doc: "Limits how many of a set of Pods may be missing at once because someone evicts them." },
);
export interface PodDisruptionBudget extends Infer<typeof PodDisruptionBudgetSchema> {}

const orNone = (amount: number | string | undefined): string => (amount === undefined ? "N/A" : String(amount));

export const PodDisruptionBudget = defineKind<PodDisruptionBudget>({
  group: "policy",
  version: "v1",
  kind: "PodDisruptionBudget",
  plural: "poddisruptionbudgets",
  shortNames: ["pdb"],
  scope: "Namespaced",
  schema: PodDisruptionBudgetSchema,
  status: true,
  generation: ["spec"],
  validate: validatePodDisruptionBudget,
  validateStatusUpdate: validatePodDisruptionBudgetStatusUpdate,
  validateName: pathSegmentName,
  plainFinalizers: true,
  columns: [
    nameColumn(),
    {
      name: "Min Available",
      type: "string",
      description: "How many Pods must stay healthy.",
      value: ({ spec }) => orNone(spec.minAvailable),
    },
    {
      name: "Max Unavailable",
      type: "string",
      description: "How many Pods may be missing.",
      value: ({ spec }) => orNone(spec.maxUnavailable),
    },
    {
      name: "Allowed Disruptions",
      type: "integer",
      description: "How many Pods may be evicted now.",
      value: ({ status }) => status.disruptionsAllowed,
    },
    ageColumn(),
  ],
});
