import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigMap, Pod, ServiceAccount } from "../../api/core/v1/index.ts";
import { isGone, StatusError } from "../../apimachinery/status.ts";
import { testServer } from "../testServer.ts";

const names = (list: { items: readonly { metadata: { name?: string } }[] }) =>
  list.items.map(({ metadata }) => metadata.name);

async function withConfigMaps(t: import("node:test").TestContext, count: number) {
  const server = await testServer(t);
  for (let i = 0; i < count; i++) {
    const name = `c${String(i).padStart(2, "0")}`;
    await server.client.create(ConfigMap, {
      metadata: { name, namespace: "default", labels: { even: String(i % 2 === 0) } },
    });
  }
  return server;
}

test("pages show one moment, whatever is written in between", async (t) => {
  const { client } = await withConfigMaps(t, 7);
  const first = await client.list(ConfigMap, { namespace: "default", limit: 3 });
  assert.deepEqual(names(first), ["c00", "c01", "c02"]);
  assert.equal(first.metadata.remainingItemCount, 4);
  await client.delete(ConfigMap, { namespace: "default", name: "c04" });
  await client.create(ConfigMap, { metadata: { name: "c03a", namespace: "default" } });
  const second = await client.list(ConfigMap, { namespace: "default", limit: 3, continue: first.metadata.continue });
  assert.deepEqual(names(second), ["c03", "c04", "c05"]);
  assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion);
  const last = await client.list(ConfigMap, { namespace: "default", limit: 3, continue: second.metadata.continue });
  assert.deepEqual(names(last), ["c06"]);
  assert.equal(last.metadata.continue, undefined);
});

test("a page too late is refused with a token to go on from what is current", async (t) => {
  const { client, backend, advance } = await withConfigMaps(t, 5);
  const first = await client.list(ConfigMap, { namespace: "default", limit: 2 });
  await client.delete(ConfigMap, { namespace: "default", name: "c03" });
  const touch = async () => {
    const key = { namespace: "default", name: "c00" };
    for (let i = 0; i < 200; i++) await client.patch(ConfigMap, key, "merge", { data: { i: String(Math.sin(i)) } });
  };
  await touch();
  await advance(6 * 60_000);
  await touch();
  await backend.compact(backend.revision());
  const late = client.list(ConfigMap, { namespace: "default", limit: 2, continue: first.metadata.continue });
  const error = await late.then(
    () => assert.fail("it was answered"),
    (thrown: unknown) => thrown as StatusError,
  );
  assert.ok(error instanceof StatusError && isGone(error));
  const rest = await client.list(ConfigMap, { namespace: "default", continue: error.status.metadata.continue });
  assert.deepEqual(names(rest), ["c02", "c04"]);
});

test("a list is over after ten minutes, though nothing that it shows has changed", async (t) => {
  const { client, advance } = await withConfigMaps(t, 3);
  const first = await client.list(ConfigMap, { namespace: "default", limit: 1 });
  await client.create(ServiceAccount, { metadata: { name: "a", namespace: "default" } });
  const next = () => client.list(ConfigMap, { namespace: "default", limit: 1, continue: first.metadata.continue });
  await advance(3 * 60_000);
  assert.deepEqual(names(await next()), ["c01"]);
  await advance(7 * 60_000);
  await assert.rejects(next(), isGone);
});

test("lists by labels and fields", async (t) => {
  const { client } = await withConfigMaps(t, 4);
  assert.deepEqual(names(await client.list(ConfigMap, { labelSelector: "even=true" })), ["c00", "c02"]);
  assert.deepEqual(
    names(await client.list(ConfigMap, { labelSelector: "even notin (true)", fieldSelector: "metadata.name!=c01" })),
    ["c03"],
  );
  assert.deepEqual(names(await client.list(ConfigMap, { namespace: "default", fieldSelector: "metadata.name=c03" })), [
    "c03",
  ]);
});

test("lists the exact moment that is asked for", async (t) => {
  const { client } = await withConfigMaps(t, 3);
  const { metadata } = await client.list(ConfigMap, { namespace: "default" });
  await client.delete(ConfigMap, { namespace: "default", name: "c01" });
  const resourceVersion = metadata.resourceVersion;
  const then = await client.list(ConfigMap, { namespace: "default", resourceVersion, resourceVersionMatch: "Exact" });
  assert.deepEqual(names(then), ["c00", "c01", "c02"]);
  const notOlder = await client.list(ConfigMap, {
    namespace: "default",
    resourceVersion,
    resourceVersionMatch: "NotOlderThan",
  });
  assert.deepEqual(names(notOlder), ["c00", "c02"]);
});

async function events(watch: AsyncIterable<{ type: string; object: { metadata: { name?: string } } }>, count: number) {
  const seen: string[] = [];
  for await (const { type, object } of watch) {
    seen.push(`${type} ${object.metadata.name ?? ""}`.trim());
    if (seen.length >= count) break;
  }
  return seen;
}

test("a watch shows what there is, then what happens", async (t) => {
  const { client } = await withConfigMaps(t, 1);
  const watch = client.watch(ConfigMap, { namespace: "default" }, new AbortController().signal);
  const seen = events(watch, 4);
  await client.create(ConfigMap, { metadata: { name: "new", namespace: "default" } });
  await client.patch(ConfigMap, { namespace: "default", name: "new" }, "merge", { data: { a: "b" } });
  await client.delete(ConfigMap, { namespace: "default", name: "new" });
  assert.deepEqual(await seen, ["ADDED c00", "ADDED new", "MODIFIED new", "DELETED new"]);
});

test("a watch resumes after the version it names", async (t) => {
  const { client } = await withConfigMaps(t, 3);
  const first = await client.get(ConfigMap, { namespace: "default", name: "c00" });
  const { resourceVersion } = first.metadata;
  const watch = client.watch(ConfigMap, { namespace: "default", resourceVersion }, new AbortController().signal);
  assert.deepEqual(await events(watch, 2), ["ADDED c01", "ADDED c02"]);
});

test("leaving a selection is a deletion, entering it an addition", async (t) => {
  const { client } = await withConfigMaps(t, 2);
  const options = { namespace: "default", labelSelector: "even=true" };
  const { metadata } = await client.list(ConfigMap, options);
  const { resourceVersion } = metadata;
  const watch = client.watch(ConfigMap, { ...options, resourceVersion }, new AbortController().signal);
  const seen = events(watch, 3);
  const label = (name: string, even: string) =>
    client.patch(ConfigMap, { namespace: "default", name }, "merge", { metadata: { labels: { even } } });
  await label("c00", "false");
  await label("c01", "true");
  await client.patch(ConfigMap, { namespace: "default", name: "c01" }, "merge", { data: { a: "b" } });
  assert.deepEqual(await seen, ["DELETED c00", "ADDED c01", "MODIFIED c01"]);
});

test("a kubelet's watch sees pods when they are bound to its node", async (t) => {
  const { client } = await testServer(t);
  await client.create(ServiceAccount, { metadata: { name: "default", namespace: "default" } });
  const watch = client.watch(Pod, { fieldSelector: "spec.nodeName=n1" }, new AbortController().signal);
  const seen = events(watch, 2);
  for (const [name, node] of [
    ["a", "n2"],
    ["b", "n1"],
  ] as const) {
    const object = { metadata: { name, namespace: "default" }, spec: { containers: [{ name: "c", image: "i" }] } };
    await client.create(Pod, object as Pod);
    const target = { kind: "Node", name: node };
    await client.createSubresource(Pod, { namespace: "default", name }, "binding", { metadata: { name }, target });
  }
  await client.delete(Pod, { namespace: "default", name: "b" }, { gracePeriodSeconds: 0 });
  assert.deepEqual(await seen, ["ADDED b", "DELETED b"]);
});

test("initial events end with a bookmark that says so; later bookmarks come once a minute", async (t) => {
  const { client, advance } = await withConfigMaps(t, 1);
  const options = {
    namespace: "default",
    sendInitialEvents: true,
    allowWatchBookmarks: true,
    resourceVersionMatch: "NotOlderThan",
  } as const;
  const seen: { type: string; end?: string }[] = [];
  const began = Promise.withResolvers<void>();
  const watching = (async () => {
    for await (const { type, object } of client.watch(ConfigMap, options, new AbortController().signal)) {
      seen.push({ type, end: object.metadata.annotations?.["k8s.io/initial-events-end"] });
      if (seen.length === 2) began.resolve();
      if (seen.length === 3) break;
    }
  })();
  await began.promise;
  await advance(61_000);
  await watching;
  assert.deepEqual(seen, [
    { type: "ADDED", end: undefined },
    { type: "BOOKMARK", end: "true" },
    { type: "BOOKMARK", end: undefined },
  ]);
});

test("a watch from a version that is forgotten is refused with 410", async (t) => {
  const { client, advance } = await withConfigMaps(t, 1);
  const { metadata } = await client.list(ConfigMap, {});
  const key = { namespace: "default", name: "c00" };
  for (let i = 0; i < 200; i++) await client.patch(ConfigMap, key, "merge", { data: { i: String(i) } });
  await advance(10 * 60_000);
  for (let i = 0; i < 200; i++) await client.patch(ConfigMap, key, "merge", { data: { i: `x${i}` } });
  const watch = client.watch(ConfigMap, { resourceVersion: metadata.resourceVersion }, new AbortController().signal);
  await assert.rejects(events(watch, 1), isGone);
});

test("a watch ends after the time it asked for", async (t) => {
  const { client, advance } = await withConfigMaps(t, 1);
  const began = Promise.withResolvers<void>();
  const seen: string[] = [];
  const watching = (async () => {
    for await (const { type } of client.watch(ConfigMap, { timeoutSeconds: 10 }, new AbortController().signal)) {
      seen.push(type);
      began.resolve();
    }
  })();
  await began.promise;
  await advance(11_000);
  await watching;
  assert.deepEqual(seen, ["ADDED"]);
});
