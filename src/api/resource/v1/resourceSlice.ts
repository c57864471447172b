import {
  type FieldError,
  type FieldPath,
  fieldInvalid,
  fieldInvalidEach,
  fieldNotSupported,
  fieldRequired,
  root,
} from "../../../apimachinery/fieldErrors.ts";
import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { dns1123Label, dns1123Subdomain, qualifiedName } from "../../../apimachinery/validation/names.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { validateNodeSelector } from "../../core/v1/validation/affinity.ts";
import { validateCsiDriverName } from "../../core/v1/validation/storageVolumes.ts";
import { atMost, distinct } from "./claimValidation.ts";
import { type Device, type DeviceAttribute, type DeviceTaint, type ResourcePool, ResourceSliceSpec } from "./slices.ts";

const MOST_DEVICES = 128;
const MOST_TAINTS = 16;
const MOST_COUNTER_SETS = 8;

export const ResourceSliceSchema = message(
  "io.k8s.api.resource.v1.ResourceSlice",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    spec: struct(2, ResourceSliceSpec).required.doc("The devices, and where they are."),
  },
  { doc: "What a driver tells of devices that claims can get." },
);
export interface ResourceSlice extends Infer<typeof ResourceSliceSchema> {}

export const ResourceSlice = defineKind<ResourceSlice>({
  group: "resource.k8s.io",
  version: "v1",
  kind: "ResourceSlice",
  plural: "resourceslices",
  scope: "Cluster",
  schema: ResourceSliceSchema,
  generation: ["spec"],
  validate: ({ spec }) => validateSpec(spec, root.child("spec")),
  validateUpdate: ({ spec }, { spec: old }) =>
    [
      ...same(spec.driver, old.driver, "driver"),
      ...same(spec.pool.name, old.pool.name, "pool", "name"),
      ...same(spec.nodeName, old.nodeName, "nodeName"),
    ] satisfies FieldError[],
  selectableFields: {
    "spec.nodeName": ({ spec }) => spec.nodeName ?? "",
    "spec.driver": ({ spec }) => spec.driver,
  },
  columns: [
    nameColumn(),
    {
      name: "Node",
      type: "string",
      description: "The node that has the devices.",
      value: ({ spec }) => spec.nodeName ?? "<unset>",
    },
    { name: "Driver", type: "string", description: "Who tells of them.", value: ({ spec }) => spec.driver },
    { name: "Pool", type: "string", description: "The pool they are in.", value: ({ spec }) => spec.pool.name },
    ageColumn(),
  ],
});

function same(value: string | undefined, old: string | undefined, ...field: string[]): FieldError[] {
  return value === old ? [] : [fieldInvalid(root.child("spec", ...field), value ?? null, "field is immutable")];
}

function validateSpec(spec: ResourceSliceSpec, path: FieldPath): FieldError[] {
  const { devices = [], sharedCounters = [] } = spec;
  const at = path.child("devices");
  return [
    ...validateCsiDriverName(spec.driver, path.child("driver")),
    ...validatePool(spec.pool, path.child("pool")),
    ...validatePlace(spec, path),
    ...atMost(devices, MOST_DEVICES, at),
    ...devices.flatMap((device, i) => validateDevice(device, at.index(i))),
    ...distinct(
      devices.map(({ name }) => name),
      at,
      "name",
    ),
    ...atMost(sharedCounters, MOST_COUNTER_SETS, path.child("sharedCounters")),
    ...sharedCounters.flatMap(({ name }, i) => label(name, path.child("sharedCounters").index(i).child("name"))),
  ];
}

function label(name: string, path: FieldPath): FieldError[] {
  return name === "" ? [fieldRequired(path)] : fieldInvalidEach(path, name, dns1123Label(name));
}

function validatePool({ name, generation, resourceSliceCount }: ResourcePool, path: FieldPath): FieldError[] {
  const parts = name.split("/");
  const errors =
    name === ""
      ? [fieldRequired(path.child("name"))]
      : parts.flatMap((part) => fieldInvalidEach(path.child("name"), part, dns1123Subdomain(part)));
  if (resourceSliceCount <= 0) {
    errors.push(fieldInvalid(path.child("resourceSliceCount"), resourceSliceCount, "must be greater than zero"));
  }
  if (generation < 0) {
    errors.push(fieldInvalid(path.child("generation"), generation, "must be greater than or equal to zero"));
  }
  return errors;
}

/** Devices are on one node, on some, on all, or each says for itself. */
function validatePlace(spec: ResourceSliceSpec, path: FieldPath): FieldError[] {
  const { nodeName, nodeSelector, allNodes, perDeviceNodeSelection } = spec;
  const places = Object.entries({ nodeName, nodeSelector, allNodes, perDeviceNodeSelection })
    .filter(([, value]) => value !== undefined && value !== false)
    .map(([field]) => field);
  const fields = "exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required";
  if (places.length === 0) return [fieldRequired(path, fields)];
  if (places.length > 1)
    return [fieldInvalid(path, `{${places.join(", ")}}`, `${fields}, but multiple fields are set`)];
  if (nodeName !== undefined) return fieldInvalidEach(path.child("nodeName"), nodeName, dns1123Subdomain(nodeName));
  return nodeSelector ? validateNodeSelector(nodeSelector, path.child("nodeSelector")) : [];
}

function validateDevice(device: Device, path: FieldPath): FieldError[] {
  return [
    ...label(device.name, path.child("name")),
    ...Object.entries(device.attributes ?? {}).flatMap(([name, it]) =>
      validateAttribute(it, path.child("attributes").key(name)),
    ),
    ...atMost(device.taints, MOST_TAINTS, path.child("taints")),
    ...(device.taints ?? []).flatMap((taint, i) => validateTaint(taint, path.child("taints").index(i))),
  ];
}

function validateAttribute(attribute: DeviceAttribute, path: FieldPath): FieldError[] {
  const set = Object.values(attribute).filter((value) => value !== undefined);
  if (set.length === 1) return [];
  if (set.length === 0) return [fieldRequired(path, "exactly one value must be specified")];
  return [fieldInvalid(path, attribute, "exactly one value must be specified")];
}

const EFFECTS = ["NoExecute", "NoSchedule", "None"];

function validateTaint({ key, effect }: DeviceTaint, path: FieldPath): FieldError[] {
  const errors = fieldInvalidEach(path.child("key"), key, qualifiedName(key));
  if (effect === "") errors.push(fieldRequired(path.child("effect")));
  else if (!EFFECTS.includes(effect)) errors.push(fieldNotSupported(path.child("effect"), effect, EFFECTS));
  return errors;
}
