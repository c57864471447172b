import type { KubernetesObject } from "../../apimachinery/meta.ts";
import type { Strategy } from "./resource.ts";

/** Deployments and their like begin without a status, whatever the client sent along. */
export const workloadStrategy: Strategy<KubernetesObject & { status?: object }> = {
  prepareCreate(object, { resource }) {
    object.status = resource.kind.kind === "ReplicaSet" ? { replicas: 0 } : {};
  },
};
