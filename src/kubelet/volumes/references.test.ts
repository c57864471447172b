import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigMap, type Pod } from "../../api/core/v1/index.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import { failure } from "../../apimachinery/status.ts";
import { FakeApi } from "../../client/fakeApi.ts";
import { createClient } from "../../client/index.ts";
import { VirtualClock } from "../../util/clock.ts";
import { silentLogger } from "../../util/logger.ts";
import { seededRandom } from "../../util/random.ts";
import { testPod } from "../testNode.ts";
import { References, referencesOf } from "./references.ts";

const pod = (): Pod => {
  const it = testPod("p", { containers: [], volumes: [{ name: "v", configMap: { name: "c" } }] as never });
  it.metadata.uid = "u";
  return it;
};

function setUp() {
  const clock = new VirtualClock();
  const api = new FakeApi([ConfigMap] as unknown as Kind[], { clock, random: seededRandom(1) });
  let refused = false;
  const client = createClient({
    watch: (request) => api.watch(request),
    close: () => api.close(),
    async request(request) {
      if (refused) throw failure(403, "Forbidden", "may not");
      return api.request(request);
    },
  });
  let wake = () => {};
  const told: string[] = [];
  const references = new References({
    client,
    clock,
    logger: silentLogger,
    changed: (uid) => {
      told.push(uid);
      wake();
    },
  });
  const news = () => new Promise<void>((resolve) => (wake = resolve));
  return { clock, client, references, told, news, refuse: (value: boolean) => (refused = value) };
}
const config = (data: Record<string, string>) =>
  ({ metadata: { namespace: "default", name: "c" }, data }) as unknown as ConfigMap;
const forever = new AbortController().signal;

test("names every object that a pod refers to", () => {
  const it = testPod("p", {
    imagePullSecrets: [{ name: "pull" }],
    containers: [
      {
        name: "a",
        envFrom: [{ secretRef: { name: "env" } }],
        env: [{ name: "X", valueFrom: { configMapKeyRef: { name: "one", key: "k" } } }],
      } as never,
    ],
    volumes: [
      { name: "v", projected: { sources: [{ configMap: { name: "two" } }, { secret: { name: "three" } }] } },
    ] as never,
  });
  const keys = [
    "ConfigMap/default/one",
    "ConfigMap/default/two",
    "Secret/default/env",
    "Secret/default/pull",
    "Secret/default/three",
  ];
  assert.deepEqual(referencesOf(it).sort(), keys);
});

test("tells when an object appears, changes and goes", async (t) => {
  const { client, references, news } = setUp();
  t.after(() => references.close());
  await references.follow(pod(), forever);
  assert.equal(references.configMap("default", "c"), undefined);
  let next = news();
  await client.create(ConfigMap, config({ a: "1" }));
  await next;
  assert.equal(references.configMap("default", "c")!.data!.a, "1");
  next = news();
  await client.delete(ConfigMap, { namespace: "default", name: "c" });
  await next;
  assert.equal(references.configMap("default", "c"), undefined);
});

test("an object that may not be read is a failure that shows, until it may", async (t) => {
  const { client, clock, references, news, refuse } = setUp();
  t.after(() => references.close());
  await client.create(ConfigMap, config({ a: "1" }));
  refuse(true);
  await assert.rejects(references.follow(pod(), forever), /may not/);
  refuse(false);
  const next = news();
  clock.step(clock.now() + 1000);
  await next;
  await references.follow(pod(), forever);
  assert.equal(references.configMap("default", "c")!.data!.a, "1");
});

test("forgets what no pod needs any more", async (t) => {
  const { client, references } = setUp();
  t.after(() => references.close());
  await client.create(ConfigMap, config({ a: "1" }));
  await references.follow(pod(), forever);
  references.unfollow("u");
  assert.equal(references.configMap("default", "c"), undefined);
});
