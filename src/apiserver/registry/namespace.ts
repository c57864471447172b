import type { Namespace } from "../../api/core/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { methodNotAllowed } from "../../apimachinery/errors.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { formatTime } from "../../apimachinery/time.ts";
import type { Strategy, SubresourceHandler } from "./resource.ts";
import { replace } from "./verbs.ts";

const KEEPER = "kubernetes";

/** /finalize: only spec.finalizers changes; with none left, the namespace is gone. */
const finalize: SubresourceHandler = (call, resource, registry) => {
  if (call.info.verb !== "update") throw methodNotAllowed();
  const limit = (updated: KubernetesObject, live: KubernetesObject) =>
    ({
      ...live,
      metadata: { ...live.metadata, resourceVersion: updated.metadata.resourceVersion },
      spec: { ...(live as Namespace).spec, finalizers: (updated as Namespace).spec.finalizers },
    }) as KubernetesObject;
  return replace(registry, resource, call, { limit });
};

/** A namespace is kept by its spec.finalizers until the namespace controller has emptied it. */
export const namespaceStrategy: Strategy<Namespace> = {
  answersDeleted: true,
  prepareCreate(namespace) {
    namespace.status = { phase: "Active" };
    const finalizers = namespace.spec.finalizers ?? [];
    if (!finalizers.includes(KEEPER)) namespace.spec.finalizers = [...finalizers, KEEPER];
  },
  prepareUpdate(namespace, old) {
    if (deepEqual(namespace.spec.finalizers, old.spec.finalizers)) return;
    if (old.spec.finalizers) namespace.spec.finalizers = old.spec.finalizers;
    else delete namespace.spec.finalizers;
  },
  pendingFinalizers: ({ spec }) => (spec.finalizers ?? []).length > 0,
  markDeleted(namespace, { now }) {
    namespace.metadata.deletionTimestamp ??= formatTime(now);
    namespace.status = { ...namespace.status, phase: "Terminating" };
  },
  subresources: { finalize },
};
