import assert from "node:assert/strict";
import { test } from "node:test";
import { Job } from "../../api/batch/v1/index.ts";
import { job, testCluster } from "../../testing/index.ts";

test("deletes finished Jobs, with their Pods, when their time has come, and follows a change of mind", async (t) => {
  const behaviour = (pod: { metadata: { labels?: Record<string, string> } }) => ({
    exitAfter: 1000,
    exitCode: pod.metadata.labels?.app === "failed" ? 1 : 0,
  });
  const cluster = await testCluster(t, { nodes: ["a"], behaviour });
  await cluster.create(job("done", { spec: { ttlSecondsAfterFinished: 60 } }));
  await cluster.create(job("failed", { spec: { ttlSecondsAfterFinished: 0, backoffLimit: 0 } }));
  await cluster.create(job("longer", { spec: { ttlSecondsAfterFinished: 60 } }));
  await cluster.create(job("kept"));
  await cluster.advance("10s");
  const names = async () => (await cluster.list(Job)).map(({ metadata }) => metadata.name).sort();
  assert.deepEqual(await names(), ["done", "kept", "longer"]);
  await cluster.edit(Job, "longer", ({ spec }) => {
    spec.ttlSecondsAfterFinished = 3600;
  });
  await cluster.advance("1m");
  assert.deepEqual(await names(), ["kept", "longer"]);
  assert.equal(cluster.pods("done").length + cluster.pods("failed").length, 0);
  await cluster.advance("1h");
  assert.deepEqual(await names(), ["kept"]);
});
