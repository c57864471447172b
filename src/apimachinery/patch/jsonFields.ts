import type { FieldSpec, Message } from "../schema.ts";

const known = new WeakMap<Message, ReadonlyMap<string, FieldSpec>>();

/** The fields of a message as they stand in its JSON: those of inlined messages among its own. */
export function jsonFields(message: Message): ReadonlyMap<string, FieldSpec> {
  let fields = known.get(message);
  if (fields === undefined) {
    fields = new Map(flatten(message));
    known.set(message, fields);
  }
  return fields;
}

function* flatten(message: Message): Generator<[string, FieldSpec]> {
  for (const [name, field] of Object.entries(message.fields)) {
    if (field.spec.presence === "inline") yield* flatten(field.spec.type as Message);
    else yield [name, field.spec];
  }
}

/** The message that a field, or each item of a repeated field, holds; undefined for scalars. */
export function messageOf(field: FieldSpec | undefined): Message | undefined {
  return field === undefined || typeof field.type === "string" ? undefined : field.type;
}
