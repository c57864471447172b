import { type Infer, list, map, message, string } from "../../../apimachinery/schema.ts";

export const LimitRangeItem = message(
  "io.k8s.api.core.v1.LimitRangeItem",
  {
    type: string(1)
      .named("LimitType")
      .always.required.doc("What it is about: each Container, each Pod as a whole, or each PersistentVolumeClaim."),
    max: map(2, "quantity").named("ResourceList").doc("The most of each resource that may be allowed."),
    min: map(3, "quantity").named("ResourceList").doc("The least of each resource that must be asked for."),
    default: map(4, "quantity")
      .named("ResourceList")
      .doc("The limit of containers that set none. What `max` says if absent."),
    defaultRequest: map(5, "quantity")
      .named("ResourceList")
      .doc("What containers that ask for nothing ask for. What `default`, else `min`, says if absent."),
    maxLimitRequestRatio: map(6, "quantity")
      .named("ResourceList")
      .doc("How many times the request the limit may be at most; both must be set then, and more than zero."),
  },
  { doc: "The bounds for one sort of things." },
);
export interface LimitRangeItem extends Infer<typeof LimitRangeItem> {}

export const LimitRangeSpec = message(
  "io.k8s.api.core.v1.LimitRangeSpec",
  { limits: list(1, LimitRangeItem).always.required.atomicList.doc("The bounds, each for another sort of things.") },
  { doc: "The bounds that hold in a namespace." },
);
export interface LimitRangeSpec extends Infer<typeof LimitRangeSpec> {}
