import type { Pod } from "../../api/core/v1/index.ts";
import { PriorityClass } from "../../api/scheduling/v1/index.ts";
import { forbidden, invalid } from "../../apimachinery/errors.ts";
import { fieldForbidden, root } from "../../apimachinery/fieldErrors.ts";
import type { Registry } from "../registry/registry.ts";
import type { Write } from "../registry/resource.ts";
import type { AdmissionPlugin } from "./chain.ts";

interface Priority {
  readonly name: string;
  readonly value: number;
  readonly preemptionPolicy: string;
}

const NONE: Priority = { name: "", value: 0, preemptionPolicy: "PreemptLowerPriority" };

function asPriority({ metadata, value, preemptionPolicy }: PriorityClass): Priority {
  return { name: metadata.name!, value: value ?? 0, preemptionPolicy: preemptionPolicy ?? NONE.preemptionPolicy };
}

/** The class for Pods that name none: the global default with the lowest value. */
function defaultPriority(registry: Registry): Priority {
  let lowest: Priority | undefined;
  for (const entry of registry.cache.of(PriorityClass as never).current.values()) {
    const found = entry.object as PriorityClass;
    if (!found.globalDefault) continue;
    if (!lowest || (found.value ?? 0) < lowest.value) lowest = asPriority(found);
  }
  return lowest ?? NONE;
}

function priorityOf(write: Write, name: string | undefined): Priority {
  if (!name) return defaultPriority(write.registry);
  const entry = write.registry.cache.of(PriorityClass as never).get(name);
  if (!entry) throw forbidden(write.resource.kind, write.name, `no PriorityClass with name ${name} was found`);
  return asPriority(entry.object as PriorityClass);
}

function admitPod(write: Write, pod: Pod): void {
  const { spec } = pod;
  const priority = priorityOf(
    { ...write, name: pod.metadata.name ?? pod.metadata.generateName ?? "" },
    spec.priorityClassName,
  );
  if (!spec.priorityClassName && priority.name !== "") spec.priorityClassName = priority.name;
  const name = pod.metadata.name ?? "";
  if (spec.priority !== undefined && spec.priority !== priority.value) {
    const why = `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${priority.value} from the given PriorityClass name`;
    throw forbidden(write.resource.kind, name, why);
  }
  spec.priority = priority.value;
  if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== priority.preemptionPolicy) {
    const why = `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${priority.preemptionPolicy} from the given PriorityClass name`;
    throw forbidden(write.resource.kind, name, why);
  }
  spec.preemptionPolicy = priority.preemptionPolicy as "Never";
}

/** Turns a Pod's priority class into its number; keeps one global default class. */
export const podPriority: AdmissionPlugin = {
  name: "Priority",
  handles: ({ resource, operation, subresource }) =>
    operation !== "DELETE" &&
    subresource === "" &&
    (resource.kind.resource === "pods" || resource.kind.resource === "priorityclasses.scheduling.k8s.io"),
  mutate(write, object, old) {
    if (write.resource.kind.resource !== "pods") return;
    if (!old) return admitPod(write, object as Pod);
    const { spec } = object as Pod;
    const before = (old as Pod).spec;
    spec.priority ??= before.priority;
    spec.preemptionPolicy ??= before.preemptionPolicy;
  },
  validate(write, object) {
    if (write.resource.kind.resource === "pods" || !(object as PriorityClass).globalDefault) return;
    for (const entry of write.registry.cache.of(PriorityClass as never).current.values()) {
      const other = entry.object as PriorityClass;
      if (!other.globalDefault || other.metadata.name === object!.metadata.name) continue;
      throw invalid(PriorityClass, object!.metadata.name!, [
        fieldForbidden(
          root.child("globalDefault"),
          `PriorityClass ${other.metadata.name} is already marked as default. Only one default can exist`,
        ),
      ]);
    }
  },
};
