import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { labelName } from "../../../apimachinery/validation/names.ts";
import { ageColumn, nameColumn } from "./columns/shared.ts";
import { NamespaceSpec, NamespaceStatus } from "./namespaceSpec.ts";
import { validateNamespace, validateNamespaceStatusUpdate } from "./validation/namespace.ts";

export const NamespaceSchema = message(
  "io.k8s.api.core.v1.Namespace",
  {
    apiVersion: string(0).doc("API group and version of this object."),
    kind: string(0).doc("What kind of object this is."),
    metadata: struct(1, ObjectMeta).doc("What every stored object says about itself."),
    spec: struct(2, NamespaceSpec).doc("What is wanted of it."),
    status: struct(3, NamespaceStatus).doc("What is known of it."),
  },
  { doc: "A space for names: most objects live in one." },
);
export interface Namespace extends Infer<typeof NamespaceSchema> {}

export const Namespace = defineKind<Namespace>({
  group: "",
  version: "v1",
  kind: "Namespace",
  plural: "namespaces",
  shortNames: ["ns"],
  scope: "Cluster",
  schema: NamespaceSchema,
  verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
  status: true,
  subresources: {
    finalize: { verbs: ["update"] },
  },
  columns: [
    nameColumn,
    {
      name: "Status",
      type: "string",
      description: "Active, or Terminating while its content is being removed.",
      value: ({ status }) => status.phase ?? "",
    },
    ageColumn,
  ],
  defaults(namespace) {
    const { metadata, status } = namespace;
    // the name as a label, so that selectors can name namespaces
    const label = "kubernetes.io/metadata.name";
    if (metadata.name && metadata.labels?.[label] !== metadata.name) {
      metadata.labels = { ...metadata.labels, [label]: metadata.name };
    }
    status.phase ||= "Active";
  },
  validateName: labelName,
  validate: validateNamespace,
  validateStatusUpdate: validateNamespaceStatusUpdate,
  selectableFields: { "status.phase": ({ status }) => status.phase ?? "" },
});
