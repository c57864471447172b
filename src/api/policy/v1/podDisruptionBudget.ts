import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { PodDisruptionBudgetSpec, PodDisruptionBudgetStatus } from "./podDisruptionBudgetMessages.ts";

export const PodDisruptionBudgetSchema = message("io.k8s.api.policy.v1.PodDisruptionBudget", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, PodDisruptionBudgetSpec),
  status: struct(3, PodDisruptionBudgetStatus),
});
export interface PodDisruptionBudget extends Infer<typeof PodDisruptionBudgetSchema> {}

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
  columns: [nameColumn(), ageColumn()],
});
