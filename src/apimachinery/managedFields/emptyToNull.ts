import type { Message } from "../schema.ts";

const names = new WeakMap<Message, readonly string[]>();

function alwaysLists(schema: Message): readonly string[] {
  let found = names.get(schema);
  if (found === undefined) {
    found = Object.entries(schema.fields)
      .filter(([, { spec }]) => spec.repeated !== undefined && spec.presence === "always")
      .map(([name]) => name);
    names.set(schema, found);
  }
  return found;
}

/**
 * Lists at the top of an object that are always there, such as a Role's rules, are null when empty: the store does
 * not keep the difference. Whoever wrote the empty list owns it nevertheless, so this comes after `trackUpdate`.
 */
export function emptyToNull(schema: Message, object: object): void {
  const fields = object as Record<string, unknown>;
  for (const name of alwaysLists(schema)) {
    const value = fields[name];
    if (value !== null && value !== undefined && Object.keys(value).length === 0) fields[name] = null;
  }
}
