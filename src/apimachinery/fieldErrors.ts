/** Where a field stands in an object, printed as Kubernetes prints it: `spec.containers[0].env[key]`. */
export class FieldPath {
  readonly #text: string;
  constructor(text = "") {
    this.#text = text;
  }
  child(...names: string[]): FieldPath {
    return new FieldPath([this.#text, ...names].filter((n) => n !== "").join("."));
  }
  index(i: number): FieldPath {
    return new FieldPath(`${this.#text}[${i}]`);
  }
  key(key: string): FieldPath {
    return new FieldPath(`${this.#text}[${key}]`);
  }
  toString(): string {
    return this.#text;
  }
}

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
