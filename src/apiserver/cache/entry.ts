import { encodeProtobuf } from "../../apimachinery/codec/protobuf.ts";
import { hasRaw, keepSentTexts, sentJson } from "../../apimachinery/decode.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";

/**
 * One revision of one object: parsed and frozen, and as bytes that are made once, for whoever asks.
 *
 * The JSON always begins with `{"apiVersion":"…","kind":"…","metadata":{` (or kind first), so that the resource version can be spliced
 * in without parsing, and so that a list can leave out kind and apiVersion by skipping a constant number of bytes.
 */
export class Entry {
  readonly kind: Kind;
  readonly key: string;
  readonly revision: number;
  readonly object: KubernetesObject;
  #stored: Uint8Array | undefined;
  #json: Buffer | undefined;
  #protobuf: Uint8Array | undefined;

  constructor(options: { kind: Kind; key: string; revision: number; object: KubernetesObject; stored?: Uint8Array }) {
    this.kind = options.kind;
    this.key = options.key;
    this.revision = options.revision;
    this.object = options.object;
    // what is stored with the blanks that were sent is not what is answered
    if (!hasRaw(options.kind.schema)) this.#stored = options.stored;
  }
  /** The whole object as JSON. */
  get json(): Buffer {
    if (!this.#json) {
      this.#json = this.#stored ? splice(this.kind, this.#stored, this.revision) : encodeJson(this.kind, this.object);
      this.#stored = undefined;
    }
    return this.#json;
  }
  /** As `json`, from behind kind and apiVersion on: `"metadata":{…}…}`. */
  get jsonInList(): Buffer {
    return this.json.subarray(headOf(this.kind).item);
  }
  /** The whole object with protobuf's envelope. */
  get protobuf(): Uint8Array {
    this.#protobuf ??= encodeProtobuf(this.kind, this.object);
    return this.#protobuf;
  }
}

interface Head {
  text: string;
  /** the same with kind first, as Go writes it; it is just as long */
  turned: string;
  /** where `"metadata"` begins */
  item: number;
  /** where the first field of metadata stands */
  metadata: number;
}
const heads = new WeakMap<Kind, Head>();

function headOf(kind: Kind): Head {
  let head = heads.get(kind);
  if (!head) {
    const names = [`"apiVersion":${JSON.stringify(kind.apiVersion)},`, `"kind":${JSON.stringify(kind.kind)},`];
    const text = `{${names.join("")}"metadata":{`;
    const turned = `{${names.reverse().join("")}"metadata":{`;
    const metadata = Buffer.byteLength(text);
    head = { text, turned, item: metadata - '"metadata":{'.length, metadata };
    heads.set(kind, head);
  }
  return head;
}

function splice(kind: Kind, stored: Uint8Array, revision: number): Buffer {
  const { metadata } = headOf(kind);
  const version = `"resourceVersion":"${revision}",`;
  const out = Buffer.allocUnsafe(stored.length + version.length);
  out.set(stored.subarray(0, metadata));
  out.write(version, metadata, "latin1");
  out.set(stored.subarray(metadata), metadata + version.length);
  return out;
}

/** Most objects have their keys in order already; then one call does it. */
function jsonText(kind: Kind, object: KubernetesObject): string {
  const text = JSON.stringify(object);
  const { text: head, turned } = headOf(kind);
  return text.startsWith(head) || text.startsWith(turned) ? text : reordered(kind, object);
}

function reordered(kind: Kind, object: KubernetesObject): string {
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = object;
  const body = JSON.stringify(rest);
  const meta = JSON.stringify(metadata);
  return `${headOf(kind).text}${meta.slice(1)}${body === "{}" ? "}" : `,${body.slice(1)}`}`;
}

function encodeJson(kind: Kind, object: KubernetesObject): Buffer {
  return Buffer.from(jsonText(kind, object));
}

/** An object as it is stored: JSON without resourceVersion, which the store itself keeps as the revision. The object's own is cleared. */
export function encodeStored(kind: Kind, object: KubernetesObject): Buffer {
  object.metadata.resourceVersion = undefined;
  return hasRaw(kind.schema) ? Buffer.from(sentJson(kind.schema, object)) : encodeJson(kind, object);
}

/** Reads what `encodeStored` wrote. */
export function decodeStored(kind: Kind, bytes: Uint8Array, revision: number): KubernetesObject {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
  const object = JSON.parse(text) as KubernetesObject;
  object.metadata.resourceVersion = String(revision);
  if (hasRaw(kind.schema)) keepSentTexts(kind.schema, object, text);
  return object;
}
