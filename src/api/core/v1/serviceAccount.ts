import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { bool, type Infer, list, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "./columns/shared.ts";
import { LocalObjectReference, ObjectReference } from "./references.ts";

export const ServiceAccountSchema = message(
  "io.k8s.api.core.v1.ServiceAccount",
  {
    apiVersion: string(0).doc("API group and version of this object."),
    kind: string(0).doc("What kind of object this is."),
    metadata: struct(1, ObjectMeta).doc("What every stored object says about itself."),
    secrets: list(2, ObjectReference).listMap("name").merge("name").doc("Secrets that Pods of this account may use."),
    imagePullSecrets: list(3, LocalObjectReference).atomicList.doc(
      "Secrets for pulling images that Pods of this account get.",
    ),
    automountServiceAccountToken: bool(4).optional.doc(
      "Whether Pods of this account get a token, unless they say so themselves.",
    ),
  },
  { doc: "An identity for the programs in Pods." },
);
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
