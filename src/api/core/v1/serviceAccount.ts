import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { bool, type Infer, list, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "./columns/shared.ts";
import { LocalObjectReference, ObjectReference } from "./references.ts";

export const ServiceAccountSchema = message("io.k8s.api.core.v1.ServiceAccount", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  secrets: list(2, ObjectReference).listMap("name").merge("name"),
  imagePullSecrets: list(3, LocalObjectReference).atomicList,
  automountServiceAccountToken: bool(4).optional,
});
export interface ServiceAccount extends Infer<typeof ServiceAccountSchema> {}

export const ServiceAccount = defineKind<ServiceAccount>({
  group: "",
  version: "v1",
  kind: "ServiceAccount",
  plural: "serviceaccounts",
  shortNames: ["sa"],
  scope: "Namespaced",
  schema: ServiceAccountSchema,
  subresources: {
    token: { kind: "TokenRequest", group: "authentication.k8s.io", version: "v1", verbs: ["create"] },
  },
  columns: [nameColumn, ageColumn],
});
