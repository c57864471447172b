/**
 * For tests only: questions that an API server was asked, with the answers that Kubernetes gave, and how near ours
 * come to them. Only what a kind's declaration decides is held here: decoding, defaults, validation. What the server
 * adds (identities, allocation, admission) is taken out of both answers.
 */
import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { decodeJson, decodeObject, type FieldValidation } from "../apimachinery/decode.ts";
import { invalid } from "../apimachinery/errors.ts";
import { root } from "../apimachinery/fieldErrors.ts";
import type { Kind } from "../apimachinery/kind.ts";
import { emptyToNull } from "../apimachinery/managedFields/index.ts";
import type { KubernetesObject } from "../apimachinery/meta.ts";
import { StatusError } from "../apimachinery/status.ts";
import { validateObjectMeta } from "../apimachinery/validation/objectMeta.ts";

const CORPUS = new URL("../../../shared/differential/kubernetes-1.36.jsonl.gz", import.meta.url);

export interface Answer {
  code: number;
  body: unknown;
  warnings?: string[];
}

export interface Question {
  id: string;
  method: string;
  path: string;
  body?: unknown;
  /** the body as text, where it is no JSON */
  raw?: string;
  type?: string;
  accept?: string;
  expect: Answer;
  /** the level at which the recorded server agrees with itself */
  steady?: "verdict" | "body" | "message";
}

let corpus: Question[] | undefined;

/** All recorded questions; undefined where the recordings are not at hand. */
export function allQuestions(): readonly Question[] | undefined {
  if (corpus === undefined && existsSync(CORPUS)) {
    const lines = gunzipSync(readFileSync(CORPUS)).toString("utf8").split("\n");
    corpus = lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Question);
  }
  return corpus;
}

/** What a test says when it is skipped; false when it need not be. */
export const skip = existsSync(CORPUS) ? false : "the recorded answers of Kubernetes are not at hand";

/**
 * The questions that create an object of a kind, such as "Deployment.apps" or "Lease": those that the server's path
 * decides (content types, tables, names that exist) left out.
 */
export function createQuestions(kindPrefix: string): Question[] {
  const serverside = /\/create\/(as-table|content-type|again|other-namespace|wrong-kind|wrong-version)$/;
  return questions(kindPrefix, "create").filter(({ id, raw }) => raw === undefined && !serverside.test(id));
}

export function questions(kindPrefix: string, verb: string): Question[] {
  const start = new RegExp(`^${kindPrefix.replaceAll(".", "\\.")}[^/]*/${verb}/`);
  return (allQuestions() ?? []).filter(({ id }) => start.test(id));
}

/** The recorded object as it was stored, for questions about changes. */
export function storedObject(question: Question): KubernetesObject | undefined {
  const who = question.id.split("/", 1)[0];
  const read = allQuestions()?.find(({ id }) => id === `${who}/get` || id === `setup/${who}/create`);
  return read === undefined ? undefined : (filledIn(read.expect.body) as KubernetesObject);
}

/** Stand-ins for what recordings leave open, since it differs from server to server. */
const STANDINS: readonly [recorded: string, ours: string][] = [
  ["kube-api-access-<id>", "kube-api-access-abcde"],
  ["<uid>", "00000000-0000-4000-8000-000000000000"],
  ["<ip>", "10.112.0.10"],
];
const PORT = 30_080;

function filledIn(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => filledIn(item, key));
  if (typeof value === "string") {
    if (value === "<port>") return PORT;
    return STANDINS.reduce((text, [recorded, ours]) => text.replaceAll(recorded, ours), value);
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, filledIn(inner, name)]));
}

/** The other way round. */
function leftOpen(value: unknown, key: string): unknown {
  if (typeof value === "string") {
    return STANDINS.reduce((text, [recorded, ours]) => text.replaceAll(ours, recorded), value);
  }
  return value === PORT && /[pP]ort$/.test(key) ? "<port>" : value;
}

/** An object, or what was thrown on the way to it, as an answer. */
export function answerCreate(make: () => KubernetesObject, code = 201): Answer {
  try {
    return { code, body: make() };
  } catch (error) {
    const { status } = StatusError.from(error);
    return { code: status.code, body: status };
  }
}

/** What a kind's declaration answers to a create: decoded, defaulted, validated. */
export function answerByKind<T extends KubernetesObject>(kind: Kind<T>, question: Question): Answer {
  return answerCreate(() => {
    const { object } = decodeObject(kind, question.body, { fieldValidation: validationOf(question) });
    if (kind.scope === "Namespaced") object.metadata.namespace ??= NAMESPACE;
    kind.defaults?.(object);
    const meta = isReview(kind) ? [] : validateObjectMeta(object.metadata, kind, root.child("metadata"));
    const errors = [...meta, ...(kind.validate?.(object) ?? []), ...(kind.validateCreate?.(object) ?? [])];
    if (errors.length > 0) throw invalid(kind.storedAs?.kind ?? kind, object.metadata.name ?? "", errors);
    emptyToNull(kind.schema, object);
    return object;
  });
}

/** What a kind's declaration answers to an update of the stored object. */
export function answerUpdateByKind<T extends KubernetesObject>(kind: Kind<T>, updated: unknown, stored: T): Answer {
  return answerCreate(() => {
    const { object } = decodeObject(kind, updated, { fieldValidation: "Strict" });
    const { object: old } = decodeJson(kind, asSent(stored), { fieldValidation: "Ignore" });
    kind.defaults?.(object);
    const errors = [...(kind.validate?.(object) ?? []), ...(kind.validateUpdate?.(object, old) ?? [])];
    if (errors.length > 0) throw invalid(kind.storedAs?.kind ?? kind, object.metadata.name ?? "", errors);
    return object;
  }, 200);
}

/** Recorded objects were sent with blanks, which matters to what Kubernetes keeps as text. */
const asSent = (object: unknown): string => JSON.stringify(object, null, 1);

/** The namespace in which the questions were asked. */
const NAMESPACE = "diff";

const isReview = (kind: Pick<Kind, "verbs">): boolean => kind.verbs.length === 1;

function validationOf({ path }: Question): FieldValidation {
  const asked = new URLSearchParams(path.split("?", 2)[1]).get("fieldValidation");
  return asked === "Strict" || asked === "Ignore" ? asked : "Warn";
}

export interface Likeness {
  /** code, reason, and the fields that are wrong, each with its reason */
  verdict: boolean;
  /** the accepted object is the same; for refusals as `verdict` */
  body: boolean;
  message: boolean;
}

export function compareAnswers(question: Question, have: Answer): Likeness {
  const want = question.expect;
  const verdict = same(verdictOf(want), verdictOf(have));
  const refused = isStatus(want.body) && want.code >= 400;
  const body = verdict && (refused || same(settled(want.body), settled(have.body)));
  const message = body && (!refused || messageOf(want.body) === messageOf(have.body));
  return { verdict, body, message };
}

interface StatusBody {
  kind: "Status";
  reason?: string;
  message?: string;
  details?: { causes?: { field?: string; reason?: string }[] };
}

function isStatus(body: unknown): body is StatusBody {
  return typeof body === "object" && body !== null && (body as { kind?: unknown }).kind === "Status";
}

const messageOf = (body: unknown): string | undefined => (isStatus(body) ? body.message : undefined);

export function verdictOf({ code, body }: Answer): unknown {
  if (!isStatus(body)) return [code];
  const causes = (body.details?.causes ?? []).map(({ field = "", reason = "" }) => `${field} ${reason}`);
  return [code, body.reason ?? "", [...new Set(causes)].sort()];
}

const VARYING = new Set([
  "uid",
  "creationTimestamp",
  "resourceVersion",
  "selfLink",
  "deletionTimestamp",
  "time",
  "lastTransitionTime",
  "lastUpdateTime",
  "lastProbeTime",
  "startTime",
  "managedFields",
  "generation",
]);

/** An object without what only a server knows, keys in order. */
export function settled(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) return value.map((item) => settled(item, key));
  if (typeof value !== "object" || value === null) return leftOpen(value, key);
  const entries = Object.entries(value).filter(([key, inner]) => !VARYING.has(key) && inner !== undefined);
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, inner]) => [name, settled(inner, name)]),
  );
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
