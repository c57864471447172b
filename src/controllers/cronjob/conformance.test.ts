/** The sentences of the conformance suite about CronJobs, on virtual time. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CronJob, Job } from "../../api/batch/v1/index.ts";
import { type Cluster, cronJob, testCluster } from "../../testing/index.ts";

const EVERY_MINUTE = "*/1 * * * *";
const active = async (cluster: Cluster) => (await cluster.get(CronJob, "c")).status.active ?? [];
/** Its Pods run until they are told to end. */
const start = (t: Parameters<typeof testCluster>[0]) => testCluster(t, { nodes: ["a"] });

test("[sig-apps] CronJob should schedule multiple jobs concurrently [Conformance]", async (t) => {
  const cluster = await start(t);
  await cluster.create(cronJob("c", EVERY_MINUTE, { spec: { concurrencyPolicy: "Allow" } }));
  await cluster.advance("150s");
  assert.equal((await active(cluster)).length, 2);
  const jobs = await cluster.list(Job);
  assert.equal(jobs.filter(({ status }) => status.active === 1).length, 2);
});

test("[sig-apps] CronJob should not schedule jobs when suspended [Slow] [Conformance]", async (t) => {
  const cluster = await start(t);
  await cluster.create(cronJob("c", EVERY_MINUTE, { spec: { suspend: true } }));
  await cluster.advance("5m");
  assert.deepEqual([(await cluster.list(Job)).length, (await active(cluster)).length], [0, 0]);
});

test("[sig-apps] CronJob should not schedule new jobs when ForbidConcurrent [Slow] [Conformance]", async (t) => {
  const cluster = await start(t);
  await cluster.create(cronJob("c", EVERY_MINUTE, { spec: { concurrencyPolicy: "Forbid" } }));
  await cluster.advance("90s");
  const [first] = await active(cluster);
  await cluster.advance("5m");
  assert.deepEqual(
    (await active(cluster)).map(({ name }) => name),
    [first!.name],
  );
  assert.equal((await cluster.list(Job)).length, 1);
  assert.match(cluster.events("c").join("\n"), /JobAlreadyActive CronJob\/c: Not starting job because prior execution/);
});

test("[sig-apps] CronJob should replace jobs when ReplaceConcurrent [Conformance]", async (t) => {
  const cluster = await start(t);
  await cluster.create(cronJob("c", EVERY_MINUTE, { spec: { concurrencyPolicy: "Replace" } }));
  await cluster.advance("90s");
  const [first] = await active(cluster);
  await cluster.advance("1m");
  const now = await active(cluster);
  assert.equal(now.length, 1);
  assert.notEqual(now[0]!.name, first!.name);
  await assert.rejects(cluster.get(Job, first!.name!), /not found/);
});

test("[sig-apps] CronJob should support CronJob API operations [Conformance]", async (t) => {
  const cluster = await start(t);
  const { client } = cluster;
  const made = cronJob("c", EVERY_MINUTE, { spec: { concurrencyPolicy: "Allow", suspend: true } });
  made.metadata.labels = { "special-label": "here" };
  const created = await client.create(CronJob, made);
  const labelSelector = "special-label=here";
  const key = { namespace: "default", name: "c" };
  assert.deepEqual(await client.get(CronJob, key), created);
  const stop = new AbortController();
  const { metadata } = await client.list(CronJob, { namespace: "default" });
  const options = { labelSelector, resourceVersion: metadata.resourceVersion };
  const events = client.watch(CronJob, options, stop.signal)[Symbol.asyncIterator]();
  assert.equal((await client.list(CronJob, { namespace: "default", labelSelector })).items.length, 1);
  assert.equal((await client.list(CronJob, { labelSelector })).items.length, 1);
  const patched = await client.patch(CronJob, key, "merge", { metadata: { annotations: { patched: "true" } } });
  assert.equal(patched.metadata.annotations?.patched, "true");
  const updated = await client.update(CronJob, {
    ...structuredClone(patched),
    metadata: { ...patched.metadata, annotations: { patched: "true", updated: "true" } },
  });
  assert.equal(updated.metadata.annotations?.updated, "true");
  for (const type of ["MODIFIED", "MODIFIED"]) assert.equal((await events.next()).value?.type, type);
  const lastScheduleTime = "2029-12-31T23:00:00Z";
  const status = await client.patch(
    CronJob,
    key,
    "merge",
    { metadata: { annotations: { patchedstatus: "true" } }, status: { lastScheduleTime } },
    { subresource: "status" },
  );
  assert.deepEqual(
    [status.status.lastScheduleTime, status.metadata.annotations?.patchedstatus],
    [lastScheduleTime, "true"],
  );
  const later = "2029-12-31T23:30:00Z";
  const written = await client.updateStatus(CronJob, {
    ...status,
    status: { ...status.status, lastScheduleTime: later },
  });
  assert.equal(written.status.lastScheduleTime, later);
  await client.delete(CronJob, key);
  await assert.rejects(client.get(CronJob, key), /not found/);
  for (const name of ["c1", "c2"]) {
    const more = cronJob(name, EVERY_MINUTE, { spec: { suspend: true } });
    more.metadata.labels = { "special-label": "here" };
    await client.create(CronJob, more);
  }
  await client.deleteCollection(CronJob, { namespace: "default", labelSelector });
  assert.equal((await client.list(CronJob, { labelSelector })).items.length, 0);
  stop.abort();
});
