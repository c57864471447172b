import { goQuote } from "../goText.ts";

/** Decoding that failed; the message is Kubernetes' own, without what it says of the object as a whole. */
export class DecodeError extends Error {}

const MOST_STRICT_ERRORS = 100;

/**
 * Where the decoder stands, and what it has found wrong so far. There is one, since decoding is synchronous.
 *
 * As in Kubernetes, the first value of a wrong type is remembered and decoding goes on; a value that is of the right
 * type but cannot be read (a quantity, a time) ends it at once and is what is reported.
 */
export class Trail {
  /** field names, map keys and list indexes down to the current value */
  #steps: (string | number)[] = [];
  /** for a field: the name of its struct; for map keys and indexes: "" */
  #owners: string[] = [];
  /** for a field: its name in type errors, which also name the structs it is embedded in */
  #goNames: (string | number)[] = [];
  #depth = 0;
  #typeError: string | undefined;
  strict = false;
  strictErrors: string[] = [];
  /** how many keys of objects were met; tells duplicate keys apart from a text's number of keys */
  keys = 0;

  reset(strict: boolean): void {
    this.#depth = 0;
    this.#typeError = undefined;
    this.strict = strict;
    this.strictErrors = [];
    this.keys = 0;
  }
  enter(step: string | number, owner: string, goName: string | number = step): void {
    const at = this.#depth++;
    this.#goNames[at] = goName;
    this.#steps[at] = step;
    this.#owners[at] = owner;
  }
  leave(): void {
    this.#depth--;
  }
  /** Remembers the first value of a wrong type. `what` is such as "string" or "number 1.5". */
  mismatch(what: string, type: string): void {
    this.#typeError ??= this.typeError(what, type);
  }
  typeError(what: string, type: string): string {
    let struct = "";
    let field = "";
    for (let i = 0; i < this.#depth; i++) {
      if (this.#owners[i] === "") continue;
      struct = this.#owners[i]!;
      field += field === "" ? this.#goNames[i] : `.${this.#goNames[i]}`;
    }
    const into = struct === "" ? `Go value of type ${type}` : `Go struct field ${struct}.${field} of type ${type}`;
    return `json: cannot unmarshal ${what} into ${into}`;
  }
  unknownField(key: string): void {
    this.#strictError("unknown", key);
  }
  duplicateField(key: string): void {
    this.#strictError("duplicate", key);
  }
  #strictError(what: string, key: string): void {
    const error = `${what} field ${goQuote(this.#path(key))}`;
    if (this.strictErrors.length < MOST_STRICT_ERRORS && !this.strictErrors.includes(error))
      this.strictErrors.push(error);
  }
  #path(key: string): string {
    let path = "";
    for (let i = 0; i < this.#depth; i++) {
      const step = this.#steps[i]!;
      if (typeof step === "number") path += `[${step}]`;
      else path += path === "" ? step : `.${step}`;
    }
    return path === "" ? key : `${path}.${key}`;
  }
  /** Throws what was remembered. */
  finish(): void {
    if (this.#typeError !== undefined) throw new DecodeError(this.#typeError);
  }
}

export const trail = new Trail();
