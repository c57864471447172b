import {
  type FieldError,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  root,
} from "../../../apimachinery/fieldErrors.ts";
import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { bool, type Infer, int32, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";

export const PriorityClassSchema = message(
  "io.k8s.api.scheduling.v1.PriorityClass",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    value: int32(2).always.doc("The priority of the Pods that name this class; higher comes first. Cannot be changed."),
    globalDefault: bool(3).doc("Whether Pods that name no class get this one."),
    description: string(4).doc("When to use it, for people."),
    preemptionPolicy: string(5)
      .named("PreemptionPolicy")
      .optional.doc(
        "PreemptLowerPriority (default): such Pods may displace others. Never: they wait. Cannot be changed.",
      ),
  },
  { doc: "A name for a priority of Pods." },
);
export interface PriorityClass extends Infer<typeof PriorityClassSchema> {}

const HIGHEST_OF_USERS = 1_000_000_000;
const SYSTEM_PREFIX = "system-";
/** The classes that control planes ship with. */
const SYSTEM_VALUES: Readonly<Record<string, number>> = {
  "system-node-critical": 2_000_001_000,
  "system-cluster-critical": 2_000_000_000,
};

export const PriorityClass = defineKind<PriorityClass>({
  group: "scheduling.k8s.io",
  version: "v1",
  kind: "PriorityClass",
  plural: "priorityclasses",
  shortNames: ["pc"],
  scope: "Cluster",
  schema: PriorityClassSchema,
  generation: [],
  defaults(priorityClass) {
    priorityClass.preemptionPolicy ??= "PreemptLowerPriority";
  },
  validateCreate: (priorityClass) => [
    ...validateValue(priorityClass),
    ...validatePolicy(priorityClass.preemptionPolicy),
  ],
  validateUpdate,
  columns: [
    nameColumn(),
    { name: "Value", type: "integer", description: "The priority.", value: ({ value }) => value },
    {
      name: "Global-Default",
      type: "boolean",
      description: "Whether Pods that name no class get this one.",
      value: ({ globalDefault }) => globalDefault ?? false,
    },
    ageColumn(),
    {
      name: "PreemptionPolicy",
      type: "string",
      description: "Whether such Pods may displace others.",
      value: ({ preemptionPolicy }) => preemptionPolicy ?? "",
    },
  ],
});

function validateValue({ metadata, value, globalDefault }: PriorityClass): FieldError[] {
  const name = metadata.name ?? "";
  if (name.startsWith(SYSTEM_PREFIX)) {
    const why = systemClassProblem(name, value, globalDefault ?? false);
    if (why === undefined) return [];
    const reserved = `priority class names with '${SYSTEM_PREFIX}' prefix are reserved for system use only`;
    return [fieldForbidden(root.child("metadata", "name"), `${reserved}. error: ${why}`)];
  }
  if (value <= HIGHEST_OF_USERS) return [];
  const why = `maximum allowed value of a user defined priority is ${HIGHEST_OF_USERS}`;
  return [fieldForbidden(root.child("value"), why)];
}

function systemClassProblem(name: string, value: number, globalDefault: boolean): string | undefined {
  const known = SYSTEM_VALUES[name];
  if (known === undefined) return `${name} is not a known system priority class`;
  if (value !== known) return `value of ${name} PriorityClass must be ${known}`;
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined;
}

function validatePolicy(policy: string | undefined): FieldError[] {
  const at = root.child("preemptionPolicy");
  if (policy === undefined || policy === "PreemptLowerPriority" || policy === "Never") return [];
  return [policy === "" ? fieldRequired(at) : fieldNotSupported(at, policy, ["PreemptLowerPriority", "Never"])];
}

function validateUpdate(priorityClass: PriorityClass, old: PriorityClass): FieldError[] {
  const errors: FieldError[] = [];
  if (priorityClass.value !== old.value) {
    errors.push(fieldForbidden(root.child("value"), "may not be changed in an update."));
  }
  const { preemptionPolicy = null } = priorityClass;
  if (preemptionPolicy !== (old.preemptionPolicy ?? null)) {
    errors.push(fieldInvalid(root.child("preemptionPolicy"), preemptionPolicy, "field is immutable"));
  }
  return errors;
}
