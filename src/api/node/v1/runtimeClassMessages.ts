import { type Infer, list, map, message } from "../../../apimachinery/schema.ts";
import { Toleration } from "../../core/v1/podSpec.ts";

export const Overhead = message(
  "io.k8s.api.node.v1.Overhead",
  {
    podFixed: map(1, "quantity").doc("What each Pod takes from its node besides its containers, by resource."),
  },
  { doc: "What it costs to run a Pod this way." },
);
export interface Overhead extends Infer<typeof Overhead> {}

export const Scheduling = message(
  "io.k8s.api.node.v1.Scheduling",
  {
    nodeSelector: map(1, "string").atomicMap.doc(
      "Labels of the nodes that have the handler; added to the Pod's own selector, with which it must not conflict.",
    ),
    tolerations: list(2, Toleration).atomicList.doc("Added to the tolerations of each Pod of the class."),
  },
  { doc: "Which nodes can run Pods of the class." },
);
export interface Scheduling extends Infer<typeof Scheduling> {}
