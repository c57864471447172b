import { TokenRequestSchema } from "../../api/authentication/v1/index.ts";
import { ScaleSchema } from "../../api/autoscaling/v1/index.ts";
import { EvictionSchema } from "../../api/policy/v1/index.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import { DeleteOptions, ListMeta, META } from "../../apimachinery/meta.ts";
import {
  APIGroupListSchema,
  APIGroupSchema,
  APIResourceListSchema,
  APIVersionsSchema,
  StatusSchema,
  VersionInfo,
  WatchEventSchema,
} from "../../apimachinery/responses.ts";
import { list, type Message, message, string, struct } from "../../apimachinery/schema.ts";

export interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
}

/** A message that the documents define, with the kinds of which it is the shape. */
export interface Definition {
  message: Message;
  gvks: GroupVersionKind[];
}

/** Bodies of subresources whose kinds are not served by themselves. */
const SUBRESOURCE_BODIES: readonly (GroupVersionKind & { schema: Message })[] = [
  { group: "policy", version: "v1", kind: "Eviction", schema: EvictionSchema },
  { group: "autoscaling", version: "v1", kind: "Scale", schema: ScaleSchema },
  { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest", schema: TokenRequestSchema },
];

const CORE_ANSWERS: readonly Message[] = [
  StatusSchema,
  APIVersionsSchema,
  APIGroupSchema,
  APIGroupListSchema,
  APIResourceListSchema,
];

/** Where the body of a subresource is defined. */
export function definitionName(kinds: readonly Kind[], group: string, version: string, kind: string): string {
  const same = (one: GroupVersionKind) => one.group === group && one.version === version && one.kind === kind;
  const schema = SUBRESOURCE_BODIES.find(same)?.schema ?? kinds.find(same)?.schema;
  if (!schema) throw new Error(`no declaration of ${group}/${version} ${kind}, the body of a subresource`);
  return schema.name;
}

/** Every definition that the kinds, and the answers about them, need; by name. */
export function definitionsOf(kinds: readonly Kind[]): Map<string, Definition> {
  const definitions = new Map<string, Definition>();
  const add = (schema: Message, gvks: GroupVersionKind[] = []) => collect(definitions, schema, gvks);
  const groupVersions = [
    ...new Map(kinds.map(({ apiVersion, group, version }) => [apiVersion, { group, version }])).values(),
  ];
  const everywhere = (kind: string) => groupVersions.map((groupVersion) => ({ ...groupVersion, kind }));
  add(DeleteOptions, everywhere("DeleteOptions"));
  add(WatchEventSchema, everywhere("WatchEvent"));
  for (const schema of CORE_ANSWERS) add(schema, [{ group: "", version: "v1", kind: schema.name.split(".").at(-1)! }]);
  add(VersionInfo);
  for (const { group, version, kind, schema } of SUBRESOURCE_BODIES) add(schema, [{ group, version, kind }]);
  for (const { group, version, kind, schema, verbs } of kinds) {
    add(schema, [{ group, version, kind }]);
    if (verbs.includes("list")) add(listOf(schema, kind), [{ group, version, kind: `${kind}List` }]);
  }
  return definitions;
}

function collect(into: Map<string, Definition>, schema: Message, gvks: GroupVersionKind[]): void {
  const known = into.get(schema.name);
  if (known) {
    for (const gvk of gvks)
      if (!known.gvks.some((one) => one.kind === gvk.kind && one.group === gvk.group && one.version === gvk.version))
        known.gvks.push(gvk);
    return;
  }
  into.set(schema.name, { message: schema, gvks: [...gvks] });
  collectFields(into, schema);
}

function collectFields(into: Map<string, Definition>, schema: Message): void {
  for (const { spec } of Object.values(schema.fields)) {
    if (typeof spec.type === "string") continue;
    if (spec.presence === "inline") collectFields(into, spec.type);
    else collect(into, spec.type, []);
  }
}

function listOf(schema: Message, kind: string): Message {
  return message(
    `${schema.name}List`,
    {
      apiVersion: string(0),
      kind: string(0),
      metadata: struct(1, ListMeta).doc("What the list says about itself."),
      items: list(2, schema).always.required.doc("The objects."),
    },
    { doc: `A list of objects of kind ${kind}.` },
  );
}

/** Definitions that are no messages: the JSON forms of the scalar types. */
export interface ScalarDefinition {
  name: string;
  doc: string;
  v2: object;
  v3: object;
}

const same = (schema: object) => ({ v2: schema, v3: schema });

export const scalarDefinitions = {
  quantity: {
    name: "io.k8s.apimachinery.pkg.api.resource.Quantity",
    doc: "An amount: a number with a decimal (m, k, M, G, …) or binary (Ki, Mi, Gi, …) suffix, such as 100m or 1Gi.",
    v2: { type: "string" },
    v3: { oneOf: [{ type: "string" }, { type: "number" }] },
  },
  time: {
    name: `${META}.Time`,
    doc: "An instant, as RFC 3339 prints it, in whole seconds.",
    ...same({ type: "string", format: "date-time" }),
  },
  microTime: {
    name: `${META}.MicroTime`,
    doc: "An instant, as RFC 3339 prints it, in microseconds.",
    ...same({ type: "string", format: "date-time" }),
  },
  duration: {
    name: `${META}.Duration`,
    doc: "A span of time, such as 1m30s.",
    ...same({ type: "string" }),
  },
  intOrString: {
    name: "io.k8s.apimachinery.pkg.util.intstr.IntOrString",
    doc: "A whole number or a text, such as a port or its name, or a number or percentage.",
    v2: { type: "string", format: "int-or-string" },
    v3: { format: "int-or-string", oneOf: [{ type: "integer" }, { type: "string" }] },
  },
  fieldsV1: {
    name: `${META}.FieldsV1`,
    doc: "A set of fields, as a tree: `f:<name>` for a field, `k:<keys>`, `v:<value>` or `i:<index>` for an item.",
    ...same({ type: "object" }),
  },
  rawExtension: {
    name: "io.k8s.apimachinery.pkg.runtime.RawExtension",
    doc: "Any object, carried as it is.",
    ...same({ type: "object" }),
  },
  json: {
    name: "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSON",
    doc: "Any JSON value.",
    v2: {},
    v3: {},
  },
} as const satisfies Record<string, ScalarDefinition>;

/** The body of a patch, whatever its form. */
export const patchDefinition: ScalarDefinition = {
  name: `${META}.Patch`,
  doc: "A change of an object, in the form that the content type names.",
  ...same({ type: "object" }),
};
