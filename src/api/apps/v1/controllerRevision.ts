import { sameRaw } from "../../../apimachinery/decode.ts";
import { type FieldError, fieldInvalid, fieldRequired, root } from "../../../apimachinery/fieldErrors.ts";
import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, int64, message, rawExtension, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";

export const ControllerRevisionSchema = message(
  "io.k8s.api.apps.v1.ControllerRevision",
  {
    apiVersion: string(0).doc("API group and version of this object."),
    kind: string(0).doc("What kind of object this is."),
    metadata: struct(1, ObjectMeta).doc("What every stored object says about itself."),
    data: rawExtension(2).always.doc("The state as its controller wrote it. Never changes."),
    revision: int64(3).always.required.doc("Which state it is; a later one has a higher number."),
  },
  { doc: "A state that a StatefulSet or a DaemonSet was in, kept so that it can be rolled back to." },
);
export interface ControllerRevision extends Infer<typeof ControllerRevisionSchema> {}

export const ControllerRevision = defineKind<ControllerRevision>({
  group: "apps",
  version: "v1",
  kind: "ControllerRevision",
  plural: "controllerrevisions",
  scope: "Namespaced",
  schema: ControllerRevisionSchema,
  validate,
  validateUpdate({ data }, old) {
    return sameRaw(data, old.data) ? [] : [fieldInvalid(root.child("data"), data, "field is immutable")];
  },
  columns: [
    nameColumn(),
    {
      name: "Controller",
      type: "string",
      description: "The object whose state it is.",
      value: controllerName,
    },
    {
      name: "Revision",
      type: "string",
      description: "Which state it is.",
      value: ({ revision }) => revision,
    },
    ageColumn(),
  ],
});

function validate({ data, revision }: ControllerRevision): FieldError[] {
  const at = root.child("data");
  const errors: FieldError[] = [];
  if (data === undefined || data === null) errors.push(fieldRequired(at, "data is mandatory"));
  else if (typeof data !== "object" || Array.isArray(data)) {
    errors.push(fieldRequired(at, "data must be a valid JSON object"));
  }
  if (revision < 0) {
    errors.push(fieldInvalid(root.child("revision"), revision, "must be greater than or equal to 0"));
  }
  return errors;
}

/** As kubectl names an object: "daemonset.apps/logs". */
function controllerName({ metadata }: ControllerRevision): string {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  if (!owner) return "<none>";
  const [group] = owner.apiVersion.includes("/") ? owner.apiVersion.split("/") : [""];
  return `${owner.kind.toLowerCase()}${group ? `.${group}` : ""}/${owner.name}`;
}
