import type { KubernetesObject } from "../../../apimachinery/meta.ts";

/** Between the two versions nothing but the name differs. */
export const asV1 = (object: KubernetesObject): KubernetesObject => ({ ...object, apiVersion: "networking.k8s.io/v1" });
export const asV1beta1 = (stored: KubernetesObject): KubernetesObject => ({
  ...stored,
  apiVersion: "networking.k8s.io/v1beta1",
});
