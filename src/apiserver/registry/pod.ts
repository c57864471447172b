import { isTerminal, type Pod } from "../../api/core/v1/index.ts";
import { podQOSClass } from "../../api/core/v1/podQOS.ts";
import {
  validatePodEphemeralContainersUpdate,
  validatePodResize,
} from "../../api/core/v1/validation/podSubresources.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { methodNotAllowed } from "../../apimachinery/errors.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { evictPod } from "./eviction.ts";
import { gatedConditions, mergeLabelKeys } from "./podScheduling.ts";
import { podStreams } from "./podStreams.ts";
import { bindPod } from "./podWrites.ts";
import { podProxy } from "./proxy.ts";
import type { Strategy, SubresourceHandler } from "./resource.ts";
import type { Limits } from "./verbs.ts";
import { patch, replace, verbHandler } from "./verbs.ts";

/** A subresource through which part of a Pod is read and written. */
function partial(limits: Limits): SubresourceHandler {
  return (call, resource, registry) => {
    const { verb } = call.info;
    if (verb === "get") return verbHandler(resource, "get", "")(registry, resource, call);
    if (verb === "update") return replace(registry, resource, call, limits);
    if (verb === "patch") return patch(registry, resource, call, limits);
    throw methodNotAllowed();
  };
}

function withSpec(live: KubernetesObject, updated: KubernetesObject, spec: Partial<Pod["spec"]>): KubernetesObject {
  const { resourceVersion, managedFields } = updated.metadata;
  const metadata = { ...live.metadata, resourceVersion, managedFields };
  return { ...live, metadata, spec: { ...(live as Pod).spec, ...spec } } as KubernetesObject;
}

const ephemeralContainers = partial({
  validate: (updated, live) => validatePodEphemeralContainersUpdate(updated as Pod, live as Pod),
  limit: (updated, live) => withSpec(live, updated, { ephemeralContainers: (updated as Pod).spec.ephemeralContainers }),
});

/** Only what containers ask for and may use; everything else stays. */
const resize = partial({
  validate: (updated, live) => validatePodResize(updated as Pod, live as Pod),
  limit(updated, live) {
    const { containers, initContainers } = (updated as Pod).spec;
    const asked = new Map([...(containers ?? []), ...(initContainers ?? [])].map((c) => [c.name, c]));
    const sized = <C extends { name: string }>(container: C): C => {
      const to = asked.get(container.name);
      return to ? { ...container, resources: to.resources, resizePolicy: to.resizePolicy } : container;
    };
    const { spec } = live as Pod;
    return withSpec(live, updated, {
      containers: spec.containers.map(sized),
      ...(spec.initContainers && { initContainers: spec.initContainers.map(sized) }),
    });
  },
});

/** Pods end gracefully, are bound once, and show their first status from the beginning. */
export const podStrategy: Strategy<Pod> = {
  answersDeleted: true,
  prepareCreate(pod) {
    pod.metadata.generation = 1;
    const conditions = gatedConditions(pod);
    pod.status = { phase: "Pending", ...(conditions && { conditions }), qosClass: podQOSClass(pod.spec) };
    mergeLabelKeys(pod);
  },
  prepareUpdate(pod, old) {
    if (!deepEqual(pod.spec, old.spec)) pod.metadata.generation = (old.metadata.generation ?? 0) + 1;
  },
  gracePeriod({ spec, status }, asked) {
    if (!spec.nodeName) return 0;
    if (isTerminal({ status })) return 0;
    const seconds = asked ?? spec.terminationGracePeriodSeconds ?? 0;
    return seconds < 0 ? 1 : seconds;
  },
  subresources: {
    binding: bindPod,
    eviction: evictPod,
    ephemeralcontainers: ephemeralContainers,
    resize,
    proxy: podProxy,
    ...podStreams,
  },
};
