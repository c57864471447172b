import { duplicateYamlKeys, parseYaml } from "./codec/yaml.ts";
import { planOf } from "./decode/compile.ts";
import { jsonKind, structName } from "./decode/goTypes.ts";
import { countTextKeys, guessTextKeys, jsonSyntaxError, strictWalk } from "./decode/jsonText.ts";
import { countKeys } from "./decode/scalars.ts";
import { carrySentTexts, hasRaw, keepSentTexts } from "./decode/sentText.ts";
import { DecodeError, trail } from "./decode/trail.ts";
import { badRequest } from "./errors.ts";
import { goQuote } from "./goText.ts";
import type { Kind } from "./kind.ts";
import type { KubernetesObject } from "./meta.ts";
import type { Message } from "./schema.ts";
import { type Scheme, splitApiVersion } from "./scheme.ts";
import type { StatusError } from "./status.ts";

export { carrySentTexts, hasRaw, keepSentTexts, sameRaw, sentJson } from "./decode/sentText.ts";
export { toStoredForm } from "./decode/storedForm.ts";
export { DecodeError } from "./decode/trail.ts";

/** What becomes of unknown and duplicate fields: an error, a warning, or nothing. */
export type FieldValidation = "Strict" | "Warn" | "Ignore";

export interface DecodeOptions {
  fieldValidation: FieldValidation;
  /** tells a body of another known kind apart from one of an unknown kind */
  scheme?: Scheme;
}

export interface Decoded<T extends KubernetesObject = KubernetesObject> {
  /** a fresh object in normal form, apiVersion and kind set; the caller's to change */
  object: T;
  /** texts such as `unknown field "spec.bogus"`, under Warn */
  warnings: string[];
}

/**
 * Decodes a parsed body as `kind`, checking every type as Kubernetes does. Null means not set.
 * Throws StatusError 400 with Kubernetes' text.
 */
export function decodeObject<T extends KubernetesObject>(
  kind: Kind<T>,
  value: unknown,
  options: DecodeOptions,
): Decoded<T> {
  return decodeAs(kind, value, options, () => JSON.stringify(value));
}

/** As `decodeObject`, from the bytes or text of a JSON body, of which it also sees duplicate keys. */
export function decodeJson<T extends KubernetesObject>(
  kind: Kind<T>,
  body: Uint8Array | string,
  options: DecodeOptions,
): Decoded<T> {
  const text = textOf(body);
  const decoded = decodeAs(kind, parseJson(kind, text), options, () => text, text);
  if (hasRaw(kind.schema)) keepSentTexts(kind.schema, decoded.object, text);
  return decoded;
}

/** As `decodeObject`, from a YAML body. */
export function decodeYaml<T extends KubernetesObject>(
  kind: Kind<T>,
  body: Uint8Array | string,
  options: DecodeOptions,
): Decoded<T> {
  const text = textOf(body);
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch (error) {
    throw unrecognized(kind, (error as Error).message, text);
  }
  const duplicates = options.fieldValidation === "Ignore" ? undefined : duplicateYamlKeys(text);
  return decodeAs(kind, value, options, () => text, undefined, duplicates);
}

/** A value that is trusted to be of the right types in normal form, as a fresh object. Throws DecodeError if it is not. */
export function normalize<T>(message: Message<T>, value: unknown): T {
  const normal = decodeValue(message, value, false).value;
  carrySentTexts(message, value, normal);
  return normal;
}

/**
 * Decodes any message, such as a DeleteOptions. Throws DecodeError with Go's text. `strictErrors` holds
 * `unknown field "…"` texts if `strict`.
 */
export function decodeValue<T>(
  message: Message<T>,
  value: unknown,
  strict: boolean,
): { value: T; strictErrors: string[] } {
  trail.reset(strict);
  const decoded = planOf(message).decode(value ?? {});
  trail.finish();
  return { value: decoded as T, strictErrors: trail.strictErrors };
}

/** JSON.parse, failing as the API does. */
export function parseJson(kind: { kind: string }, body: Uint8Array | string): unknown {
  const text = textOf(body);
  try {
    return JSON.parse(text);
  } catch (error) {
    const why = jsonSyntaxError(text) ?? (error as Error).message;
    throw unrecognized(kind, `couldn't get version/kind; json parse error: ${why}`, text);
  }
}

const textOf = (body: Uint8Array | string): string =>
  typeof body === "string" ? body : Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString();

function decodeAs<T extends KubernetesObject>(
  kind: Kind<T>,
  value: unknown,
  options: DecodeOptions,
  source: () => string,
  text?: string,
  moreStrictError?: string,
): Decoded<T> {
  const named = nameOf(kind, value, source);
  const fail = (why: string) => unreadable(kind, named, why);
  const mismatch = kindMismatch(kind, named, options.scheme);
  if (mismatch) throw mismatch;
  const plan = planOf(kind.schema);
  try {
    trail.reset(options.fieldValidation !== "Ignore");
    const object = plan.decode(value);
    trail.finish();
    let strictErrors = trail.strictErrors;
    if (text !== undefined && trail.strict && hasMoreKeys(text, trail.keys)) {
      trail.reset(true);
      strictWalk(text, plan);
      strictErrors = trail.strictErrors;
    }
    if (moreStrictError !== undefined) strictErrors = [moreStrictError, ...strictErrors];
    if (strictErrors.length > 0 && options.fieldValidation === "Strict") {
      throw fail(`strict decoding error: ${strictErrors.join(", ")}`);
    }
    return { object: identified(kind, object!) as T, warnings: strictErrors };
  } catch (error) {
    throw error instanceof DecodeError ? fail(error.message) : error;
  }
}

/** Says what it is before all else, as it is stored: where the body said nothing, it would come last. */
function identified({ apiVersion, kind }: KindName & { kind: string }, object: Record<string, unknown>): unknown {
  return object.apiVersion === undefined || object.kind === undefined
    ? { apiVersion, kind, metadata: object.metadata, ...object }
    : Object.assign(object, { apiVersion, kind });
}

type KindName = Pick<Kind, "group" | "apiVersion" | "kind">;

interface Named {
  apiVersion: string;
  version: string;
  kind: string;
}

/** Which kind a body says it is; what it does not say is taken from where it was sent. */
function nameOf(kind: KindName, value: unknown, source: () => string): Named {
  const typeError = (what: string, into: string) =>
    unrecognized(
      kind,
      `couldn't get version/kind; json parse error: json: cannot unmarshal ${what} into Go ${into}`,
      source(),
    );
  if (value !== null && (typeof value !== "object" || Array.isArray(value))) {
    throw typeError(
      jsonKind(value),
      'value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }',
    );
  }
  const { apiVersion, kind: named } = (value ?? {}) as { apiVersion?: unknown; kind?: unknown };
  const check = (name: string, one: unknown) => {
    if (one !== undefined && one !== null && typeof one !== "string") {
      throw typeError(jsonKind(one), `struct field .${name} of type string`);
    }
  };
  check("apiVersion", apiVersion);
  check("kind", named);
  const asked = (apiVersion || kind.apiVersion) as string;
  if (asked.split("/").length > 2) throw unrecognized(kind, `unexpected GroupVersion string: ${asked}`, source());
  return { apiVersion: asked, version: splitApiVersion(asked).version, kind: (named || kind.kind) as string };
}

/** A body that was recognised, but cannot be read as `kind`. */
export const unreadable = (
  kind: { kind: string },
  named: { apiVersion: string; kind: string },
  why: string,
): StatusError =>
  badRequest(
    `${named.kind} in version ${goQuote(splitApiVersion(named.apiVersion).version)} cannot be handled as a ${kind.kind}: ${why}`,
  );

/** What is wrong with a body that says it is of this kind, sent where `kind` is served; undefined: nothing. */
export function kindMismatch(
  kind: KindName,
  named: { apiVersion: string; kind: string },
  scheme: Scheme | undefined,
): StatusError | undefined {
  if (named.kind === kind.kind && named.apiVersion === kind.apiVersion) return undefined;
  return otherKind(kind, named, scheme, (why) => unreadable(kind, named, why));
}

/** Kubernetes serves its kinds from several programs' schemes, and names the one that did not know better. */
const schemeOf = ({ group }: KindName): string =>
  group === "apiregistration.k8s.io"
    ? "k8s.io/kube-aggregator/pkg/apiserver/scheme/scheme.go:28"
    : "pkg/api/legacyscheme/scheme.go:30";

function otherKind(
  kind: KindName,
  named: { apiVersion: string; kind: string },
  scheme: Scheme | undefined,
  fail: (why: string) => StatusError,
): StatusError {
  const known = scheme?.byKind(named.apiVersion, named.kind);
  if (!known) {
    return fail(
      `no kind ${goQuote(named.kind)} is registered for version ${goQuote(named.apiVersion)} in scheme "${schemeOf(kind)}"`,
    );
  }
  if (known.group === kind.group && known.kind === kind.kind) {
    return badRequest(
      `the API version in the data (${named.apiVersion}) does not match the expected API version (${kind.apiVersion})`,
    );
  }
  const internal = kind.group === "" ? "core" : kind.group.split(".")[0];
  return fail(
    `converting (${known.version}.${structName(known.schema)}) to (${internal}.${kind.kind}): unknown conversion`,
  );
}

const EXCERPT = 30;

/** A body that does not even say what it is. */
export function unrecognized(kind: { kind: string }, why: string, body: string | Uint8Array): StatusError {
  const message = `the object provided is unrecognized (must be of type ${kind.kind}): ${why} (${excerpt(body)})`;
  return badRequest(message);
}

/** The first bytes of a body: as text if it looks like JSON, else in hexadecimal. */
function excerpt(body: string | Uint8Array): string {
  const bytes = Buffer.from(body as string);
  if (bytes.length === 0) return "<empty>";
  const shown = bytes.subarray(0, EXCERPT).toString(bytes[0] === 0x7b ? "utf8" : "hex");
  return bytes.length > EXCERPT ? `${shown} ...` : shown;
}

/** Whether a text has more keys than the objects parsed from it: then some key stands twice. */
const hasMoreKeys = (text: string, keys: number): boolean =>
  guessTextKeys(text) !== keys && countTextKeys(text) !== keys;

/** Whether some object of a valid JSON text has a key twice. */
export const hasDuplicateKeys = (text: string, parsed: unknown): boolean => hasMoreKeys(text, countKeys(parsed));
