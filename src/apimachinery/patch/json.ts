import { failure, type StatusError } from "../status.ts";
import { goTypeName, isObject, type Json, type JsonObject, sameJson } from "./value.ts";

/** RFC 6902. The most operations one patch may have, as in Kubernetes. */
const MAX_OPERATIONS = 10_000;

interface Operation {
  op: string;
  path: string;
  from?: string;
  value?: Json;
}

/**
 * Applies a JSON patch and answers a new document, which shares what was not touched with the old one.
 * A patch that is not a list of operations is a 400; one that does not apply is a 422.
 */
export function applyJsonPatch(document: unknown, operations: unknown): unknown {
  const list = parseOperations(operations);
  let result = document as Json;
  for (const operation of list) result = applyOperation(result, operation);
  return result;
}

function parseOperations(operations: unknown): Operation[] {
  const target = "handlers.jsonPatchOp";
  if (operations === null || operations === undefined) return [];
  if (!Array.isArray(operations)) throw undecodable(operations, `[]${target}`);
  if (operations.length > MAX_OPERATIONS) throw tooManyOperations(operations.length);
  for (const operation of operations) if (!isObject(operation)) throw undecodable(operation, target);
  return operations as Operation[];
}

function applyOperation(document: Json, operation: Operation): Json {
  switch (operation.op) {
    case "add":
      return change(document, path(operation.path), (at, key) => add(at, key, operation.value ?? null));
    case "remove":
      return change(document, path(operation.path), remove);
    case "replace":
      return change(document, path(operation.path), (at, key) => replace(at, key, operation.value ?? null));
    case "test":
      return test(document, path(operation.path), operation.value);
    case "move": {
      const from = path(operation.from);
      const value = read(document, from);
      return change(change(document, from, remove), path(operation.path), (at, key) => add(at, key, value ?? null));
    }
    case "copy": {
      const value = read(document, path(operation.from));
      return change(document, path(operation.path), (at, key) => add(at, key, value ?? null));
    }
    default:
      throw doesNotApply();
  }
}

/** A pointer's steps. What stands before the first slash is not looked at, as in Kubernetes. */
function path(pointer: unknown): string[] {
  if (typeof pointer !== "string") throw doesNotApply();
  const steps = pointer.split("/").slice(1);
  if (steps.length === 0) throw doesNotApply();
  return steps.map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}

type Change = (at: JsonObject | Json[], key: string) => JsonObject | Json[];

/** Rebuilds the way down to where the change is made. */
function change(document: Json, steps: readonly string[], make: Change, depth = 0): Json {
  if (!isObject(document) && !Array.isArray(document)) throw doesNotApply();
  const step = steps[depth]!;
  if (depth === steps.length - 1) return make(document, step);
  if (Array.isArray(document)) {
    const i = index(document, step, document.length);
    return document.with(i, change(document[i]!, steps, make, depth + 1));
  }
  if (!Object.hasOwn(document, step)) throw doesNotApply();
  return { ...document, [step]: change(document[step]!, steps, make, depth + 1) };
}

function add(at: JsonObject | Json[], key: string, value: Json): JsonObject | Json[] {
  if (!Array.isArray(at)) return { ...at, [key]: value };
  if (key === "-") return [...at, value];
  return at.toSpliced(index(at, key, at.length + 1), 0, value);
}

function remove(at: JsonObject | Json[], key: string): JsonObject | Json[] {
  if (Array.isArray(at)) return at.toSpliced(index(at, key, at.length), 1);
  if (!Object.hasOwn(at, key)) throw doesNotApply();
  const { [key]: _, ...rest } = at;
  return rest;
}

/** A key need not be there to be replaced, as Kubernetes has it, RFC 6902 notwithstanding. */
function replace(at: JsonObject | Json[], key: string, value: Json): JsonObject | Json[] {
  if (Array.isArray(at)) return at.with(index(at, key, at.length), value);
  return { ...at, [key]: value };
}

function test(document: Json, steps: readonly string[], value: Json | undefined): Json {
  if (!sameJson(read(document, steps) ?? null, value ?? null)) throw doesNotApply();
  return document;
}

/** The value at the end of a path; undefined when only the last step is missing from an object. */
function read(document: Json, steps: readonly string[]): Json | undefined {
  let at: Json | undefined = document;
  for (const step of steps) {
    if (Array.isArray(at)) at = at[index(at, step, at.length)];
    else if (isObject(at)) at = Object.hasOwn(at, step) ? at[step] : undefined;
    else throw doesNotApply();
  }
  return at;
}

/** A list position; negative ones count from the end, as Kubernetes' patches allow. */
function index(list: readonly Json[], step: string, limit: number): number {
  if (!/^[+-]?\d+$/.test(step)) throw doesNotApply();
  const i = Number(step) < 0 ? Number(step) + limit : Number(step);
  if (i < 0 || i >= limit || (limit === list.length && list[i] === undefined)) throw doesNotApply();
  return i;
}

/** What Kubernetes answers to every patch that cannot be carried out; it does not say why. */
export function doesNotApply(): StatusError {
  return failure(422, "Invalid", "the server rejected our request due to an error in our request", {});
}

export function undecodable(value: unknown, target: string): StatusError {
  const message = `error decoding patch: json: cannot unmarshal ${goTypeName(value)} into Go value of type ${target}`;
  return failure(400, "BadRequest", message);
}

function tooManyOperations(count: number): StatusError {
  const why = `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${count}`;
  return failure(413, "RequestEntityTooLarge", `Request entity too large: ${why}`);
}
