import { type Infer, list, map, message } from "../../../apimachinery/schema.ts";
import { Toleration } from "../../core/v1/podSpec.ts";

export const Overhead = message("io.k8s.api.node.v1.Overhead", {
  podFixed: map(1, "quantity"),
});
export interface Overhead extends Infer<typeof Overhead> {}

export const Scheduling = message("io.k8s.api.node.v1.Scheduling", {
  nodeSelector: map(1, "string").atomicMap,
  tolerations: list(2, Toleration).atomicList,
});
export interface Scheduling extends Infer<typeof Scheduling> {}
