import type { Pod, Toleration } from "../../api/core/v1/index.ts";
import { RuntimeClass } from "../../api/node/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { forbidden } from "../../apimachinery/errors.ts";
import { parseQuantity } from "../../apimachinery/quantity.ts";
import type { Write } from "../registry/resource.ts";
import type { AdmissionPlugin } from "./chain.ts";

type Quantities = Readonly<Record<string, string>>;

function refuse(write: Write, pod: Pod, why: string): never {
  throw forbidden(write.resource.kind, pod.metadata.name ?? "", why);
}

function classOf(write: Write, pod: Pod): RuntimeClass | undefined {
  const name = pod.spec.runtimeClassName;
  if (name === undefined) return undefined;
  const entry = write.registry.cache.of(RuntimeClass as never).get(name);
  if (!entry) refuse(write, pod, `pod rejected: RuntimeClass ${JSON.stringify(name)} not found`);
  return entry.object as RuntimeClass;
}

/** Whether both say the same amounts, however written. */
function sameAmounts(a: Quantities = {}, b: Quantities = {}): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => b[name] !== undefined && parseQuantity(a[name]!).compare(parseQuantity(b[name])) === 0)
  );
}

function addOverhead(write: Write, pod: Pod, { overhead }: RuntimeClass): void {
  if (!overhead) return;
  if (pod.spec.overhead && !sameAmounts(overhead.podFixed, pod.spec.overhead)) {
    refuse(write, pod, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
  }
  if (overhead.podFixed) pod.spec.overhead = { ...overhead.podFixed };
}

function addSelector(write: Write, pod: Pod, wanted: Readonly<Record<string, string>>): void {
  const own = pod.spec.nodeSelector ?? {};
  for (const [key, value] of Object.entries(wanted)) {
    if (own[key] === undefined || own[key] === value) continue;
    const theirs = `runtimeClass.scheduling.nodeSelector[${key}] = ${value}`;
    refuse(write, pod, `conflict: ${theirs}; pod.spec.nodeSelector[${key}] = ${own[key]}`);
  }
  pod.spec.nodeSelector = { ...own, ...wanted };
}

/** Whether all that `narrow` tolerates is tolerated by `wide`, too. */
function covers(wide: Toleration, narrow: Toleration): boolean {
  if (deepEqual(wide, narrow)) return true;
  const anyKey = !wide.key && wide.operator === "Exists";
  if (wide.key !== narrow.key && !anyKey) return false;
  if (wide.effect && wide.effect !== narrow.effect) return false;
  if (wide.effect === "NoExecute" && wide.tolerationSeconds !== undefined) {
    if (narrow.tolerationSeconds === undefined || narrow.tolerationSeconds > wide.tolerationSeconds) return false;
  }
  if (wide.operator === "Exists") return true;
  return narrow.operator === "Equal" && (narrow.value ?? "") === (wide.value ?? "");
}

/** Both lists, without those that another one covers. */
export function mergeTolerations(first: readonly Toleration[], second: readonly Toleration[]): Toleration[] {
  const all = [...first, ...second];
  const merged: Toleration[] = [];
  all.forEach((toleration, i) => {
    const later = all.slice(i + 1).filter((other) => !deepEqual(other, toleration));
    if (![...merged, ...later].some((other) => covers(other, toleration))) merged.push(toleration);
  });
  return merged;
}

/** A Pod of a runtime class takes the class's overhead, and runs only where the class says that its handler is. */
export const runtimeClass: AdmissionPlugin = {
  name: "RuntimeClass",
  handles: ({ resource, operation, subresource }) =>
    resource.kind.resource === "pods" && subresource === "" && operation === "CREATE",
  mutate(write, object) {
    const pod = object as Pod;
    const found = classOf(write, pod);
    if (!found) return;
    addOverhead(write, pod, found);
    const { nodeSelector, tolerations } = found.scheduling ?? {};
    if (nodeSelector) addSelector(write, pod, nodeSelector);
    if (tolerations) pod.spec.tolerations = mergeTolerations(pod.spec.tolerations ?? [], tolerations);
  },
  validate(write, object) {
    const pod = object as Pod;
    const overhead = classOf(write, pod)?.overhead;
    if (overhead && !sameAmounts(overhead.podFixed, pod.spec.overhead)) {
      refuse(write, pod, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead");
    }
    if (!overhead && pod.spec.overhead) {
      refuse(write, pod, "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead");
    }
  },
};
