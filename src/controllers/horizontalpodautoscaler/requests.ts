import type { Container, Pod } from "../../api/core/v1/index.ts";
import { parseQuantity } from "../../apimachinery/quantity.ts";

/** What each Pod requests of a resource (thousandths, by name), all its containers or one of them. Throws when one requests nothing. */
export function requestsOf(
  pods: readonly Pod[],
  resource: string,
  container: string | undefined,
): ReadonlyMap<string, number> {
  return new Map(pods.map((pod) => [pod.metadata.name ?? "", requestOf(pod, resource, container)]));
}

function requestOf(pod: Pod, resource: string, only: string | undefined): number {
  const ofPod = pod.spec.resources?.requests?.[resource];
  if (only === undefined && ofPod !== undefined) return parseQuantity(ofPod).milliNumber();
  const counted = running(pod).filter(({ name }) => only === undefined || name === only);
  if (counted.length === 0) throw new Error(`container ${only} not found in Pod ${pod.metadata.name}`);
  return counted.reduce((sum, container) => {
    const request = container.resources?.requests?.[resource];
    if (request === undefined) {
      throw new Error(`missing request for ${resource} in container ${container.name} of Pod ${pod.metadata.name}`);
    }
    return sum + parseQuantity(request).milliNumber();
  }, 0);
}

/** The containers that run as long as the Pod does. */
function running({ spec }: Pod): readonly Container[] {
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  return [...spec.containers, ...sidecars];
}
