import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { bool, type Infer, map, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "./columns/shared.ts";
import { validateSecret, validateSecretUpdate } from "./validation/content.ts";

export const SecretSchema = message(
  "io.k8s.api.core.v1.Secret",
  {
    apiVersion: string(0).doc("API group and version of this object."),
    kind: string(0).doc("What kind of object this is."),
    metadata: struct(1, ObjectMeta).doc("What every stored object says about itself."),
    data: map(2, "bytes").doc("Bytes by key, in base64."),
    type: string(3).named("SecretType").doc("What it is for, such as Opaque or kubernetes.io/tls; cannot be changed."),
    stringData: map(4, "string").doc("Text by key, merged into data when written; never read."),
    immutable: bool(5).optional.doc("Whether the content is fixed for good."),
  },
  { doc: "Something confidential for Pods to read, as bytes by key." },
);
export interface Secret extends Infer<typeof SecretSchema> {}

export const Secret = defineKind<Secret>({
  group: "",
  version: "v1",
  kind: "Secret",
  plural: "secrets",
  scope: "Namespaced",
  schema: SecretSchema,
  columns: [
    nameColumn,
    { name: "Type", type: "string", description: "What the Secret is for.", value: ({ type }) => type ?? "" },
    {
      name: "Data",
      type: "string",
      description: "How many keys it holds.",
      value: ({ data = {} }) => Object.keys(data).length,
    },
    ageColumn,
  ],
  defaults(secret) {
    secret.type ||= "Opaque";
    if (secret.stringData === undefined) return;
    // text given plainly is stored like the rest
    const encoded = Object.entries(secret.stringData).map(([key, text]) => [key, Buffer.from(text).toString("base64")]);
    secret.data = { ...secret.data, ...Object.fromEntries(encoded) };
    delete secret.stringData;
  },
  validate: validateSecret,
  validateUpdate: validateSecretUpdate,
  selectableFields: { type: ({ type }) => type ?? "" },
});
