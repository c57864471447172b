import { DEFAULT_INGRESS_CLASS, type Ingress, IngressClass } from "../../api/networking/v1/index.ts";
import { parseTime } from "../../apimachinery/time.ts";
import type { Registry } from "../registry/registry.ts";
import type { AdmissionPlugin } from "./chain.ts";

const OLD_ANNOTATION = "kubernetes.io/ingress.class";

const born = ({ metadata }: IngressClass) => parseTime(metadata.creationTimestamp ?? "") || 0;

/** Of several default classes the newest counts, so that a default can be replaced without a gap. */
function defaultClass(registry: Registry): IngressClass | undefined {
  return [...registry.cache.of(IngressClass as never).current.values()]
    .map((entry) => entry.object as IngressClass)
    .filter(({ metadata }) => metadata.annotations?.[DEFAULT_INGRESS_CLASS] === "true")
    .sort((a, b) => born(b) - born(a) || (a.metadata.name! < b.metadata.name! ? -1 : 1))[0];
}

/** Gives an Ingress that names no class the default one. */
export const defaultIngressClass: AdmissionPlugin = {
  name: "DefaultIngressClass",
  handles: ({ resource, operation, subresource }) =>
    operation === "CREATE" && subresource === "" && resource.kind.resource === "ingresses.networking.k8s.io",
  mutate({ registry }, object) {
    const { metadata, spec } = object as Ingress;
    if (spec.ingressClassName !== undefined || metadata.annotations?.[OLD_ANNOTATION] !== undefined) return;
    const { name } = defaultClass(registry)?.metadata ?? {};
    if (name !== undefined) spec.ingressClassName = name;
  },
};
