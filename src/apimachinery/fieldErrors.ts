import { goJson, goQuote } from "./goText.ts";

/** Where a field stands in an object, printed as Kubernetes prints it: `spec.containers[0].env[key]`. */
export class FieldPath {
  readonly #parent: FieldPath | undefined;
  /** what this step adds: "name", "[0]" or "[key]" */
  readonly #step: string;
  /** The text is put together only when it is read: most paths belong to fields in which nothing is wrong. */
  constructor(text = "", parent?: FieldPath) {
    this.#step = text;
    this.#parent = parent;
  }
  child(...names: string[]): FieldPath {
    let path: FieldPath = this;
    for (const name of names) if (name !== "") path = new FieldPath(name, path);
    return path;
  }
  index(i: number): FieldPath {
    return new FieldPath(`[${i}]`, this);
  }
  key(key: string): FieldPath {
    return new FieldPath(`[${key}]`, this);
  }
  toString(): string {
    if (this.#parent === undefined) return this.#step;
    const before = this.#parent.toString();
    return before === "" || this.#step.startsWith("[") ? before + this.#step : `${before}.${this.#step}`;
  }
}

/** An object as a whole, where a message must name a field. */
export const wholeObject = new FieldPath("[]");
/** The root of an object's own fields. */
export const root = new FieldPath();

/** The reasons of `Status.details.causes` that validation gives. */
export type FieldErrorType =
  | "FieldValueNotFound"
  | "FieldValueRequired"
  | "FieldValueDuplicate"
  | "FieldValueInvalid"
  | "FieldValueNotSupported"
  | "FieldValueForbidden"
  | "FieldValueTooLong"
  | "FieldValueTooMany"
  | "InternalError"
  | "FieldValueTypeInvalid";

/** What is wrong with one field. `message` is the part after `<field>: `, so `Invalid value: "x": must be …`. */
export interface FieldError {
  readonly type: FieldErrorType;
  readonly field: string;
  readonly message: string;
}

type Path = FieldPath | string;

/** A value as messages show it: text quoted, numbers plain, anything else as JSON. */
function show(value: unknown): string {
  return typeof value === "string" ? goQuote(value) : goJson(value ?? null);
}

function fieldError(type: FieldErrorType, path: Path, message: string, detail = ""): FieldError {
  return { type, field: path.toString(), message: detail === "" ? message : `${message}: ${detail}` };
}

export const fieldRequired = (path: Path, detail = ""): FieldError =>
  fieldError("FieldValueRequired", path, "Required value", detail);

export const fieldInvalid = (path: Path, value: unknown, detail: string): FieldError =>
  fieldError("FieldValueInvalid", path, `Invalid value: ${show(value)}`, detail);

/** `supported` is listed in the order given. */
export function fieldNotSupported(path: Path, value: unknown, supported: Iterable<string>): FieldError {
  const list = [...supported].map(goQuote).join(", ");
  const detail = list === "" ? "" : `supported values: ${list}`;
  return fieldError("FieldValueNotSupported", path, `Unsupported value: ${show(value)}`, detail);
}

export const fieldDuplicate = (path: Path, value: unknown, detail = ""): FieldError =>
  fieldError("FieldValueDuplicate", path, `Duplicate value: ${show(value)}`, detail);

export const fieldForbidden = (path: Path, detail: string): FieldError =>
  fieldError("FieldValueForbidden", path, "Forbidden", detail);

/** `maximum` in bytes; negative: not told. */
export const fieldTooLong = (path: Path, _value: unknown, maximum: number): FieldError =>
  fieldError(
    "FieldValueTooLong",
    path,
    "Too long",
    maximum < 0 ? "value is too long" : `may not be more than ${maximum} ${maximum === 1 ? "byte" : "bytes"}`,
  );

export const fieldTooMany = (path: Path, actual: number, maximum: number): FieldError =>
  fieldError(
    "FieldValueTooMany",
    path,
    `Too many: ${actual}`,
    maximum < 0 ? "has too many items" : `must have at most ${maximum} ${maximum === 1 ? "item" : "items"}`,
  );

export const fieldTypeInvalid = (path: Path, value: unknown, detail: string): FieldError =>
  fieldError("FieldValueTypeInvalid", path, `Invalid value: ${show(value)}`, detail);

export const fieldNotFound = (path: Path, value: unknown): FieldError =>
  fieldError("FieldValueNotFound", path, `Not found: ${show(value)}`);

export const fieldInternal = (path: Path, detail: string): FieldError =>
  fieldError("InternalError", path, "Internal error", detail);

/** One FieldInvalid for each message, as name checks answer them. */
export const fieldInvalidEach = (path: Path, value: unknown, messages: readonly string[]): FieldError[] =>
  messages.map((message) => fieldInvalid(path, value, message));

/** `field: message`; messages joined as Kubernetes joins them: one plain, several in brackets, repeated ones once. */
export function joinFieldErrors(errors: readonly FieldError[]): string {
  const texts = [...new Set(errors.map((e) => (e.field === "" ? e.message : `${e.field}: ${e.message}`)))];
  return texts.length === 1 ? texts[0]! : `[${texts.join(", ")}]`;
}
