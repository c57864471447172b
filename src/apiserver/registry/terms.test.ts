import assert from "node:assert/strict";
import { test } from "node:test";
import { Lease } from "../../api/coordination/v1/index.ts";
import { ConfigMap } from "../../api/core/v1/index.ts";
import { isConflict, isForbidden, isNotFound } from "../../apimachinery/status.ts";
import { type Client, createClient, fencedTransport } from "../../client/index.ts";
import { ADMIN, testServer } from "../testServer.ts";

const NEVER = new AbortController().signal;
const settings = (name: string) => ({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default" } });

async function setUp(t: Parameters<typeof testServer>[0]) {
  const { server } = await testServer(t);
  const client = createClient(server.directTransport(ADMIN));
  const { metadata } = await client.create(Lease, {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: { namespace: "kube-system", name: "lock" },
    spec: { holderIdentity: "a", leaseTransitions: 3 },
  } as never);
  const leader = (transitions: number, user = ADMIN): Client =>
    createClient(
      fencedTransport(server.directTransport(user), `kube-system/lock@${metadata.uid}/${transitions}`, NEVER),
    );
  return { client, leader };
}

test("after a new leader's first write no write of the one before is done, of whatever kind", async (t) => {
  const { client, leader } = await setUp(t);
  const old = leader(3);
  const next = leader(4);
  const made = await old.create(ConfigMap, settings("a") as never);
  await next.create(ConfigMap, settings("b") as never);
  await assert.rejects(old.create(ConfigMap, settings("c") as never), isConflict);
  await assert.rejects(old.update(ConfigMap, { ...made, data: { x: "1" } }), isConflict);
  await assert.rejects(old.delete(ConfigMap, { namespace: "default", name: "a" }), isConflict);
  await assert.rejects(client.get(ConfigMap, { namespace: "default", name: "c" }), isNotFound);
  await next.delete(ConfigMap, { namespace: "default", name: "a" });
});

test("a write under way when the next leader begins is not done either", async (t) => {
  const { leader } = await setUp(t);
  const old = leader(3);
  await old.create(ConfigMap, settings("a") as never);
  const results = await Promise.allSettled([
    leader(4).create(ConfigMap, settings("b") as never),
    ...Array.from({ length: 20 }, (_, i) => old.create(ConfigMap, settings(`late-${i}`) as never)),
  ]);
  const done = results.slice(1).map(({ status }) => status === "fulfilled");
  assert.deepEqual(done, [...done].sort().reverse(), "none is done after one that was not");
  await assert.rejects(old.create(ConfigMap, settings("last") as never), isConflict);
});

test("who may not hold the Lease cannot depose its holder, but may write in the holder's term", async (t) => {
  const { leader, client } = await setUp(t);
  const account = { name: "system:serviceaccount:kube-system:cronjob-controller", groups: ["system:authenticated"] };
  await leader(3).create(ConfigMap, settings("a") as never);
  const event = { metadata: { namespace: "default", name: "e" }, involvedObject: {}, reason: "Test" };
  const { Event } = await import("../../api/core/v1/index.ts");
  await leader(3, account).create(Event, event as never);
  await assert.rejects(leader(4, account).create(Event, event as never), isForbidden);
  await leader(3).create(ConfigMap, settings("b") as never);
  await client.get(ConfigMap, { namespace: "default", name: "b" });
});
