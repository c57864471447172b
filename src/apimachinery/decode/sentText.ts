/**
 * Raw extensions: fields whose content only their writer understands. Kubernetes keeps such a field as the text that
 * was sent, blanks included, and that text is what it compares and what it hands to clients that speak protobuf. In
 * memory the field has the shape of its JSON like all others; a text that is not simply that value's JSON is kept
 * beside the value, for as long as the value itself goes from hand to hand. What is made anew, as by a patch, has none.
 */
import { deepEqual } from "../equal.ts";
import type { FieldSpec, Message } from "../schema.ts";
import { fieldText } from "./jsonText.ts";

type Fields = Record<string, unknown>;

const texts = new WeakMap<object, string>();

/** The text in which a raw extension was sent; its compact JSON, where nothing else is known. */
export const sentText = (value: unknown): string => texts.get(value as object) ?? JSON.stringify(value);

/** Whether two raw extensions are the same to Kubernetes. */
export function sameRaw(a: unknown, b: unknown): boolean {
  const isKept = texts.has(a as object) || texts.has(b as object);
  return isKept ? sentText(a) === sentText(b) : deepEqual(a, b);
}

/**
 * Keeps the text that a raw extension was read from. A text that says more than blanks do (an order of keys or a
 * spelling of numbers that its value cannot show again) is not kept: no client could ever send it back.
 */
export function keepSentText<T>(value: T, text: string): T {
  if (typeof value !== "object" || value === null) return value;
  const compact = JSON.stringify(value);
  if (text !== compact && withoutBlanks(text) === compact) texts.set(value, text);
  return value;
}

const withoutBlanks = (json: string): string =>
  json.replace(/("(?:[^"\\]|\\.)*")|[ \t\r\n]+/g, (_, quoted: string | undefined) => quoted ?? "");

const paths = new WeakMap<Message, readonly (readonly string[])[]>();

/** Where a message's raw extensions stand. Those within lists and maps are read without their texts. */
function rawPaths(message: Message): readonly (readonly string[])[] {
  let known = paths.get(message);
  if (!known) {
    paths.set(message, []); // a message that contains itself ends here
    known = Object.entries(message.fields).flatMap(([name, { spec }]) => pathsThrough(name, spec));
    paths.set(message, known);
  }
  return known;
}

function pathsThrough(name: string, { type, repeated, presence }: FieldSpec): (readonly string[])[] {
  if (repeated) return [];
  if (type === "rawExtension") return [[name]];
  if (typeof type === "string") return [];
  return rawPaths(type).map((path) => (presence === "inline" ? path : [name, ...path]));
}

export const hasRaw = (message: Message): boolean => rawPaths(message).length > 0;

const at = (object: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>((value, name) => (value as Fields | null | undefined)?.[name], object);

/** Keeps the texts of an object's raw extensions, given the JSON that the object was read from. */
export function keepSentTexts(message: Message, object: unknown, json: string): void {
  for (const path of rawPaths(message)) {
    const text = fieldText(json, path);
    if (text !== undefined) keepSentText(at(object, path), text);
  }
}

/** Lets a copy keep what is known of the texts of `from`. */
export function carrySentTexts(message: Message, from: unknown, to: unknown): void {
  for (const path of rawPaths(message)) {
    const text = texts.get(at(from, path) as object);
    if (text !== undefined) keepSentText(at(to, path), text);
  }
}

/** An object as JSON in which raw extensions stand as they were sent. */
export const sentJson = (message: Message, object: object): string => printed(object as Fields, rawPaths(message));

function printed(object: Fields, raw: readonly (readonly string[])[]): string {
  const entries = Object.entries(object).filter(([, value]) => value !== undefined);
  const fields = entries.map(([name, value]) => {
    const within = raw.filter((path) => path[0] === name).map((path) => path.slice(1));
    const nested = within.length > 0 && typeof value === "object" && value !== null;
    const isRaw = within.some((path) => path.length === 0);
    const text = isRaw ? sentText(value) : nested ? printed(value as Fields, within) : JSON.stringify(value);
    return `${JSON.stringify(name)}:${text}`;
  });
  return `{${fields.join(",")}}`;
}
