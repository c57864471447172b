import assert from "node:assert/strict";
import { test } from "node:test";
import { Job } from "../../api/batch/v1/index.ts";
import { Pod } from "../../api/core/v1/index.ts";
import { type Cluster, job, testCluster } from "../../testing/index.ts";

/** Pods that end after a second; `code` says how, by the Pod. */
const ending = (code: (pod: Pod) => number = () => 0) => ({
  nodes: ["a", "b"],
  behaviour: (pod: Pod) => ({ exitAfter: 1000, exitCode: code(pod) }),
});
const index = (pod: Pod) => Number(pod.metadata.annotations?.["batch.kubernetes.io/job-completion-index"]);
const conditions = ({ status }: Job) =>
  (status.conditions ?? []).filter((one) => one.status === "True").map(({ type, reason }) => `${type} ${reason}`);
const get = (cluster: Cluster, name = "j") => cluster.get(Job, name);

test("runs as many Pods at a time as it may until enough have succeeded", async (t) => {
  const cluster = await testCluster(t, ending());
  await cluster.create(job("j", { spec: { parallelism: 2, completions: 5 } }));
  await cluster.settle();
  const { status } = await get(cluster);
  assert.deepEqual(
    [status.active, status.ready, status.terminating, status.startTime],
    [2, 2, 0, "2030-01-01T00:00:00Z"],
  );
  await cluster.advance("10s");
  const done = await get(cluster);
  assert.deepEqual(conditions(done), ["SuccessCriteriaMet CompletionsReached", "Complete CompletionsReached"]);
  assert.deepEqual([done.status.succeeded, done.status.active ?? 0, done.status.uncountedTerminatedPods], [5, 0, {}]);
  assert.equal(done.status.completionTime, "2030-01-01T00:00:03Z");
  assert.ok(cluster.pods("j").every(({ metadata }) => !metadata.finalizers));
  assert.equal(cluster.events("j").filter((event) => event.startsWith("SuccessfulCreate")).length, 5);
  assert.equal(cluster.events("j").at(-1), "Completed Job/j: Job completed");
});

test("tries again after 10, 20, 40 seconds, and gives up beyond its limit", async (t) => {
  const cluster = await testCluster(
    t,
    ending(() => 1),
  );
  await cluster.create(job("j", { spec: { backoffLimit: 3 } }));
  const tries: number[] = [];
  for (let second = 0; second < 90; second++) {
    await cluster.advance("1s");
    if (cluster.pods("j").length > tries.length) tries.push(second + 1);
  }
  assert.deepEqual(tries, [1, 11, 32, 73]);
  const failed = await get(cluster);
  assert.deepEqual(conditions(failed), ["FailureTarget BackoffLimitExceeded", "Failed BackoffLimitExceeded"]);
  assert.equal(failed.status.failed, 4);
  assert.equal(cluster.events("j").at(-1), "BackoffLimitExceeded Job/j: Job has reached the specified backoff limit");
});

test("suspends and resumes, with its clock begun anew", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.create(job("j", { spec: { parallelism: 2, suspend: true, activeDeadlineSeconds: 60 } }));
  await cluster.advance("10s");
  assert.deepEqual(conditions(await get(cluster)), ["Suspended JobSuspended"]);
  assert.equal((await get(cluster)).status.startTime, undefined);
  await cluster.edit(Job, "j", ({ spec }) => {
    spec.suspend = false;
  });
  await cluster.advance("30s");
  assert.equal((await get(cluster)).status.active, 2);
  await cluster.edit(Job, "j", ({ spec }) => {
    spec.suspend = true;
  });
  await cluster.advance("5m");
  const { status } = await get(cluster);
  assert.deepEqual([cluster.pods("j").length, status.active ?? 0, status.failed ?? 0], [0, 0, 0]);
  await cluster.edit(Job, "j", ({ spec }) => {
    spec.suspend = false;
  });
  await cluster.advance("59s");
  assert.deepEqual(conditions(await get(cluster)), []);
  await cluster.advance("2m");
  assert.deepEqual(conditions(await get(cluster)), ["FailureTarget DeadlineExceeded", "Failed DeadlineExceeded"]);
  assert.deepEqual(
    cluster
      .events("j")
      .filter((event) => /^(Suspended|Resumed|Deadline)/.test(event))
      .map((event) => event.split(" ")[0]),
    ["Suspended", "Resumed", "DeadlineExceeded"],
  );
});

test("an Indexed Job of 20 of which 2 indexes fail by policy", async (t) => {
  const cluster = await testCluster(
    t,
    ending((pod) => ([3, 11].includes(index(pod)) ? 42 : 0)),
  );
  const onExitCodes = { operator: "In", values: [42] };
  const spec = {
    completionMode: "Indexed",
    completions: 20,
    parallelism: 5,
    backoffLimitPerIndex: 2,
    podFailurePolicy: { rules: [{ action: "FailIndex", onExitCodes }] },
  };
  await cluster.create(job("j", { spec }));
  await cluster.advance("1m");
  const { status } = await get(cluster);
  assert.deepEqual([status.completedIndexes, status.failedIndexes], ["0-2,4-10,12-19", "3,11"]);
  assert.deepEqual([status.succeeded, status.failed], [18, 2]);
  assert.deepEqual(conditions(await get(cluster)), ["FailureTarget FailedIndexes", "Failed FailedIndexes"]);
  assert.equal(cluster.pods("j").length, 20);
});

test("ignores failures that its policy ignores, and fails at once where that says so", async (t) => {
  const cluster = await testCluster(
    t,
    ending((pod) => (pod.metadata.labels?.app === "ignores" ? 7 : 8)),
  );
  const rules = [
    { action: "Ignore", onExitCodes: { operator: "In", values: [7] } },
    { action: "FailJob", onExitCodes: { containerName: "main", operator: "NotIn", values: [1, 7] } },
  ];
  await cluster.create(job("ignores", { spec: { backoffLimit: 0, podFailurePolicy: { rules } } }));
  await cluster.create(job("fails", { spec: { parallelism: 3, completions: 3, podFailurePolicy: { rules } } }));
  await cluster.advance("2m");
  const ignores = await get(cluster, "ignores");
  assert.deepEqual([conditions(ignores), ignores.status.failed ?? 0], [[], 0]);
  assert.ok(cluster.pods("ignores").length > 2);
  const failed = await get(cluster, "fails");
  assert.deepEqual(conditions(failed), ["FailureTarget PodFailurePolicy", "Failed PodFailurePolicy"]);
  assert.match(
    failed.status.conditions![0]!.message!,
    /^Container main for pod default\/fails-\w+ failed with exit code 8 matching FailJob rule at index 1$/,
  );
});

test("grows and shrinks with parallelism and completions in tandem", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.create(job("j", { spec: { completionMode: "Indexed", completions: 3, parallelism: 3 } }));
  await cluster.settle();
  const indexes = () =>
    cluster
      .pods("j")
      .filter((p) => !p.metadata.deletionTimestamp)
      .map(index)
      .sort();
  const resize = async (count: number) => {
    await cluster.edit(Job, "j", ({ spec }) => {
      spec.completions = count;
      spec.parallelism = count;
    });
    await cluster.advance("1m");
  };
  await resize(5);
  assert.deepEqual(indexes(), [0, 1, 2, 3, 4]);
  await resize(2);
  assert.deepEqual(indexes(), [0, 1]);
  assert.equal((await get(cluster)).status.failed ?? 0, 0);
});

test("replaces a Pod that is told to end at once, or only when it has ended", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"], behaviour: { stopDelay: 10_000 } });
  await cluster.create(job("early"));
  await cluster.create(job("late", { spec: { podReplacementPolicy: "Failed" } }));
  await cluster.settle();
  for (const name of ["early", "late"]) await cluster.delete(Pod, cluster.pods(name)[0]!.metadata.name!);
  // the back-off of the one failure that is known already
  await cluster.advance("9s");
  const [early, late] = [await get(cluster, "early"), await get(cluster, "late")];
  assert.deepEqual([early.status.failed, late.status.failed ?? 0, late.status.terminating], [1, 0, 1]);
  await cluster.advance("30s");
  assert.equal((await get(cluster, "early")).status.active, 1);
  const replaced = await get(cluster, "late");
  assert.deepEqual([replaced.status.active, replaced.status.failed], [1, 1]);
});

test("lets its Pods go when it is deleted, with them or without", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.create(job("with"));
  await cluster.create(job("without"));
  await cluster.settle();
  await cluster.delete(Job, "with", { propagationPolicy: "Background" });
  await cluster.delete(Job, "without");
  await cluster.advance("1m");
  assert.equal(cluster.pods("with").length, 0);
  const [left] = cluster.pods("without");
  assert.deepEqual([left?.metadata.finalizers, left?.metadata.ownerReferences], [undefined, undefined]);
  assert.equal((await cluster.list(Job)).length, 0);
});

test("leaves a Job alone that another controller manages", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a"] });
  await cluster.create(job("j", { spec: { managedBy: "example.com/batch" } }));
  await cluster.advance("10s");
  assert.deepEqual([cluster.pods("j").length, (await get(cluster)).status], [0, {}]);
});

test("without a number of completions, one success tells the others to come to their end", async (t) => {
  let first: string | undefined;
  const cluster = await testCluster(t, {
    nodes: ["a"],
    behaviour({ metadata }) {
      first ??= metadata.uid;
      return { exitAfter: metadata.uid === first ? 1000 : 20_000, exitCode: 0 };
    },
  });
  await cluster.create(job("j", { spec: { parallelism: 3 } }));
  await cluster.advance("10s");
  const { status } = await get(cluster);
  assert.deepEqual([conditions(await get(cluster)), status.succeeded, status.active], [[], 1, 2]);
  await cluster.advance("30s");
  const done = await get(cluster);
  assert.deepEqual([done.status.succeeded, cluster.pods("j").length], [3, 3]);
  assert.deepEqual(conditions(done), ["SuccessCriteriaMet CompletionsReached", "Complete CompletionsReached"]);
});

test("counts restarts in place against the limit", async (t) => {
  const cluster = await testCluster(
    t,
    ending(() => 1),
  );
  await cluster.create(job("j", { spec: { backoffLimit: 2 }, pod: { restartPolicy: "OnFailure" } }));
  await cluster.advance("5m");
  assert.deepEqual(conditions(await get(cluster)), [
    "FailureTarget BackoffLimitExceeded",
    "Failed BackoffLimitExceeded",
  ]);
  assert.equal(cluster.pods("j").filter(({ status }) => status.phase === "Running").length, 0);
});
