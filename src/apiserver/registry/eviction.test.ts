import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Pod, ServiceAccount } from "../../api/core/v1/index.ts";
import { type Eviction, PodDisruptionBudget } from "../../api/policy/v1/index.ts";
import { isNotFound, type StatusError } from "../../apimachinery/status.ts";
import { testServer } from "../testServer.ts";

const AT = { namespace: "default" };
type Condition = NonNullable<Pod["status"]["conditions"]>[number];

async function setUp(t: TestContext, { ready = true, phase = "Running" } = {}) {
  const { client } = await testServer(t);
  const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { ...AT, name: "default" } };
  await client.create(ServiceAccount, account as ServiceAccount);
  const container = { name: "main", image: "example/web:1" };
  const object = { metadata: { ...AT, name: "web", labels: { app: "web" } }, spec: { containers: [container] } };
  const pod = await client.create(Pod, { apiVersion: "v1", kind: "Pod", ...object } as unknown as Pod);
  const conditions = [{ type: "Ready", status: ready ? "True" : "False" }] as Condition[];
  await client.updateStatus(Pod, { ...pod, status: { ...pod.status, phase, conditions } });
  return {
    client,
    evict: (more: Partial<Eviction> = {}) =>
      client.createSubresource(Pod, { ...AT, name: "web" }, "eviction", {
        apiVersion: "policy/v1",
        kind: "Eviction",
        metadata: { ...AT, name: "web" },
        ...more,
      }),
    budget: async (status: Partial<PodDisruptionBudget["status"]>, name = "web", spec: object = {}) => {
      const selector = { matchLabels: { app: "web" } };
      const made = await client.create(PodDisruptionBudget, {
        apiVersion: "policy/v1",
        kind: "PodDisruptionBudget",
        metadata: { ...AT, name },
        spec: { minAvailable: 1, selector, ...spec },
      } as unknown as PodDisruptionBudget);
      const counts = { currentHealthy: 1, desiredHealthy: 1, expectedPods: 1, disruptionsAllowed: 0 };
      return client.updateStatus(PodDisruptionBudget, {
        ...made,
        status: { observedGeneration: 1, ...counts, ...status },
      });
    },
    pod: () => client.get(Pod, { ...AT, name: "web" }),
  };
}

const refusal = async (answer: Promise<unknown>): Promise<unknown[]> => {
  const error = (await answer.then(
    () => assert.fail("was not refused"),
    (e) => e,
  )) as StatusError;
  return [
    error.code,
    error.reason,
    error.message,
    error.status.details?.causes,
    error.status.details?.retryAfterSeconds,
  ];
};
const VIOLATION = "Cannot evict pod as it would violate the pod's disruption budget.";
const because = (message: string) => [{ reason: "DisruptionBudget", message }];

test("a Pod without a budget goes", async (t) => {
  const { evict, pod } = await setUp(t);
  const answer = (await evict()) as unknown as { status: string };
  assert.equal(answer.status, "Success");
  await assert.rejects(pod(), isNotFound);
});

test("a budget with nothing left keeps its Pod, and says why", async (t) => {
  const { evict, budget, pod } = await setUp(t);
  await budget({ currentHealthy: 1, desiredHealthy: 2 });
  const why = "The disruption budget web needs 2 healthy pods and has 1 currently";
  assert.deepEqual(await refusal(evict()), [429, "TooManyRequests", VIOLATION, because(why), undefined]);
  assert.equal((await pod()).metadata.deletionTimestamp, undefined);
});

test("a budget that its controller has not seen yet says to come again", async (t) => {
  const { evict, budget } = await setUp(t);
  await budget({ observedGeneration: 0, disruptionsAllowed: 1 });
  const why = "The disruption budget web is still being processed by the server.";
  assert.deepEqual(await refusal(evict()), [429, "TooManyRequests", VIOLATION, because(why), 10]);
});

test("a budget that could not be counted says what went wrong", async (t) => {
  const { evict, budget } = await setUp(t);
  const condition = { type: "DisruptionAllowed", status: "False", reason: "SyncFailed", message: "no scale" };
  await budget({ conditions: [{ ...condition, lastTransitionTime: "2030-01-01T00:00:00Z" }] });
  const why = "The disruption budget web does not allow evicting pods currently because it failed sync: no scale";
  assert.deepEqual((await refusal(evict()))[3], because(why));
});

test("an eviction takes one disruption from the budget and notes the Pod", async (t) => {
  const { evict, budget, client } = await setUp(t);
  await budget({ disruptionsAllowed: 1 });
  await evict();
  const { status } = await client.get(PodDisruptionBudget, { ...AT, name: "web" });
  assert.equal(status.disruptionsAllowed, 0);
  assert.deepEqual(Object.keys(status.disruptedPods ?? {}), ["web"]);
  const condition = status.conditions?.find(({ type }) => type === "DisruptionAllowed");
  assert.deepEqual([condition?.status, condition?.reason], ["False", "InsufficientPods"]);
});

test("a dry run asks the budget and takes nothing", async (t) => {
  const { evict, budget, client, pod } = await setUp(t);
  await budget({ disruptionsAllowed: 1 });
  await evict({ deleteOptions: { dryRun: ["All"] } });
  assert.equal((await client.get(PodDisruptionBudget, { ...AT, name: "web" })).status.disruptionsAllowed, 1);
  assert.equal((await pod()).metadata.deletionTimestamp, undefined);
});

test("more than one budget is more than evictions can serve", async (t) => {
  const { evict, budget } = await setUp(t);
  await budget({ disruptionsAllowed: 1 });
  await budget({ disruptionsAllowed: 1 }, "other");
  const [code, , message] = await refusal(evict());
  assert.deepEqual(
    [code, message],
    [500, "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support."],
  );
});

for (const phase of ["Pending", "Succeeded", "Failed"]) {
  test(`a Pod that is ${phase} goes whatever the budget says`, async (t) => {
    const { evict, budget, pod } = await setUp(t, { phase, ready: false });
    await budget({});
    await evict();
    await assert.rejects(pod(), isNotFound);
  });
}

test("a Pod that is not ready goes while enough others are, or where the budget always lets it", async (t) => {
  const few = await setUp(t, { ready: false });
  await few.budget({ currentHealthy: 0, desiredHealthy: 1 });
  assert.equal((await refusal(few.evict()))[0], 429);
  const enough = await setUp(t, { ready: false });
  await enough.budget({ currentHealthy: 1, desiredHealthy: 1 });
  await enough.evict();
  await assert.rejects(enough.pod(), isNotFound);
  const always = await setUp(t, { ready: false });
  await always.budget({ currentHealthy: 0 }, "web", { unhealthyPodEvictionPolicy: "AlwaysAllow" });
  await always.evict();
  await assert.rejects(always.pod(), isNotFound);
});

test("preconditions hold", async (t) => {
  const { evict } = await setUp(t);
  const [code, reason] = await refusal(evict({ deleteOptions: { preconditions: { uid: "another" } } }));
  assert.deepEqual([code, reason], [409, "Conflict"]);
});

test("a Pod that goes slowly says why it goes", async (t) => {
  const { evict, client, pod } = await setUp(t);
  await client.createSubresource(Pod, { ...AT, name: "web" }, "binding", {
    apiVersion: "v1",
    kind: "Binding",
    metadata: { ...AT, name: "web" },
    target: { kind: "Node", name: "a" },
  });
  await evict();
  const { status, metadata } = await pod();
  assert.ok(metadata.deletionTimestamp);
  const condition = status.conditions?.find(({ type }) => type === "DisruptionTarget");
  assert.deepEqual([condition?.reason, condition?.message], ["EvictionByEvictionAPI", "Eviction API: evicting"]);
});
