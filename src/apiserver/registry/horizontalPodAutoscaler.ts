import type { KubernetesObject } from "../../apimachinery/meta.ts";
import type { Strategy } from "./resource.ts";

/** Autoscalers begin without a status, whatever the client sent along; each version has its own empty one. */
export const autoscalerStrategy: Strategy<KubernetesObject & { status?: object }> = {
  prepareCreate(object, { resource }) {
    object.status =
      resource.kind.version === "v1"
        ? { currentReplicas: 0, desiredReplicas: 0 }
        : { desiredReplicas: 0, currentMetrics: null };
  },
};
