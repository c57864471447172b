/** The declarations of core/v1, held against the published OpenAPI document. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import type { FieldSpec, Message } from "../../../apimachinery/schema.ts";
import * as core from "./index.ts";

const DOCUMENT = new URL("../../../../../shared/upstream/openapi/swagger-1.36.json", import.meta.url);
const skip = existsSync(DOCUMENT) ? false : "the published OpenAPI document is not at hand";

interface Definition {
  required?: string[];
  properties?: Record<string, Record<string, unknown>>;
}

/** A message's fields by JSON name, those of inlined messages among them. */
function fieldsOf(message: Message): Record<string, FieldSpec> {
  const entries = Object.entries(message.fields).flatMap(([name, { spec }]) =>
    spec.presence === "inline" ? Object.entries(fieldsOf(spec.type as Message)) : [[name, spec] as const],
  );
  return Object.fromEntries(entries);
}

const isMessage = (value: unknown): value is Message => (value as { type?: unknown }).type === "message";

test("every property is declared with its merge behaviour, and documented", { skip }, () => {
  const { definitions } = JSON.parse(readFileSync(DOCUMENT, "utf8")) as { definitions: Record<string, Definition> };
  const declared = (Object.values(core) as unknown[]).filter(isMessage);
  assert.ok(declared.length > 150);
  for (const message of declared) {
    const definition = definitions[message.name];
    // messages that JSON inlines are not defined by themselves
    if (definition === undefined) continue;
    const fields = fieldsOf(message);
    assert.deepEqual(Object.keys(fields).sort(), Object.keys(definition.properties ?? {}).sort(), message.name);
    for (const [name, spec] of Object.entries(fields)) {
      const property = definition.properties![name]!;
      const ours = {
        required: spec.required === true,
        listType: spec.listType,
        listMapKeys: spec.listMapKeys,
        mapType: spec.mapType,
        mergeKey: spec.mergeKey,
        patchStrategy: spec.patchStrategy,
      };
      const theirs: Record<string, unknown> = {
        required: definition.required?.includes(name) === true,
        listType: property["x-kubernetes-list-type"],
        listMapKeys: property["x-kubernetes-list-map-keys"],
        mapType: property["x-kubernetes-map-type"],
        mergeKey: property["x-kubernetes-patch-merge-key"],
        patchStrategy: property["x-kubernetes-patch-strategy"],
      };
      assert.deepEqual(ours, theirs, `${message.name}.${name}`);
    }
  }
});

test("every message and field says what it is", () => {
  for (const message of (Object.values(core) as unknown[]).filter(isMessage)) {
    for (const [name, { spec }] of Object.entries(message.fields)) assert.ok(spec.doc, `${message.name}.${name}`);
    assert.ok(message.options.doc, message.name);
  }
});
