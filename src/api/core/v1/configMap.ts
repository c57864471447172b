import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { bool, type Infer, map, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "./columns/shared.ts";
import { validateConfigMap, validateImmutable } from "./validation/content.ts";

export const ConfigMapSchema = message("io.k8s.api.core.v1.ConfigMap", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  data: map(2, "string"),
  binaryData: map(3, "bytes"),
  immutable: bool(4).optional,
});
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
