/** Sentences of Kubernetes' conformance suite about watches and about lists in chunks. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { ConfigMap, PodTemplate } from "../../api/core/v1/index.ts";
import type { KubernetesList } from "../../apimachinery/meta.ts";
import { isGone, StatusError } from "../../apimachinery/status.ts";
import type { Client, WatchEvent, WatchOptions } from "../../client/client.ts";
import { type TestServer, testServer } from "../testServer.ts";

const NAMESPACE = "default";
const LABEL = "watch-this-configmap";
const A = "multiple-watchers-A";
const B = "multiple-watchers-B";

const configMap = (name: string, label?: string): ConfigMap => ({
  metadata: { name, namespace: NAMESPACE, ...(label && { labels: { [LABEL]: label } }) },
});

/** Changes a ConfigMap: its data count the changes. */
const mutate = (client: Client, name: string, value: number, label?: string): Promise<ConfigMap> =>
  client.patch(ConfigMap, { namespace: NAMESPACE, name }, "merge", {
    data: { mutation: String(value) },
    ...(label && { metadata: { labels: { [LABEL]: label } } }),
  });

interface Watching {
  next(): Promise<WatchEvent<ConfigMap>>;
  /** all that has come and was not asked for, once the server has nothing more to say */
  rest(): Promise<WatchEvent<ConfigMap>[]>;
  close(): void;
}

/** Resolves once whatever is under way has arrived. */
async function quiet(): Promise<undefined> {
  for (let i = 0; i < 10; i++) await turn();
}

/** Resolves once the server watches. */
async function watch(t: TestContext, client: Client, options: WatchOptions): Promise<Watching> {
  const stop = new AbortController();
  t.after(() => stop.abort());
  const events = client.watch(ConfigMap, { namespace: NAMESPACE, ...options }, stop.signal)[Symbol.asyncIterator]();
  let pending: Promise<IteratorResult<WatchEvent<ConfigMap>>> | undefined = events.next();
  await turn();
  const next = async () => {
    pending ??= events.next();
    const { value, done } = await pending;
    pending = undefined;
    assert.ok(!done, "the watch has ended");
    return value as WatchEvent<ConfigMap>;
  };
  const rest = async () => {
    const all: WatchEvent<ConfigMap>[] = [];
    for (;;) {
      pending ??= events.next();
      if ((await Promise.race([pending, quiet()])) === undefined) return all;
      all.push(await next());
    }
  };
  return { next, rest, close: () => stop.abort() };
}

const shown = ({ type, object }: WatchEvent<ConfigMap>): string => `${type} ${object.data?.mutation ?? "-"}`;
const selecting = (...labels: string[]) => ({ labelSelector: `${LABEL} in (${labels.join(",")})` });

test("[sig-api-machinery] Watchers should observe add, update, and delete watch notifications on configmaps [Conformance]", async (t) => {
  const { client } = await testServer(t);
  const every = [selecting(A), selecting(B), selecting(A, B)];
  const all = await Promise.all(every.map((options) => watch(t, client, options)));
  const [ofA, ofB, ofBoth] = all as [Watching, Watching, Watching];
  const see = async (who: Watching[], event: string) => {
    for (const one of who) assert.equal(shown(await one.next()), event);
  };
  await client.create(ConfigMap, configMap("e2e-watch-test-configmap-a", A));
  await see([ofA, ofBoth], "ADDED -");
  await mutate(client, "e2e-watch-test-configmap-a", 1);
  await see([ofA, ofBoth], "MODIFIED 1");
  await mutate(client, "e2e-watch-test-configmap-a", 2);
  await see([ofA, ofBoth], "MODIFIED 2");
  await client.delete(ConfigMap, { namespace: NAMESPACE, name: "e2e-watch-test-configmap-a" });
  await see([ofA, ofBoth], "DELETED 2");
  await client.create(ConfigMap, configMap("e2e-watch-test-configmap-b", B));
  await see([ofB, ofBoth], "ADDED -");
  await client.delete(ConfigMap, { namespace: NAMESPACE, name: "e2e-watch-test-configmap-b" });
  await see([ofB, ofBoth], "DELETED -");
  for (const one of all) assert.deepEqual(await one.rest(), []);
});

test("[sig-api-machinery] Watchers should be able to start watching from a specific resource version [Conformance]", async (t) => {
  const { client } = await testServer(t);
  await client.create(ConfigMap, configMap("e2e-watch-test", A));
  const first = await mutate(client, "e2e-watch-test", 1);
  await mutate(client, "e2e-watch-test", 2);
  await client.delete(ConfigMap, { namespace: NAMESPACE, name: "e2e-watch-test" });
  const watching = await watch(t, client, { ...selecting(A), resourceVersion: first.metadata.resourceVersion });
  assert.equal(shown(await watching.next()), "MODIFIED 2");
  assert.equal(shown(await watching.next()), "DELETED 2");
});

test("[sig-api-machinery] Watchers should be able to restart watching from the last resource version observed by the previous watch [Conformance]", async (t) => {
  const { client } = await testServer(t);
  const first = await watch(t, client, selecting(A));
  await client.create(ConfigMap, configMap("e2e-watch-test", A));
  await mutate(client, "e2e-watch-test", 1);
  assert.equal(shown(await first.next()), "ADDED -");
  const last = await first.next();
  assert.equal(shown(last), "MODIFIED 1");
  first.close();
  await mutate(client, "e2e-watch-test", 2);
  const again = await watch(t, client, { ...selecting(A), resourceVersion: last.object.metadata.resourceVersion });
  await client.delete(ConfigMap, { namespace: NAMESPACE, name: "e2e-watch-test" });
  assert.equal(shown(await again.next()), "MODIFIED 2");
  assert.equal(shown(await again.next()), "DELETED 2");
});

test("[sig-api-machinery] Watchers should observe an object deletion if it stops meeting the requirements of the selector [Conformance]", async (t) => {
  const { client } = await testServer(t);
  const name = "e2e-watch-test-label-changed";
  const watching = await watch(t, client, selecting(A));
  await client.create(ConfigMap, configMap(name, A));
  await mutate(client, name, 1);
  await mutate(client, name, 1, "wrong-value");
  assert.equal(shown(await watching.next()), "ADDED -");
  assert.equal(shown(await watching.next()), "MODIFIED 1");
  const left = await watching.next();
  assert.equal(left.type, "DELETED");
  await mutate(client, name, 2);
  assert.deepEqual(await watching.rest(), []);
  await mutate(client, name, 2, A);
  await mutate(client, name, 3);
  await client.delete(ConfigMap, { namespace: NAMESPACE, name });
  assert.equal(shown(await watching.next()), "ADDED 2");
  assert.equal(shown(await watching.next()), "MODIFIED 3");
  assert.equal(shown(await watching.next()), "DELETED 3");
});

/** Writes at random until told to stop: creations, changes and deletions of ten ConfigMaps. */
async function produce(client: Client, signal: AbortSignal): Promise<void> {
  const there = new Set<string>();
  for (let i = 0; !signal.aborted; i++) {
    const name = `cm-${(i * 7 + Math.floor(i / 3)) % 10}`;
    if (!there.has(name)) await client.create(ConfigMap, configMap(name));
    else if (i % 5 === 0) await client.delete(ConfigMap, { namespace: NAMESPACE, name });
    else await mutate(client, name, i);
    if (there.has(name) && i % 5 === 0) there.delete(name);
    else there.add(name);
    await turn(); // those who watch have their turn, too
  }
}

test("[sig-api-machinery] Watchers should receive events on concurrent watches in same order [Conformance]", async (t) => {
  const { client } = await testServer(t);
  const { metadata } = await client.list(ConfigMap, { namespace: NAMESPACE });
  const stop = new AbortController();
  const producing = produce(client, stop.signal);
  let { resourceVersion } = metadata;
  const watches: Watching[] = [];
  for (let i = 0; i < 100; i++) {
    watches.push(await watch(t, client, { resourceVersion }));
    const seen = await Promise.all(watches.map((one) => one.next()));
    resourceVersion = seen[0]!.object.metadata.resourceVersion;
    for (const { object } of seen) assert.equal(object.metadata.resourceVersion, resourceVersion);
  }
  stop.abort();
  await producing;
});

const TOTAL = 400;

async function withTemplates(t: TestContext): Promise<TestServer> {
  const server = await testServer(t);
  const template = { spec: { containers: [{ name: "test", image: "test2" }] } };
  const names = Array.from({ length: TOTAL }, (_, i) => `template-${String(i).padStart(4, "0")}`);
  const create = (name: string) =>
    server.client.create(PodTemplate, { metadata: { name, namespace: NAMESPACE }, template } as PodTemplate);
  await Promise.all(names.map(create));
  return server;
}

/** Checks a page that begins after `found` items; answers how many are found with it. */
function checkPage({ items, metadata }: KubernetesList<PodTemplate>, found: number, limit: number): number {
  assert.ok(items.length <= limit);
  const left = metadata.continue ? TOTAL - found - items.length : undefined;
  assert.equal(metadata.remainingItemCount, left);
  for (const [i, item] of items.entries()) {
    assert.equal(item.metadata.name, `template-${String(found + i).padStart(4, "0")}`);
  }
  return found + items.length;
}

test("[sig-api-machinery] Servers with support for API chunking should return chunks of results for list calls [Conformance]", async (t) => {
  const { client } = await withTemplates(t);
  for (const limits of [[40], [7, 33, 20, 1], [13, 26, 39]]) {
    let found = 0;
    let version: string | undefined;
    let token: string | undefined;
    for (let i = 0; i === 0 || token; i++) {
      const limit = limits[i % limits.length]!;
      const page = await client.list(PodTemplate, { namespace: NAMESPACE, limit, continue: token });
      found = checkPage(page, found, limit);
      version ??= page.metadata.resourceVersion;
      assert.equal(page.metadata.resourceVersion, version);
      token = page.metadata.continue;
    }
    assert.equal(found, TOTAL);
  }
  const whole = await client.list(PodTemplate, { namespace: NAMESPACE, limit: TOTAL + 1 });
  assert.equal(whole.items.length, TOTAL);
});

/** Asks for the page every 20 seconds until its token has expired; answers the token to go on with. */
async function expire(server: TestServer, token: string, limit: number): Promise<string> {
  const { client, advance } = server;
  for (let waited = 0; waited <= 10 * 60; waited += 20) {
    try {
      await client.list(PodTemplate, { namespace: NAMESPACE, limit, continue: token });
    } catch (error) {
      assert.ok(error instanceof StatusError && isGone(error));
      return error.status.metadata.continue ?? "";
    }
    // as in any cluster, something is written now and then
    await client.create(ConfigMap, configMap(`written-after-${waited}s`));
    await advance(20_000);
  }
  assert.fail("the token did not expire within ten minutes");
}

test("[sig-api-machinery] Servers with support for API chunking should support continue listing from the last key if the original version has been compacted away, though the list is inconsistent [Slow] [Conformance]", async (t) => {
  const server = await withTemplates(t);
  const { client } = server;
  const limit = TOTAL / 10;
  const first = await client.list(PodTemplate, { namespace: NAMESPACE, limit });
  let found = checkPage(first, 0, limit);
  let token: string | undefined = await expire(server, first.metadata.continue!, limit);
  assert.ok(token);
  let version: string | undefined;
  while (token) {
    const page: KubernetesList<PodTemplate> = await client.list(PodTemplate, {
      namespace: NAMESPACE,
      limit,
      continue: token,
    });
    found = checkPage(page, found, limit);
    version ??= page.metadata.resourceVersion;
    assert.notEqual(version, first.metadata.resourceVersion);
    assert.equal(page.metadata.resourceVersion, version);
    token = page.metadata.continue;
  }
  assert.equal(found, TOTAL);
});
