/** The sentences of the conformance suite about Jobs, on simulated nodes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Job } from "../../api/batch/v1/index.ts";
import { Pod } from "../../api/core/v1/index.ts";
import { type Cluster, isReady, job, testCluster } from "../../testing/index.ts";

const INDEX = "batch.kubernetes.io/job-completion-index";
const index = (pod: Pod) => Number(pod.metadata.annotations?.[INDEX]);
const get = (cluster: Cluster) => cluster.get(Job, "j");
const indexed = (spec: Partial<Job["spec"]>): Job => job("j", { spec: { completionMode: "Indexed", ...spec } });
const holds = ({ status }: Job, type: string, reason?: string) =>
  status.conditions?.some((one) => one.type === type && one.status === "True" && (!reason || one.reason === reason));

/** Pods end after a second, as `code` says; undefined: they run on. */
const ending = (code: (pod: Pod) => number | undefined) => ({
  nodes: ["a", "b"],
  behaviour(pod: Pod) {
    const exitCode = code(pod);
    return exitCode === undefined ? {} : { exitAfter: 1000, exitCode };
  },
});

test("[sig-apps] Job should run a job to completion when tasks sometimes fail and are locally restarted [Conformance]", async (t) => {
  const cluster = await testCluster(
    t,
    ending(({ status }) => ((status.containerStatuses?.[0]?.restartCount ?? 0) > 0 ? 0 : 1)),
  );
  const spec = { parallelism: 2, completions: 4, backoffLimit: 6 };
  await cluster.create(job("j", { spec, pod: { restartPolicy: "OnFailure" } }));
  await cluster.until(async () => holds(await get(cluster), "Complete") ?? false);
  const pods = cluster.pods("j");
  assert.equal(pods.length, 4);
  assert.ok(pods.every(({ status }) => status.containerStatuses?.[0]?.restartCount === 1));
});

test("[sig-apps] Job should create pods for an Indexed job with completion indexes and specified hostname [Conformance]", async (t) => {
  const cluster = await testCluster(
    t,
    ending(() => 0),
  );
  await cluster.create(indexed({ parallelism: 2, completions: 4 }));
  await cluster.until(async () => holds(await get(cluster), "Complete") ?? false);
  assert.equal((await get(cluster)).status.completedIndexes, "0-3");
  const pods = cluster.pods("j").filter(({ status }) => status.phase === "Succeeded");
  assert.deepEqual(pods.map(index).sort(), [0, 1, 2, 3]);
  for (const pod of pods) {
    assert.equal(pod.spec.hostname, `j-${index(pod)}`);
    assert.match(pod.metadata.name!, new RegExp(`^j-${index(pod)}-\\w{5}$`));
    assert.equal(pod.metadata.labels?.[INDEX], String(index(pod)));
    const variable = pod.spec.containers[0]!.env?.find(({ name }) => name === "JOB_COMPLETION_INDEX");
    assert.equal(variable?.valueFrom?.fieldRef?.fieldPath, `metadata.labels['${INDEX}']`);
  }
});

test("[sig-apps] Job should execute all indexes despite some failing when using backoffLimitPerIndex [Conformance]", async (t) => {
  const cluster = await testCluster(
    t,
    ending((pod) => index(pod) % 2),
  );
  await cluster.create(indexed({ parallelism: 2, completions: 4, backoffLimitPerIndex: 1 }));
  await cluster.until(async () => holds(await get(cluster), "Failed", "FailedIndexes") ?? false);
  const { status } = await get(cluster);
  assert.deepEqual([status.failedIndexes, status.completedIndexes], ["1,3", "0,2"]);
  assert.deepEqual([status.failed, status.succeeded], [4, 2]);
});

test("[sig-apps] Job should terminate job execution when the number of failed indexes exceeds maxFailedIndexes [Conformance]", async (t) => {
  const cluster = await testCluster(
    t,
    ending((pod) => (index(pod) === 0 ? 1 : undefined)),
  );
  const limits = { backoffLimitPerIndex: 0, maxFailedIndexes: 0 };
  await cluster.create(indexed({ parallelism: 10, completions: 10, ...limits }));
  await cluster.until(async () => holds(await get(cluster), "Failed", "MaxFailedIndexesExceeded") ?? false);
  const { status } = await get(cluster);
  assert.deepEqual([status.failedIndexes, status.completedIndexes, status.active], ["0", undefined, undefined]);
  await cluster.advance("1m");
  assert.equal(cluster.pods("j").filter(({ status }) => status.phase === "Running").length, 0);
});

test("[sig-apps] Job should mark indexes as failed when the FailIndex action is matched in podFailurePolicy [Conformance]", async (t) => {
  const cluster = await testCluster(
    t,
    ending((pod) => (index(pod) % 2 === 0 ? 0 : 42)),
  );
  const rules = [{ action: "FailIndex", onExitCodes: { containerName: "main", operator: "In", values: [42] } }];
  await cluster.create(
    indexed({ parallelism: 2, completions: 2, backoffLimitPerIndex: 1, podFailurePolicy: { rules } }),
  );
  await cluster.until(async () => holds(await get(cluster), "Failed", "FailedIndexes") ?? false);
  const { status } = await get(cluster);
  assert.deepEqual([status.failedIndexes, status.completedIndexes, status.failed, status.succeeded], ["1", "0", 1, 1]);
});

test("[sig-apps] Job should allow to use the pod failure policy on exit code to fail the job early [Conformance]", async (t) => {
  const cluster = await testCluster(
    t,
    ending((pod) => (index(pod) === 1 ? 1 : undefined)),
  );
  const rules = [{ action: "FailJob", onExitCodes: { operator: "In", values: [1] } }];
  const spec = { parallelism: 2, completions: 2, backoffLimit: 1, podFailurePolicy: { rules } };
  await cluster.create(indexed(spec));
  await cluster.until(async () => holds(await get(cluster), "Failed", "PodFailurePolicy") ?? false);
  assert.ok(holds(await get(cluster), "FailureTarget", "PodFailurePolicy"));
});

test("[sig-apps] Job should allow to use a pod failure policy to ignore failure matching on DisruptionTarget condition [Conformance]", async (t) => {
  const disrupted = new Set<number>();
  const cluster = await testCluster(
    t,
    ending((pod) => (disrupted.has(index(pod)) && !pod.metadata.deletionTimestamp ? 0 : undefined)),
  );
  const rules = [{ action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] }];
  await cluster.create(indexed({ parallelism: 2, completions: 2, backoffLimit: 0, podFailurePolicy: { rules } }));
  await cluster.settle();
  const running = cluster.pods("j").filter(isReady);
  assert.equal(running.length, 2);
  for (const pod of running) {
    const { name = "", namespace } = pod.metadata;
    const eviction = { apiVersion: "policy/v1", kind: "Eviction", metadata: { name, namespace } };
    await cluster.client.createSubresource(Pod, { namespace, name }, "eviction", eviction);
    disrupted.add(index(pod));
  }
  await cluster.until(async () => holds(await get(cluster), "Complete") ?? false);
  const { status } = await get(cluster);
  assert.deepEqual([status.failed, status.completedIndexes], [undefined, "0,1"]);
});

const successPolicy = (rule: object) => ({ rules: [rule] });

test("[sig-apps] Job with successPolicy should succeeded when all indexes succeeded [Conformance]", async (t) => {
  const cluster = await testCluster(
    t,
    ending(() => 0),
  );
  await cluster.create(
    indexed({ parallelism: 2, completions: 2, successPolicy: successPolicy({ succeededIndexes: "0-1" }) }),
  );
  await cluster.until(async () => holds(await get(cluster), "Complete", "SuccessPolicy") ?? false);
  const done = await get(cluster);
  assert.ok(holds(done, "SuccessCriteriaMet", "SuccessPolicy"));
  assert.equal(done.status.completedIndexes, "0,1");
});

test("[sig-apps] Job with successPolicy succeededIndexes rule should succeeded even when some indexes remain pending [Conformance]", async (t) => {
  const cluster = await testCluster(
    t,
    ending((pod) => (index(pod) === 0 ? 0 : undefined)),
  );
  const spec = { parallelism: 5, completions: 5, successPolicy: successPolicy({ succeededIndexes: "0" }) };
  await cluster.create(indexed(spec));
  await cluster.until(async () => holds(await get(cluster), "Complete", "SuccessPolicy") ?? false);
  const done = await get(cluster);
  assert.ok(holds(done, "SuccessCriteriaMet", "SuccessPolicy"));
  const { completedIndexes, active, ready, terminating, failed } = done.status;
  assert.deepEqual([completedIndexes, active, ready, terminating, failed], ["0", undefined, 0, 0, undefined]);
});

test("[sig-apps] Job with successPolicy succeededCount rule should succeeded even when some indexes remain pending [Conformance]", async (t) => {
  const cluster = await testCluster(
    t,
    ending((pod) => (index(pod) === 0 ? 0 : undefined)),
  );
  const spec = { parallelism: 5, completions: 5, successPolicy: successPolicy({ succeededCount: 1 }) };
  await cluster.create(indexed(spec));
  await cluster.until(async () => holds(await get(cluster), "Complete", "SuccessPolicy") ?? false);
  assert.equal((await get(cluster)).status.completedIndexes, "0");
});

test("[sig-apps] Job should delete a job [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.create(job("j", { spec: { parallelism: 2, completions: 4 } }));
  await cluster.settle();
  assert.equal(cluster.pods("j").filter(isReady).length, 2);
  await cluster.delete(Job, "j", { propagationPolicy: "Foreground" });
  await cluster.advance("1m");
  await assert.rejects(get(cluster), /jobs.batch "j" not found/);
  assert.equal(cluster.pods("j").length, 0);
});

test("[sig-apps] Job should adopt matching orphans and release non-matching pods [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  const { metadata } = await cluster.create(job("j", { spec: { parallelism: 2, completions: 4 } }));
  await cluster.settle();
  const { name = "", labels } = cluster.pods("j")[0]!.metadata;
  await cluster.edit(Pod, name, (pod) => {
    delete pod.metadata.ownerReferences;
  });
  await cluster.settle();
  assert.equal((await cluster.get(Pod, name)).metadata.ownerReferences?.[0]?.uid, metadata.uid);
  await cluster.edit(Pod, name, (pod) => {
    delete pod.metadata.labels;
  });
  await cluster.settle();
  const released = await cluster.get(Pod, name);
  assert.deepEqual([released.metadata.ownerReferences, released.metadata.finalizers], [undefined, undefined]);
  assert.equal(labels?.["job-name"], "j");
  assert.equal((await get(cluster)).status.active, 2);
});

test("[sig-apps] Job should apply changes to a job status [Conformance]", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.create(job("j", { spec: { parallelism: 2, completions: 4 } }));
  await cluster.settle();
  const key = { namespace: "default", name: "j" };
  const time = "2030-01-01T00:00:00Z";
  const custom = (type: string) => ({ type, status: "True", lastProbeTime: time, lastTransitionTime: time });
  const patched = await cluster.client.patch(
    Job,
    key,
    "merge",
    { metadata: { annotations: { patchedstatus: "true" } }, status: { conditions: [custom("FromPatch")] } },
    { subresource: "status" },
  );
  assert.ok(holds(patched, "FromPatch"));
  assert.equal(patched.metadata.annotations?.patchedstatus, "true");
  const current = await get(cluster);
  const conditions = [...(current.status.conditions ?? []), custom("FromUpdate") as never];
  const updated = await cluster.client.updateStatus(Job, { ...current, status: { ...current.status, conditions } });
  assert.ok(holds(updated, "FromUpdate"));
  await cluster.advance("1m");
  assert.ok(holds(await get(cluster), "FromPatch") && holds(await get(cluster), "FromUpdate"));
});

test("[sig-apps] Job should manage the lifecycle of a job [Conformance]", async (t) => {
  const cluster = await testCluster(
    t,
    ending(() => 0),
  );
  await cluster.create(job("j", { spec: { parallelism: 2, completions: 4, suspend: true } }));
  await cluster.settle();
  const key = { namespace: "default", name: "j" };
  const labels = { "e2e-job-label": "j" };
  const patched = await cluster.client.patch(Job, key, "strategic", { metadata: { labels } });
  assert.equal(patched.metadata.labels?.["e2e-job-label"], "j");
  const updated = await cluster.edit(Job, "j", ({ metadata, spec }) => {
    spec.suspend = false;
    metadata.annotations = { updated: "true" };
  });
  assert.equal(updated.metadata.annotations?.updated, "true");
  await cluster.until(async () => holds(await get(cluster), "Complete") ?? false);
  const labelSelector = "e2e-job-label=j";
  assert.equal((await cluster.client.list(Job, { labelSelector })).items.length, 1);
  await cluster.client.deleteCollection(Job, {
    namespace: "default",
    labelSelector,
    delete: { propagationPolicy: "Background" },
  });
  await cluster.settle();
  assert.equal((await cluster.client.list(Job, { labelSelector })).items.length, 0);
  assert.equal(cluster.pods("j").length, 0);
});
