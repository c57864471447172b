import { deepEqual } from "../../../apimachinery/equal.ts";
import {
  type FieldError,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  root,
} from "../../../apimachinery/fieldErrors.ts";
import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { type ResourceClaimConsumerReference, ResourceClaimStatus } from "./allocations.ts";
import { fillDeviceClaim, shownClaim } from "./claimDefaults.ts";
import { ResourceClaimSpec } from "./claims.ts";
import { atMost, validateDeviceClaim } from "./claimValidation.ts";
import { MOST_CONSUMERS } from "./consumers.ts";

export const ResourceClaimSchema = message(
  "io.k8s.api.resource.v1.ResourceClaim",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    spec: struct(2, ResourceClaimSpec).required.doc("What is asked for. Cannot be changed."),
    status: struct(3, ResourceClaimStatus).doc("What it got."),
  },
  { doc: "Asks for devices, which Pods that name the claim may then use." },
);
export interface ResourceClaim extends Infer<typeof ResourceClaimSchema> {}

export const ResourceClaim = defineKind<ResourceClaim>({
  group: "resource.k8s.io",
  version: "v1",
  kind: "ResourceClaim",
  plural: "resourceclaims",
  scope: "Namespaced",
  schema: ResourceClaimSchema,
  status: true,
  defaults: ({ spec }) => fillDeviceClaim(spec.devices),
  validateCreate: ({ spec }) => validateDeviceClaim(spec.devices, root.child("spec", "devices")),
  validateUpdate: ({ spec }, { spec: old }) =>
    deepEqual(spec, old)
      ? []
      : [fieldInvalid(root.child("spec"), { Devices: shownClaim(spec.devices) }, "field is immutable")],
  validateStatusUpdate,
  columns: [
    nameColumn(),
    {
      name: "State",
      type: "string",
      description: "Whether it is pending, allocated, reserved or deleted.",
      value: stateOf,
    },
    ageColumn(),
  ],
});

function stateOf({ metadata, status: { allocation, reservedFor = [] } }: ResourceClaim): string {
  const deleted = metadata.deletionTimestamp ? ["deleted"] : [];
  if (!allocation) return (deleted.length > 0 ? deleted : ["pending"]).join();
  return [...deleted, "allocated", ...(reservedFor.length > 0 ? ["reserved"] : [])].join();
}

function validateStatusUpdate({ status, metadata }: ResourceClaim, { status: old }: ResourceClaim): FieldError[] {
  const { allocation, reservedFor = [] } = status;
  const path = root.child("status");
  const errors: FieldError[] = [];
  if (allocation && old.allocation && !deepEqual(allocation, old.allocation)) {
    errors.push(fieldInvalid(path.child("allocation"), allocation, "field is immutable"));
  }
  const at = path.child("reservedFor");
  errors.push(
    ...atMost(reservedFor, MOST_CONSUMERS, at),
    ...reservedFor.flatMap((one, i) => validateConsumer(one, at.index(i))),
  );
  const uids = reservedFor.map(({ uid }) => uid);
  uids.forEach((uid, i) => {
    if (uids.indexOf(uid) < i) errors.push(fieldDuplicate(at.index(i).child("uid"), uid));
  });
  if (reservedFor.length > 0 && !allocation) {
    errors.push(fieldForbidden(at, "may not be specified when `allocated` is not set"));
  }
  const known = new Set((old.reservedFor ?? []).map(({ uid }) => uid));
  if (metadata.deletionTimestamp && uids.some((uid) => !known.has(uid))) {
    errors.push(
      fieldForbidden(at, "new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set"),
    );
  }
  return errors;
}

function validateConsumer(consumer: ResourceClaimConsumerReference, path: ReturnType<typeof root.child>): FieldError[] {
  return (["resource", "name", "uid"] as const).flatMap((field) =>
    consumer[field] === "" ? [fieldRequired(path.child(field))] : [],
  );
}
