import { Pod, Service } from "../../api/core/v1/index.ts";
import type { ObjectKey, View } from "../../client/index.ts";

/** Services with a selector, by namespace and one of the selector's pairs: few candidates for each Pod. */
const BY_PAIR = "endpoints.selectorPair";
const PODS_BY_LABEL = "endpoints.label";

const pairKey = (namespace: string | undefined, key: string, value: string) => `${namespace}/${key}=${value}`;

export function indexSelection(view: View): void {
  view.addIndex(Service, BY_PAIR, (service) => {
    const pair = firstPair(service);
    return pair ? [pairKey(service.metadata.namespace, ...pair)] : [];
  });
  view.addIndex(Pod, PODS_BY_LABEL, (pod) =>
    Object.entries(pod.metadata.labels ?? {}).map(([key, value]) => pairKey(pod.metadata.namespace, key, value)),
  );
}

function firstPair(service: Service): [string, string] | undefined {
  return Object.entries(service.spec.selector ?? {})[0];
}

function selects(service: Service, pod: Pod): boolean {
  const labels = pod.metadata.labels ?? {};
  return Object.entries(service.spec.selector ?? {}).every(([key, value]) => labels[key] === value);
}

/** The Pods that a Service selects. */
export function selectedPods(service: Service, view: View): Pod[] {
  const pair = firstPair(service);
  if (!pair) return [];
  const candidates = view.byIndex(Pod, PODS_BY_LABEL, pairKey(service.metadata.namespace, ...pair));
  return candidates.filter((pod) => selects(service, pod));
}

/** The Services that select a Pod. */
export function selectingServices(pod: Pod, view: View): ObjectKey[] {
  const keys: ObjectKey[] = [];
  for (const [key, value] of Object.entries(pod.metadata.labels ?? {})) {
    for (const service of view.byIndex(Service, BY_PAIR, pairKey(pod.metadata.namespace, key, value))) {
      const { namespace, name = "" } = service.metadata;
      if (selects(service, pod)) keys.push({ namespace, name });
    }
  }
  return keys;
}

/** Services whose endpoints come from Pods; others have theirs from somebody else. */
export function hasPodEndpoints(service: Service): boolean {
  return service.spec.type !== "ExternalName" && Object.keys(service.spec.selector ?? {}).length > 0;
}
