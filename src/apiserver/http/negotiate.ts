import { notAcceptable } from "../../apimachinery/errors.ts";
import type { Call } from "../pipeline/call.ts";
import { JSON_TYPE, PROTOBUF_TYPE, YAML_TYPE } from "../registry/decodeBody.ts";

export type Form = "json" | "yaml" | "protobuf";
export type Shape = "object" | "Table" | "PartialObjectMetadata" | "PartialObjectMetadataList";

/** How an answer shall look. */
export interface Accepted {
  readonly form: Form;
  readonly shape: Shape;
  readonly contentType: string;
}

const FORMS: Readonly<Record<string, Form>> = {
  [JSON_TYPE]: "json",
  [YAML_TYPE]: "yaml",
  [PROTOBUF_TYPE]: "protobuf",
};
const SHAPES = new Set(["Table", "PartialObjectMetadata", "PartialObjectMetadataList"]);
const JSON_ACCEPTED: Accepted = { form: "json", shape: "object", contentType: JSON_TYPE };
const remembered = new Map<string, Accepted>();

interface Clause {
  type: string;
  parameters: Map<string, string>;
  quality: number;
}

function parseAccept(header: string): Clause[] {
  const clauses = header.split(",").map((text) => {
    const [type = "", ...rest] = text.split(";").map((part) => part.trim());
    const parameters = new Map(rest.map((p) => p.split("=", 2) as [string, string]));
    return { type: type.toLowerCase(), parameters, quality: Number(parameters.get("q") ?? 1) };
  });
  return clauses.filter(({ quality }) => quality > 0).sort((a, b) => b.quality - a.quality);
}

function shapeOf(parameters: Map<string, string>, table: boolean): Shape | undefined {
  const as = parameters.get("as");
  if (as === undefined) return "object";
  const known = parameters.get("g") === "meta.k8s.io" && ["v1", "v1beta1"].includes(parameters.get("v") ?? "");
  return known && SHAPES.has(as) && table ? (as as Shape) : undefined;
}

/** Kinds that are only asked and never stored, such as reviews, have no rows. */
const hasRows = (call: Call) => call.resource === undefined || call.resource.kind.verbs.includes("get");

/** How the answer to a request shall look; 406 when it can look like nothing that the client accepts. */
export const negotiateFor = (call: Call, options: { protobuf: boolean }): Accepted =>
  negotiate(call.incoming.header("accept"), { ...options, shapes: hasRows(call) });

/** The first of what a client accepts that can be had; 406 when there is none. */
export function negotiate(header: string | undefined, options: { protobuf: boolean; shapes: boolean }): Accepted {
  if (!header || header === JSON_TYPE || header === "*/*") return JSON_ACCEPTED;
  const key = `${options.protobuf}${options.shapes}${header}`;
  let accepted = remembered.get(key);
  if (!accepted) {
    accepted = choose(header, options);
    if (remembered.size > 256) remembered.clear();
    remembered.set(key, accepted);
  }
  return accepted;
}

function choose(header: string, { protobuf, shapes }: { protobuf: boolean; shapes: boolean }): Accepted {
  for (const { type, parameters } of parseAccept(header)) {
    const shape = shapeOf(parameters, shapes);
    if (!shape) continue;
    const form = type === "*/*" || type === "application/*" || type === "" ? "json" : FORMS[type];
    if (!form || (form === "protobuf" && (!protobuf || shape === "Table"))) continue;
    const base = form === "json" ? JSON_TYPE : type;
    return { form, shape, contentType: base };
  }
  throw notAcceptable([JSON_TYPE, YAML_TYPE, PROTOBUF_TYPE]);
}
