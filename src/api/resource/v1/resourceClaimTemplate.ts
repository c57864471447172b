import { deepEqual } from "../../../apimachinery/equal.ts";
import { fieldInvalid, root } from "../../../apimachinery/fieldErrors.ts";
import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { fillDeviceClaim, shownClaim } from "./claimDefaults.ts";
import { ResourceClaimSpec } from "./claims.ts";
import { validateDeviceClaim } from "./claimValidation.ts";

export const ResourceClaimTemplateSpec = message(
  "io.k8s.api.resource.v1.ResourceClaimTemplateSpec",
  {
    metadata: struct(1, ObjectMeta).doc("Labels and annotations of the claims."),
    spec: struct(2, ResourceClaimSpec).required.doc("What the claims ask for."),
  },
  { doc: "A claim as it is made for each Pod." },
);
export interface ResourceClaimTemplateSpec extends Infer<typeof ResourceClaimTemplateSpec> {}

export const ResourceClaimTemplateSchema = message(
  "io.k8s.api.resource.v1.ResourceClaimTemplate",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    spec: struct(2, ResourceClaimTemplateSpec).required.doc("The claim to make. Cannot be changed."),
  },
  { doc: "From which each Pod that names it gets a ResourceClaim of its own." },
);
export interface ResourceClaimTemplate extends Infer<typeof ResourceClaimTemplateSchema> {}

export const ResourceClaimTemplate = defineKind<ResourceClaimTemplate>({
  group: "resource.k8s.io",
  version: "v1",
  kind: "ResourceClaimTemplate",
  plural: "resourceclaimtemplates",
  scope: "Namespaced",
  schema: ResourceClaimTemplateSchema,
  defaults: ({ spec }) => fillDeviceClaim(spec.spec.devices),
  validateCreate: ({ spec }) => validateDeviceClaim(spec.spec.devices, root.child("spec", "spec", "devices")),
  validateUpdate: ({ spec }, { spec: old }) =>
    deepEqual(spec, old) ? [] : [fieldInvalid(root.child("spec"), shown(spec), "field is immutable")],
  columns: [nameColumn(), ageColumn()],
});

const shown = ({ metadata, spec }: ResourceClaimTemplateSpec) => ({
  ObjectMeta: metadata,
  Spec: { Devices: shownClaim(spec.devices) },
});
