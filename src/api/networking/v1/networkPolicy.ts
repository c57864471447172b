import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { NetworkPolicySpec } from "./networkPolicyMessages.ts";

export const NetworkPolicySchema = message("io.k8s.api.networking.v1.NetworkPolicy", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, NetworkPolicySpec),
});
export interface NetworkPolicy extends Infer<typeof NetworkPolicySchema> {}

export const NetworkPolicy = defineKind<NetworkPolicy>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "NetworkPolicy",
  plural: "networkpolicies",
  shortNames: ["netpol"],
  scope: "Namespaced",
  schema: NetworkPolicySchema,
  generation: ["spec"],
  columns: [nameColumn(), ageColumn()],
});
