import type { Message } from "../schema.ts";
import { planOf } from "./compile.ts";

type Fields = Record<string, unknown>;
type Step = (object: Fields) => void;

const steps = new WeakMap<Message, Step[]>();

/**
 * Turns lists and maps that are always there but empty into null, throughout an object that is the caller's to change.
 * Kubernetes keeps objects in protobuf, where empty and not set are one; so what was written as `rules: []` is read
 * back as `rules: null`. Messages without such fields cost nothing.
 */
export function toStoredForm<T>(message: Message<T>, object: T): T {
  for (const step of stepsOf(message)) step(object as Fields);
  return object;
}

function stepsOf(message: Message): Step[] {
  let known = steps.get(message);
  if (known) return known;
  known = [];
  steps.set(message, known); // before its fields, as they may lead back here
  for (const { name, spec } of planOf(message).fields.values()) {
    if (spec.repeated && spec.presence === "always") known.push((object) => clear(object, name));
    if (typeof spec.type === "object") addNested(known, name, spec.type, spec.repeated);
  }
  return known;
}

function clear(object: Fields, name: string): void {
  const value = object[name];
  if (Array.isArray(value) ? value.length === 0 : isEmptyMap(value)) object[name] = null;
}

function isEmptyMap(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  for (const _ in value) return false;
  return true;
}

function addNested(into: Step[], name: string, type: Message, repeated: "list" | "map" | undefined): void {
  const nested = stepsOf(type);
  // a message that contains itself is still being looked at, so its steps cannot be counted yet
  if (nested.length === 0 && steps.get(type) !== into) return;
  const run = (value: unknown) => {
    for (const step of nested) step(value as Fields);
  };
  into.push((object) => {
    const value = object[name];
    if (typeof value !== "object" || value === null) return;
    if (!repeated) run(value);
    else for (const item of Object.values(value)) run(item);
  });
}
