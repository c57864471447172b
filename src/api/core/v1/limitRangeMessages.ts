import { type Infer, list, map, message, string } from "../../../apimachinery/schema.ts";

export const LimitRangeItem = message("io.k8s.api.core.v1.LimitRangeItem", {
  type: string(1).always.required,
  max: map(2, "quantity"),
  min: map(3, "quantity"),
  default: map(4, "quantity"),
  defaultRequest: map(5, "quantity"),
  maxLimitRequestRatio: map(6, "quantity"),
});
export interface LimitRangeItem extends Infer<typeof LimitRangeItem> {}

export const LimitRangeSpec = message("io.k8s.api.core.v1.LimitRangeSpec", {
  limits: list(1, LimitRangeItem).always.required.atomicList,
});
export interface LimitRangeSpec extends Infer<typeof LimitRangeSpec> {}
