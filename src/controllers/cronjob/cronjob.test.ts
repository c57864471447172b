import assert from "node:assert/strict";
import { test } from "node:test";
import { CronJob, Job } from "../../api/batch/v1/index.ts";
import { Pod } from "../../api/core/v1/index.ts";
import { type Cluster, cronJob, testCluster } from "../../testing/index.ts";

/** A cluster without nodes, in which Pods end as soon as they are there, well or badly. */
async function startWithoutNodes(t: Parameters<typeof testCluster>[0], start?: number, phase = "Succeeded") {
  const controllers = ["cronjob", "job", "serviceaccount", "garbage-collector"];
  const cluster = await testCluster(t, { scheduler: false, start, controllers });
  const stop = cluster.informers.informer(Pod).subscribe({
    added(pod) {
      // The test's last word on whether that worked is the Job's status.
      cluster.client.updateStatus(Pod, { ...pod, status: { ...pod.status, phase } }).catch(() => {});
    },
  });
  t.after(async () => stop());
  return cluster;
}

const get = (cluster: Cluster, name = "c") => cluster.get(CronJob, name);
const SCHEDULED = "batch.kubernetes.io/cronjob-scheduled-timestamp";
const reasons = (cluster: Cluster) => cluster.events("c").map((event) => event.split(" ")[0]);

test("runs a week of Jobs, over a change of the clock", async (t) => {
  // Thursday before the last Sunday of March 2030, when Berlin's clocks go from two to three
  const cluster = await startWithoutNodes(t, Date.parse("2030-03-28T00:00:00Z"));
  const spec = { timeZone: "Europe/Berlin", successfulJobsHistoryLimit: 100 };
  await cluster.create(cronJob("c", "30 2,14 * * *", { spec }));
  await cluster.advance("168h");
  const jobs = await cluster.list(Job);
  assert.deepEqual(jobs.map(({ metadata }) => metadata.annotations?.[SCHEDULED]).sort(), [
    "2030-03-28T02:30:00+01:00",
    "2030-03-28T14:30:00+01:00",
    "2030-03-29T02:30:00+01:00",
    "2030-03-29T14:30:00+01:00",
    "2030-03-30T02:30:00+01:00",
    "2030-03-30T14:30:00+01:00",
    // there is no half past two on the 31st
    "2030-03-31T14:30:00+02:00",
    "2030-04-01T02:30:00+02:00",
    "2030-04-01T14:30:00+02:00",
    "2030-04-02T02:30:00+02:00",
    "2030-04-02T14:30:00+02:00",
    "2030-04-03T02:30:00+02:00",
    "2030-04-03T14:30:00+02:00",
  ]);
  const first = Math.floor(Date.parse("2030-03-28T01:30:00Z") / 60_000);
  assert.ok(jobs.some(({ metadata }) => metadata.name === `c-${first}`));
  const { status } = await get(cluster);
  assert.deepEqual(status, {
    lastScheduleTime: "2030-04-03T12:30:00Z",
    lastSuccessfulTime: "2030-04-03T12:30:00Z",
  });
});

test("keeps as much history as it is asked to", async (t) => {
  const cluster = await startWithoutNodes(t);
  await cluster.create(cronJob("c", "*/10 * * * *", { spec: { successfulJobsHistoryLimit: 2 } }));
  await cluster.advance("1h");
  assert.equal((await cluster.list(Job)).length, 2);
  assert.equal(reasons(cluster).filter((reason) => reason === "SuccessfulDelete").length, 4);
  assert.equal(reasons(cluster).filter((reason) => reason === "SawCompletedJob").length, 6);
  const failing = await startWithoutNodes(t, undefined, "Failed");
  await failing.create(cronJob("c", "*/10 * * * *", { job: { backoffLimit: 0 } }));
  await failing.advance("1h");
  const left = await failing.list(Job);
  assert.equal(left.length, 1);
  assert.equal((await get(failing)).status.lastSuccessfulTime, undefined);
});

test("starts late what was missed, once, and says so when that was much", async (t) => {
  const cluster = await startWithoutNodes(t);
  await cluster.create(cronJob("c", "* * * * *", { spec: { suspend: true } }));
  await cluster.create(cronJob("strict", "0 * * * *", { spec: { suspend: true, startingDeadlineSeconds: 100 } }));
  await cluster.advance("150m");
  for (const name of ["c", "strict"]) {
    await cluster.edit(CronJob, name, ({ spec }) => {
      spec.suspend = false;
    });
  }
  await cluster.settle();
  const jobs = await cluster.list(Job);
  assert.deepEqual(
    jobs.map(({ metadata }) => metadata.annotations?.[SCHEDULED]),
    ["2030-01-01T02:30:00Z"],
  );
  assert.ok(reasons(cluster).includes("TooManyMissedTimes"));
  await cluster.advance("31m");
  assert.equal((await get(cluster, "strict")).status.lastScheduleTime, "2030-01-01T03:00:00Z");
});

test("starts a Job once, though the note of it was lost", async (t) => {
  const cluster = await testCluster(t, { scheduler: false });
  await cluster.create(cronJob("c", "0 * * * *"));
  await cluster.advance("61m");
  const { status, ...rest } = await get(cluster);
  assert.equal(status.active?.length, 1);
  await cluster.client.updateStatus(CronJob, { ...rest, status: {} });
  await cluster.advance("1m");
  assert.deepEqual(
    (await get(cluster)).status.active?.map(({ name }) => name),
    status.active!.map(({ name }) => name),
  );
  assert.equal((await cluster.list(Job)).length, 1);
});

test("notices that a running Job was taken away", async (t) => {
  const cluster = await testCluster(t, { scheduler: false });
  await cluster.create(cronJob("c", "0 * * * *"));
  await cluster.advance("61m");
  await cluster.delete(Job, (await cluster.list(Job))[0]!.metadata.name!, { propagationPolicy: "Background" });
  await cluster.advance("1m");
  assert.equal((await get(cluster)).status.active, undefined);
  assert.ok(reasons(cluster).includes("MissingJob"));
});
