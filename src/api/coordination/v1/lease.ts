import {
  type FieldError,
  fieldForbidden,
  fieldInvalid,
  fieldInvalidEach,
  root,
} from "../../../apimachinery/fieldErrors.ts";
import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { qualifiedName } from "../../../apimachinery/validation/names.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { LeaseSpec } from "./messages.ts";

export const LeaseSchema = message(
  "io.k8s.api.coordination.v1.Lease",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    spec: struct(2, LeaseSpec).doc("Who holds it."),
  },
  { doc: "Something that one holder at a time has, as long as it renews it: leadership, or being alive." },
);
export interface Lease extends Infer<typeof LeaseSchema> {}

export const Lease = defineKind<Lease>({
  group: "coordination.k8s.io",
  version: "v1",
  kind: "Lease",
  plural: "leases",
  scope: "Namespaced",
  plainFinalizers: true,
  schema: LeaseSchema,
  validate,
  columns: [
    nameColumn(),
    {
      name: "Holder",
      type: "string",
      description: "Who holds the lease.",
      value: ({ spec }) => spec.holderIdentity ?? "",
    },
    ageColumn(),
  ],
});

function validate({ spec }: Lease): FieldError[] {
  const at = root.child("spec");
  const { leaseDurationSeconds = 1, leaseTransitions = 0, strategy, preferredHolder } = spec;
  const errors: FieldError[] = [];
  if (leaseDurationSeconds <= 0) {
    errors.push(fieldInvalid(at.child("leaseDurationSeconds"), leaseDurationSeconds, "must be greater than 0"));
  }
  if (leaseTransitions < 0) {
    errors.push(fieldInvalid(at.child("leaseTransitions"), leaseTransitions, "must be greater than or equal to 0"));
  }
  if (strategy) errors.push(...fieldInvalidEach(at.child("strategy"), strategy, qualifiedName(strategy)));
  if (preferredHolder && !strategy) {
    errors.push(fieldForbidden(at.child("preferredHolder"), "may only be specified if `strategy` is defined"));
  }
  return errors;
}
