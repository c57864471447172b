import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, list, message, string, struct } from "../../../apimachinery/schema.ts";
import { nameColumn } from "./columns/shared.ts";

export const ComponentCondition = message(
  "io.k8s.api.core.v1.ComponentCondition",
  {
    type: string(1).always.required.doc("Always Healthy."),
    status: string(2).always.required.doc("True, False or Unknown."),
    message: string(3).doc("What was found."),
    error: string(4).doc("What is wrong."),
  },
  { doc: "How a part of the control plane is." },
);
export interface ComponentCondition extends Infer<typeof ComponentCondition> {}

export const ComponentStatusSchema = message(
  "io.k8s.api.core.v1.ComponentStatus",
  {
    apiVersion: string(0).doc("API group and version of this object."),
    kind: string(0).doc("What kind of object this is."),
    metadata: struct(1, ObjectMeta).doc("What every object says about itself."),
    conditions: list(2, ComponentCondition).listMap("type").merge("type").doc("What was found."),
  },
  { doc: "One part of the control plane. Deprecated; /livez and /readyz of each part took its place." },
);
export interface ComponentStatus extends Infer<typeof ComponentStatusSchema> {}

const healthy = ({ conditions = [] }: ComponentStatus) => conditions.find(({ type }) => type === "Healthy");

export const ComponentStatus = defineKind<ComponentStatus>({
  group: "",
  version: "v1",
  kind: "ComponentStatus",
  plural: "componentstatuses",
  shortNames: ["cs"],
  scope: "Cluster",
  schema: ComponentStatusSchema,
  verbs: ["get", "list"],
  computed: true,
  columns: [
    nameColumn,
    {
      name: "Status",
      type: "string",
      description: "Whether it is well.",
      value: (component) => ({ True: "Healthy", False: "Unhealthy" })[healthy(component)?.status ?? ""] ?? "Unknown",
    },
    {
      name: "Message",
      type: "string",
      description: "What was found.",
      value: (component) => healthy(component)?.message ?? "",
    },
    {
      name: "Error",
      type: "string",
      description: "What is wrong.",
      value: (component) => healthy(component)?.error ?? "",
    },
  ],
});
