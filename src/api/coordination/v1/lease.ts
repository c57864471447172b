import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { LeaseSpec } from "./messages.ts";

export const LeaseSchema = message("io.k8s.api.coordination.v1.Lease", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, LeaseSpec),
});
export interface Lease extends Infer<typeof LeaseSchema> {}

export const Lease = defineKind<Lease>({
  group: "coordination.k8s.io",
  version: "v1",
  kind: "Lease",
  plural: "leases",
  scope: "Namespaced",
  schema: LeaseSchema,
  columns: [],
});
