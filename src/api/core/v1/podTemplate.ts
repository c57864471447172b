import { deepEqual } from "../../../apimachinery/equal.ts";
import { root } from "../../../apimachinery/fieldErrors.ts";
import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { nameColumn } from "../../columns.ts";
import { formatLabels } from "./columns/shared.ts";
import { templateColumns } from "./columns/template.ts";
import { podTemplateDefaults } from "./defaults/pod.ts";
import { PodTemplateSpec } from "./podSpec.ts";
import { validatePodTemplateSpec } from "./validation/podSpec.ts";
import { podSpecWarnings } from "./warnings/pod.ts";

export const PodTemplateSchema = message(
  "io.k8s.api.core.v1.PodTemplate",
  {
    apiVersion: string(0).doc("API group and version of this object."),
    kind: string(0).doc("What kind of object this is."),
    metadata: struct(1, ObjectMeta).doc("What every stored object says about itself."),
    template: struct(2, PodTemplateSpec).doc("What Pods made from it look like."),
  },
  { doc: "A description of Pods that others can refer to." },
);
export interface PodTemplate extends Infer<typeof PodTemplateSchema> {}

export const PodTemplate = defineKind<PodTemplate>({
  group: "",
  version: "v1",
  kind: "PodTemplate",
  plural: "podtemplates",
  scope: "Namespaced",
  schema: PodTemplateSchema,
  generation: ["template"],
  defaults: ({ template }) => podTemplateDefaults(template),
  validate: ({ template }) => validatePodTemplateSpec(template, root.child("template")),
  warnings,
  columns: [
    nameColumn(),
    ...templateColumns<PodTemplate>(({ template }) => template),
    {
      name: "Pod Labels",
      type: "string",
      description: "Labels of the Pods.",
      value: ({ template }) => formatLabels(template.metadata.labels),
    },
  ],
});

function warnings({ template }: PodTemplate, old?: PodTemplate): string[] {
  if (old && deepEqual(template, old.template)) return [];
  return podSpecWarnings(template.spec).map((warning) => warning.replace(/^spec\./, "template.spec."));
}
