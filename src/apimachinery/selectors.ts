import { badRequest } from "./errors.ts";
import { type FieldError, fieldInvalid, joinFieldErrors } from "./fieldErrors.ts";
import { goQuote } from "./goText.ts";
import type { LabelSelector } from "./meta.ts";
import { labelKey, labelValue } from "./validation/names.ts";

export type Operator = "in" | "notin" | "=" | "==" | "!=" | "exists" | "!" | "gt" | "lt";

export interface Requirement {
  readonly key: string;
  readonly operator: Operator;
  /** sorted, each once */
  readonly values: readonly string[];
}

export type Labels = Readonly<Record<string, string>>;

/** A set of conditions on labels, all of which must hold. Without any, everything matches. */
export class Selector {
  readonly requirements: readonly Requirement[];
  /** true: matches no labels at all, as an absent LabelSelector does */
  readonly nothing: boolean;
  constructor(requirements: readonly Requirement[], nothing = false) {
    this.requirements = requirements;
    this.nothing = nothing;
  }
  get empty(): boolean {
    return this.requirements.length === 0 && !this.nothing;
  }
  matches(labels: Labels | undefined): boolean {
    if (this.nothing) return false;
    for (const requirement of this.requirements) if (!holds(requirement, labels ?? NONE)) return false;
    return true;
  }
  /** The text from which `parseLabelSelector` makes this selector again. */
  toString(): string {
    return this.requirements.map(print).join(",");
  }
}

const NONE: Labels = {};
export const everything = new Selector([]);
export const nothing = new Selector([], true);

function holds({ key, operator, values }: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key]! : undefined;
  switch (operator) {
    case "in":
    case "=":
    case "==":
      return value !== undefined && values.includes(value);
    case "notin":
    case "!=":
      return value === undefined || !values.includes(value);
    case "exists":
      return value !== undefined;
    case "!":
      return value === undefined;
    case "gt":
      return isInteger(value) && BigInt(value) > BigInt(values[0]!);
    case "lt":
      return isInteger(value) && BigInt(value) < BigInt(values[0]!);
  }
}

const isInteger = (text: string | undefined): text is string => text !== undefined && /^[+-]?\d{1,19}$/.test(text);

function print({ key, operator, values }: Requirement): string {
  switch (operator) {
    case "exists":
      return key;
    case "!":
      return `!${key}`;
    case "in":
    case "notin":
      return `${key} ${operator} (${values.join(",")})`;
    case "gt":
      return `${key}>${values[0]}`;
    case "lt":
      return `${key}<${values[0]}`;
    default:
      return `${key}${operator}${values[0]}`;
  }
}

/** The selector of a `LabelSelector` object; an absent one selects nothing. Throws StatusError 400 when it is not valid. */
export function labelSelector(from: LabelSelector | undefined | null): Selector {
  if (!from) return nothing;
  const requirements: Requirement[] = [];
  for (const key of Object.keys(from.matchLabels ?? {}).sort()) {
    requirements.push(requirement(key, "in", [from.matchLabels![key]!]));
  }
  const operators: Record<string, Operator> = { In: "in", NotIn: "notin", Exists: "exists", DoesNotExist: "!" };
  for (const { key, operator, values } of from.matchExpressions ?? []) {
    const known = operators[operator];
    if (!known) throw badRequest(`${goQuote(operator)} is not a valid label selector operator`);
    requirements.push(requirement(key, known, values ?? []));
  }
  // matchLabels print as key=value
  return new Selector(
    requirements.map((r, i) => (i < Object.keys(from.matchLabels ?? {}).length ? { ...r, operator: "=" } : r)),
  );
}

/** A selector that asks for exactly these labels; without any, everything matches. */
export function selectorFromSet(labels: Labels | undefined): Selector {
  const keys = Object.keys(labels ?? {}).sort();
  return new Selector(keys.map((key) => ({ key, operator: "=", values: [labels![key]!] })));
}

function requirement(key: string, operator: Operator, values: readonly string[]): Requirement {
  const errors: FieldError[] = [];
  const keyErrors = labelKey(key);
  if (keyErrors.length > 0) errors.push(fieldInvalid("key", key, keyErrors.join("; ")));
  const say = (detail: string) => errors.push(fieldInvalid("values", values, detail));
  if (operator === "in" || operator === "notin") {
    if (values.length === 0) say("for 'in', 'notin' operators, values set can't be empty");
  } else if (operator === "exists" || operator === "!") {
    if (values.length > 0) say("values set must be empty for exists and does not exist");
  } else if (operator === "gt" || operator === "lt") {
    if (values.length !== 1) say("for 'Gt', 'Lt' operators, exactly one value is required");
    values.forEach((value, i) => {
      if (!isInteger(value)) {
        errors.push(fieldInvalid(`values[${i}]`, value, "for 'Gt', 'Lt' operators, the value must be an integer"));
      }
    });
  } else if (values.length !== 1) {
    say("exact-match compatibility requires one single value");
  }
  values.forEach((value, i) => {
    const wrong = labelValue(value);
    if (wrong.length > 0) errors.push(fieldInvalid(`values[${i}][${key}]`, value, wrong.join("; ")));
  });
  if (errors.length > 0) throw new SelectorError(joinFieldErrors(errors));
  return { key, operator, values: [...new Set(values)].sort() };
}

class SelectorError extends Error {}

/**
 * Parses `a=b,c!=d,e in (f,g),!h,i>1`. Throws StatusError 400 with Kubernetes' text.
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#list-and-watch-filtering
 */
export function parseLabelSelector(text: string): Selector {
  if (text === "") return everything;
  const known = cache.get(text);
  if (known) return known;
  let selector: Selector;
  try {
    selector = new Selector(new Parser(text).parse());
  } catch (error) {
    if (error instanceof SelectorError) throw badRequest(error.message);
    throw error;
  }
  if (cache.size > 1024) cache.clear();
  cache.set(text, selector);
  return selector;
}
const cache = new Map<string, Selector>();

interface Token {
  kind: "end" | "word" | "," | "(" | ")" | "!" | "=" | "==" | "!=" | ">" | "<" | "bad";
  text: string;
}

const SPECIAL = "=!(),<>";
const TOKENS = new Set<string>([",", "(", ")", "!", "=", "==", "!=", ">", "<"]);

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const character = text[at]!;
    if (" \t\r\n".includes(character)) at++;
    else if (SPECIAL.includes(character)) {
      const two = text.slice(at, at + 2);
      const token = TOKENS.has(two) ? two : character;
      tokens.push({ kind: token as Token["kind"], text: token });
      at += token.length;
    } else {
      const end = /[=!(),<> \t\r\n]|$/.exec(text.slice(at))!.index + at;
      tokens.push({ kind: "word", text: text.slice(at, end) });
      at = end;
    }
  }
  tokens.push({ kind: "end", text: "" });
  return tokens;
}

class Parser {
  #tokens: Token[];
  #at = 0;
  constructor(text: string) {
    this.#tokens = tokenize(text);
  }
  #peek(): Token {
    return this.#tokens[this.#at]!;
  }
  #take(): Token {
    const token = this.#peek();
    if (token.kind !== "end") this.#at++;
    return token;
  }
  parse(): Requirement[] {
    const out: Requirement[] = [];
    for (;;) {
      const next = this.#peek();
      if (next.kind === "end") return sorted(out);
      if (next.kind !== "word" && next.kind !== "!")
        fail(`found '${next.text}', expected: !, identifier, or 'end of string'`);
      out.push(this.#requirement());
      const after = this.#take();
      if (after.kind === "end") return sorted(out);
      if (after.kind !== ",") fail(`found '${after.text}', expected: ',' or 'end of string'`);
      const following = this.#peek();
      if (following.kind !== "word" && following.kind !== "!")
        fail(`found '${following.text}', expected: identifier after ','`);
    }
  }
  #requirement(): Requirement {
    try {
      return this.#parseRequirement();
    } catch (error) {
      if (error instanceof SelectorError) throw new SelectorError(`unable to parse requirement: ${error.message}`);
      throw error;
    }
  }
  #parseRequirement(): Requirement {
    let token = this.#take();
    const absent = token.kind === "!";
    if (absent) token = this.#take();
    if (token.kind !== "word") fail(`found '${token.text}', expected: identifier`);
    const key = token.text;
    const wrong = labelKey(key);
    if (wrong.length > 0) fail(`<nil>: ${fieldInvalid("", key, wrong.join("; ")).message}`);
    if (absent) return requirement(key, "!", []);
    const next = this.#peek();
    if (next.kind === "end" || next.kind === ",") return requirement(key, "exists", []);
    const operator = this.#operator();
    return requirement(key, operator, operator === "in" || operator === "notin" ? this.#list() : [this.#exact()]);
  }
  #operator(): Operator {
    const { kind, text } = this.#take();
    if (kind === "=" || kind === "==" || kind === "!=") return kind;
    if (kind === ">") return "gt";
    if (kind === "<") return "lt";
    if (kind === "word" && (text === "in" || text === "notin")) return text;
    return fail(`found '${text}', expected: in, notin, =, ==, !=, gt, lt`);
  }
  #exact(): string {
    const next = this.#peek();
    if (next.kind === "end" || next.kind === ",") return "";
    this.#take();
    return next.kind === "word" ? next.text : fail(`found '${next.text}', expected: identifier`);
  }
  #list(): string[] {
    const open = this.#take();
    if (open.kind !== "(") fail(`found '${open.text}' expected: '('`);
    const first = this.#peek();
    if (first.kind === ")") {
      this.#take();
      return [""];
    }
    if (first.kind !== "word" && first.kind !== ",") fail(`found '${first.text}', expected: ',', ')' or identifier`);
    const values = this.#identifiers();
    if (this.#take().kind !== ")") fail(`found '${first.text}', expected: ')'`);
    return values;
  }
  #identifiers(): string[] {
    const values: string[] = [];
    for (;;) {
      const token = this.#take();
      if (token.kind === "word") {
        values.push(token.text);
        const next = this.#peek();
        if (next.kind === ")") return values;
        if (next.kind !== ",") fail(`found '${next.text}', expected: ',' or ')'`);
      } else if (token.kind === ",") {
        if (values.length === 0) values.push("");
        const next = this.#peek();
        if (next.kind === ")") return [...values, ""];
        if (next.kind === ",") {
          this.#take();
          values.push("");
        }
      } else fail(`found '${token.text}', expected: ',', or identifier`);
    }
  }
}

function fail(message: string): never {
  throw new SelectorError(message);
}

const sorted = (requirements: Requirement[]) =>
  requirements.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));

export interface FieldRequirement {
  readonly field: string;
  readonly operator: "=" | "!=";
  readonly value: string;
}

/** Conditions on fields, all of which must hold. */
export class FieldSelector {
  readonly requirements: readonly FieldRequirement[];
  constructor(requirements: readonly FieldRequirement[]) {
    this.requirements = requirements;
  }
  get empty(): boolean {
    return this.requirements.length === 0;
  }
  matches(fieldValue: (field: string) => string): boolean {
    return this.requirements.every(
      ({ field, operator, value }) => (fieldValue(field) === value) === (operator === "="),
    );
  }
  /** The value that `field` must have, if one is asked for. */
  exact(field: string): string | undefined {
    return this.requirements.find((r) => r.field === field && r.operator === "=")?.value;
  }
  toString(): string {
    const escaped = (text: string) => text.replace(/[\\,=]/g, "\\$&");
    return this.requirements.map((r) => `${r.field}${r.operator}${escaped(r.value)}`).join(",");
  }
}

/** Parses `metadata.name=a,spec.nodeName!=b`; commas, equal signs and backslashes in values are escaped by a backslash. */
export function parseFieldSelector(text: string): FieldSelector {
  const terms = text.split(/(?<!(?<!\\)(?:\\\\)*\\),/).filter((term) => term !== "");
  return new FieldSelector(terms.map((term) => parseTerm(term, text)));
}

function parseTerm(term: string, whole: string): FieldRequirement {
  const match = /^((?:[^\\!=]|\\.|!(?!=))*?)(!=|==|=)(.*)$/s.exec(term);
  if (!match) throw badRequest(`invalid selector: '${whole}'; can't understand '${term}'`);
  const [, field, operator, raw] = match;
  return { field: field!, operator: operator === "!=" ? "!=" : "=", value: unescapeValue(raw!) };
}

function unescapeValue(raw: string): string {
  let out = "";
  for (let i = 0; i < raw.length; i++) {
    const character = raw[i]!;
    if (character === "\\") {
      const next = raw[++i];
      if (next !== "\\" && next !== "," && next !== "=") {
        throw badRequest(`invalid field selector: invalid escape sequence: \\${next ?? ""}`);
      }
      out += next;
    } else if (character === "," || character === "=") {
      throw badRequest(`invalid field selector: unescaped character in value: ${character}`);
    } else out += character;
  }
  return out;
}
