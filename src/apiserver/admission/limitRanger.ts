import {
  type Container,
  LimitRange,
  type LimitRangeItem,
  type PersistentVolumeClaim,
  type Pod,
} from "../../api/core/v1/index.ts";
import { forbidden } from "../../apimachinery/errors.ts";
import type { AdmissionPlugin } from "./chain.ts";
import { violations } from "./limitRangeBounds.ts";
import { namespaced } from "./namespaced.ts";

const ANNOTATION = "kubernetes.io/limit-ranger";

/** Containers that say nothing get their namespace's defaults; no Pod or claim is accepted outside its bounds. */
export const limitRanger: AdmissionPlugin = {
  name: "LimitRanger",
  handles({ resource, operation, subresource }) {
    if (operation === "DELETE") return false;
    if (resource.kind.resource === "persistentvolumeclaims") return subresource === "";
    if (resource.kind.resource !== "pods") return false;
    // What a running Pod's containers ask for changes through one door only.
    return operation === "CREATE" ? subresource === "" : subresource === "resize";
  },
  mutate({ registry, namespace, resource, operation }, object) {
    if (resource.kind.resource !== "pods" || operation !== "CREATE") return;
    for (const { object: range } of namespaced(registry, LimitRange, namespace)) {
      setDefaults(object as Pod, (range as LimitRange).spec.limits ?? []);
    }
  },
  validate({ registry, namespace, resource, name }, object, old) {
    if (old !== undefined && object!.metadata.deletionTimestamp !== undefined) return;
    for (const { object: range } of namespaced(registry, LimitRange, namespace)) {
      const wrong = violations(range as LimitRange, resource.kind, object as Pod | PersistentVolumeClaim);
      if (wrong.length === 0) continue;
      throw forbidden(resource.kind, name, wrong.length === 1 ? wrong[0]! : `[${wrong.join(", ")}]`);
    }
  },
};

type Amounts = Record<string, string>;

/** Fills in what is missing; answers the names of what was filled in. */
function fill(own: Amounts | undefined, defaults: Amounts): { all: Amounts | undefined; set: string[] } {
  const set = Object.keys(defaults).filter((name) => own?.[name] === undefined);
  if (set.length === 0) return { all: own, set };
  return { all: { ...own, ...Object.fromEntries(set.map((name) => [name, defaults[name]!])) }, set: set.sort() };
}

/** Answers what was set, for the annotation that tells the Pod's author. */
function fillContainer(container: Container, called: string, limits: Amounts, requests: Amounts): string[] {
  const filled = {
    request: fill(container.resources?.requests, requests),
    limit: fill(container.resources?.limits, limits),
  };
  const changed = filled.request.set.length + filled.limit.set.length > 0;
  if (changed) {
    container.resources = {
      ...container.resources,
      ...(filled.limit.all && { limits: filled.limit.all }),
      ...(filled.request.all && { requests: filled.request.all }),
    };
  }
  return (["request", "limit"] as const)
    .filter((side) => filled[side].set.length > 0)
    .map((side) => `${filled[side].set.join(", ")} ${side} for ${called} ${container.name}`);
}

function setDefaults(pod: Pod, items: readonly LimitRangeItem[]): void {
  const ofContainers = items.filter(({ type }) => type === "Container");
  const limits: Amounts = Object.assign({}, ...ofContainers.map((item) => item.default));
  const requests: Amounts = Object.assign({}, ...ofContainers.map((item) => item.defaultRequest));
  const { containers = [], initContainers = [] } = pod.spec;
  const told = [
    ...containers.flatMap((container) => fillContainer(container, "container", limits, requests)),
    ...initContainers.flatMap((container) => fillContainer(container, "init container", limits, requests)),
  ];
  if (told.length === 0) return;
  const annotation = `LimitRanger plugin set: ${told.join("; ")}`;
  pod.metadata.annotations = { ...pod.metadata.annotations, [ANNOTATION]: annotation };
}
