/** A kind for the tests of this folder. */
import { defineKind } from "../kind.ts";
import { ObjectMeta } from "../meta.ts";
import { type Infer, int32, list, map, message, string, struct } from "../schema.ts";

const Port = message("x.Port", {
  port: int32(1).always,
  protocol: string(2).default("TCP"),
  name: string(3),
});
const Item = message("x.Item", {
  name: string(1).always,
  image: string(2),
  args: list(3, "string").atomicList,
  ports: list(4, Port).listMap("port", "protocol"),
});
const Spec = message("x.Spec", {
  replicas: int32(1).optional,
  items: list(2, Item).always.listMap("name"),
  tags: list(3, "string").listSet,
  selector: map(4, "string").atomicMap,
  options: map(5, "string"),
});
const Status = message("x.Status", { ready: int32(1), phase: string(2) });
const ThingSchema = message("x.Thing", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, Spec),
  status: struct(3, Status),
});
export interface Thing extends Infer<typeof ThingSchema> {}

export const Thing = defineKind<Thing>({
  group: "x.example.com",
  version: "v1",
  kind: "Thing",
  plural: "things",
  scope: "Namespaced",
  schema: ThingSchema,
  status: true,
  columns: [],
});

export function thing(spec: Partial<Thing["spec"]>, more: Partial<Thing> = {}): Thing {
  return {
    apiVersion: "x.example.com/v1",
    kind: "Thing",
    metadata: { name: "t", namespace: "ns", uid: "u" },
    spec: { items: null as never, ...spec },
    status: {},
    ...more,
  };
}
