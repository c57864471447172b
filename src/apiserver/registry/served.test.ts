import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigMap } from "../../api/core/v1/index.ts";
import { defineKind, type Kind } from "../../apimachinery/kind.ts";
import { type KubernetesObject, ObjectMeta } from "../../apimachinery/meta.ts";
import { json, message, string, struct } from "../../apimachinery/schema.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { testServer } from "../testServer.ts";

const BoatSchema = message("com.example.v1.Boat", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(0, ObjectMeta),
  spec: json(0),
});
const Boat = defineKind({
  group: "example.com",
  version: "v1",
  kind: "Boat",
  plural: "boats",
  scope: "Namespaced",
  schema: BoatSchema,
  columns: [],
}) as unknown as Kind;
const boat = (name: string): KubernetesObject => ({
  apiVersion: "example.com/v1",
  kind: "Boat",
  metadata: { name, namespace: "default" },
});
const path = "/apis/example.com/v1/namespaces/default/boats";

test("a kind is served from when it is added until it is taken away, with what the store holds of it", async (t) => {
  const { server, client, ask } = await testServer(t);
  const groups = async () => JSON.stringify(await ask({ method: "GET", path: "/apis" }));
  await assert.rejects(ask({ method: "GET", path }), isNotFound);
  assert.doesNotMatch(await groups(), /example.com/);

  await server.serve([Boat]);
  await client.create(Boat, boat("first"));
  assert.match(await groups(), /example.com/);
  const watching = new AbortController();
  const events = client.watch(Boat, { namespace: "default" }, watching.signal)[Symbol.asyncIterator]();
  assert.equal((await events.next()).value?.object.metadata.name, "first");

  server.withdraw([Boat]);
  assert.equal((await events.next()).done, true);
  await assert.rejects(ask({ method: "GET", path }), isNotFound);

  // written while nobody follows it, and while it is being added
  await client.create(ConfigMap, { metadata: { name: "between", namespace: "default" } });
  const serving = server.serve([Boat]);
  await client.create(ConfigMap, { metadata: { name: "meanwhile", namespace: "default" } });
  await serving;
  const list = await client.list(Boat, { namespace: "default" });
  assert.deepEqual(
    list.items.map(({ metadata }) => metadata.name),
    ["first"],
  );
  watching.abort();
});
