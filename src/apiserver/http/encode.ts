import { encodeProtobuf, encodeProtobufList, readEnvelope } from "../../apimachinery/codec/protobuf.ts";
import { printYaml } from "../../apimachinery/codec/yaml.ts";
import { badRequest } from "../../apimachinery/errors.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject, ListMeta } from "../../apimachinery/meta.ts";
import type { Status } from "../../apimachinery/status.ts";
import { Entry } from "../cache/entry.ts";
import type { Answer, Call } from "../pipeline/call.ts";
import { PROTOBUF_TYPE } from "../registry/decodeBody.ts";
import { type Accepted, negotiate, negotiateFor } from "./negotiate.ts";
import { PartialObjectMetadata, statusProtobuf } from "./statusKind.ts";
import { type IncludeObject, partialMetadata, table } from "./table.ts";

/** An answer as bytes. */
export interface Encoded {
  readonly code: number;
  readonly contentType: string;
  /** sent one after the other */
  readonly chunks: readonly Uint8Array[];
  readonly headers?: Readonly<Record<string, string>>;
}

const COMMA = Buffer.from(",{");
const OPEN = Buffer.from("{");
const CLOSE = Buffer.from("]}\n");
const NEWLINE = Buffer.from("\n");

export function includeObject(query: URLSearchParams): IncludeObject {
  const value = query.get("includeObject") ?? "Metadata";
  if (value === "" || value === "Metadata") return "Metadata";
  if (value === "None" || value === "Object") return value;
  throw badRequest(`unrecognized includeObject value: ${JSON.stringify(value)}`);
}

function wantsPretty(call: Call): boolean {
  const { query, userAgent } = call.incoming;
  if (query.size > 0) {
    const pretty = query.get("pretty");
    if (pretty !== null) return pretty !== "0" && pretty.toLowerCase() !== "false";
  }
  // People who look with a browser or a command-line fetcher want to read it.
  return /^(curl|Wget|Mozilla\/5\.0)/.test(userAgent);
}

function value(call: Call, code: number, object: object, accepted: Accepted): Encoded {
  if (accepted.form === "yaml") {
    return { code, contentType: accepted.contentType, chunks: [Buffer.from(printYaml(object))] };
  }
  const text = wantsPretty(call) ? JSON.stringify(object, undefined, 2) : `${JSON.stringify(object)}\n`;
  return { code, contentType: "application/json", chunks: [Buffer.from(text)] };
}

export function encodeStatus(call: Call, status: Status, accept: string | undefined): Encoded {
  let accepted: Accepted;
  try {
    accepted = negotiate(accept, { protobuf: true, shapes: true });
  } catch {
    accepted = { form: "json", shape: "object", contentType: "application/json" };
  }
  const seconds = status.details?.retryAfterSeconds;
  const headers = seconds && status.code >= 400 ? { "retry-after": String(seconds) } : undefined;
  if (accepted.form === "protobuf") {
    return { code: status.code, contentType: PROTOBUF_TYPE, chunks: [statusProtobuf(status)], headers };
  }
  const { kind, apiVersion, metadata, ...rest } = status;
  return { ...value(call, status.code, { kind, apiVersion, metadata, ...rest }, accepted), headers };
}

export function partialProtobuf({ metadata }: KubernetesObject): Uint8Array {
  return encodeProtobuf(PartialObjectMetadata, { metadata });
}

function protobuf(code: number, bytes: Uint8Array): Encoded {
  return { code, contentType: PROTOBUF_TYPE, chunks: [bytes] };
}

function encodeObject(call: Call, answer: Answer & { type: "object" }, accepted: Accepted): Encoded {
  const { code, kind, entry } = answer;
  const object = answer.object as KubernetesObject;
  if (kind && accepted.shape !== "object") {
    const shown = entry ?? new Entry({ kind, key: "", revision: 0, object });
    if (accepted.shape === "PartialObjectMetadata") {
      if (accepted.form === "protobuf") return protobuf(code, partialProtobuf(object));
      return value(call, code, partialMetadata(object), accepted);
    }
    const options = { now: call.now, include: includeObject(call.incoming.query), definitions: true };
    const { resourceVersion } = object.metadata;
    return value(call, code, table(kind, [shown], { ...options, metadata: { resourceVersion } }), accepted);
  }
  if (accepted.form === "protobuf" && kind) {
    return protobuf(code, entry ? entry.protobuf : encodeProtobuf(kind, object));
  }
  if (accepted.form === "json" && entry && !wantsPretty(call)) {
    return { code, contentType: "application/json", chunks: [entry.json, NEWLINE] };
  }
  return value(call, code, object, accepted);
}

function listHead(kind: Kind, metadata: ListMeta): Buffer {
  return Buffer.from(
    `{"kind":"${kind.kind}List","apiVersion":"${kind.apiVersion}","metadata":${JSON.stringify(metadata)},"items":[`,
  );
}

/** A list is a join of what the cache already holds as bytes. */
function joinJson(kind: Kind, entries: readonly Entry[], metadata: ListMeta): Uint8Array[] {
  const chunks: Uint8Array[] = [listHead(kind, metadata)];
  let between = OPEN;
  for (const entry of entries) {
    chunks.push(between, entry.jsonInList);
    between = COMMA;
  }
  chunks.push(CLOSE);
  return chunks;
}

/** A list as one object, for forms that are not joined from bytes. */
export function listObject(kind: Kind, entries: readonly Entry[], metadata: ListMeta): object {
  const items = entries.map(({ object }) => {
    const { kind: _kind, apiVersion: _apiVersion, ...item } = object;
    return item;
  });
  return { kind: `${kind.kind}List`, apiVersion: kind.apiVersion, metadata, items };
}

function encodeList(call: Call, { kind, entries, metadata }: Answer & { type: "list" }, accepted: Accepted): Encoded {
  if (accepted.shape === "Table") {
    const include = includeObject(call.incoming.query);
    return value(call, 200, table(kind, entries, { metadata, now: call.now, include, definitions: true }), accepted);
  }
  if (accepted.shape !== "object") {
    if (accepted.form === "protobuf") {
      const rows = entries.map(({ object }) => readEnvelope(partialProtobuf(object)).raw);
      return protobuf(200, encodeProtobufList(PartialObjectMetadata, metadata, rows));
    }
    const items = entries.map(({ object }) => ({ metadata: object.metadata }));
    return value(
      call,
      200,
      { kind: "PartialObjectMetadataList", apiVersion: "meta.k8s.io/v1", metadata, items },
      accepted,
    );
  }
  if (accepted.form === "protobuf") {
    const rows = entries.map((entry) => readEnvelope(entry.protobuf).raw);
    return protobuf(200, encodeProtobufList(kind, metadata, rows));
  }
  if (accepted.form === "json" && !wantsPretty(call)) {
    return { code: 200, contentType: "application/json", chunks: joinJson(kind, entries, metadata) };
  }
  return value(call, 200, listObject(kind, entries, metadata), accepted);
}

/** Turns an answer into bytes, in the form that the client accepts. Watches and forwarded requests are not encoded here. */
export function encode(call: Call, answer: Answer): Encoded {
  switch (answer.type) {
    case "status":
      return encodeStatus(call, answer.status, call.incoming.header("accept"));
    case "object":
      return encodeObject(call, answer, negotiateFor(call, { protobuf: answer.kind !== undefined }));
    case "list":
      return encodeList(call, answer, negotiateFor(call, { protobuf: true }));
    case "raw": {
      const body = typeof answer.body === "string" ? Buffer.from(answer.body) : answer.body;
      return { code: answer.code, contentType: answer.contentType, chunks: [body], headers: answer.headers };
    }
    default:
      throw new Error(`a ${answer.type} cannot be encoded whole`);
  }
}
