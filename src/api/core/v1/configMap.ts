import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { bool, type Infer, map, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "./columns/shared.ts";
import { validateConfigMap, validateImmutable } from "./validation/content.ts";

export const ConfigMapSchema = message(
  "io.k8s.api.core.v1.ConfigMap",
  {
    apiVersion: string(0).doc("API group and version of this object."),
    kind: string(0).doc("What kind of object this is."),
    metadata: struct(1, ObjectMeta).doc("What every stored object says about itself."),
    data: map(2, "string").doc("Text by key."),
    binaryData: map(3, "bytes").doc("Bytes by key; keys must not stand in data, too."),
    immutable: bool(4).optional.doc("Whether the content is fixed for good, which spares kubelets watching it."),
  },
  { doc: "Settings for Pods to read, as text or bytes by key." },
);
export interface ConfigMap extends Infer<typeof ConfigMapSchema> {}

export const ConfigMap = defineKind<ConfigMap>({
  group: "",
  version: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
  shortNames: ["cm"],
  scope: "Namespaced",
  schema: ConfigMapSchema,
  columns: [
    nameColumn,
    {
      name: "Data",
      type: "string",
      description: "How many keys it holds.",
      value: ({ data = {}, binaryData = {} }) => Object.keys(data).length + Object.keys(binaryData).length,
    },
    ageColumn,
  ],
  validate: validateConfigMap,
  validateUpdate: (now, old) => validateImmutable(now, old, ["data", "binaryData"]),
});
