import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { createdAtColumn, nameColumn } from "../../columns.ts";
import { resourceListDefaults } from "./defaults/container.ts";
import { type LimitRangeItem, LimitRangeSpec } from "./limitRangeMessages.ts";
import { validateLimitRange } from "./validation/limitRange.ts";

export const LimitRangeSchema = message(
  "io.k8s.api.core.v1.LimitRange",
  {
    apiVersion: string(0).doc("API group and version of this object."),
    kind: string(0).doc("What kind of object this is."),
    metadata: struct(1, ObjectMeta).doc("What every stored object says about itself."),
    spec: struct(2, LimitRangeSpec).doc("The bounds."),
  },
  { doc: "Bounds and defaults for the resources that single Pods, containers and claims of a namespace may ask for." },
);
export interface LimitRange extends Infer<typeof LimitRangeSchema> {}

export const LimitRange = defineKind<LimitRange>({
  group: "",
  version: "v1",
  kind: "LimitRange",
  plural: "limitranges",
  shortNames: ["limits"],
  scope: "Namespaced",
  schema: LimitRangeSchema,
  defaults({ spec }) {
    for (const item of spec.limits ?? []) itemDefaults(item);
  },
  validate: validateLimitRange,
  columns: [nameColumn(), createdAtColumn()],
});

/** For containers, what is not said follows from what is. */
function itemDefaults(item: LimitRangeItem): void {
  const { max, min, maxLimitRequestRatio } = item;
  if (item.type === "Container") {
    const limits = { ...max, ...item.default };
    const requests = { ...min, ...limits, ...item.defaultRequest };
    if (Object.keys(limits).length > 0) item.default = limits;
    if (Object.keys(requests).length > 0) item.defaultRequest = requests;
  }
  for (const list of [max, min, item.default, item.defaultRequest, maxLimitRequestRatio]) resourceListDefaults(list);
}
