import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { BOX, PodCluster } from "./podFixture.ts";
import { cannotRun, type RealCluster, until } from "./realCluster.ts";

const skip = await cannotRun();

interface Condition {
  type: string;
  status: string;
  reason?: string;
}
interface JobObject {
  metadata: { name: string; annotations?: Record<string, string> };
  status: { conditions?: Condition[]; failed?: number; succeeded?: number } & Record<string, unknown>;
}
interface PodList {
  items: {
    metadata: { name: string; finalizers?: string[] };
    spec: { hostname?: string };
    status: { phase: string };
  }[];
}

describe("batch", { skip }, () => {
  let pods: PodCluster;
  let cluster: RealCluster;
  before(async () => {
    pods = await PodCluster.start("jobs");
    cluster = pods.cluster;
  });
  after(() => pods?.remove());

  const k = (...args: string[]) => cluster.kubectl(...args);
  const create = (object: object) => cluster.kubectlInput(JSON.stringify(object), "create", "-f", "-");
  const get = (name: string) => cluster.json<JobObject>("get", "job", name);
  const ended = (name: string, type: string) =>
    until(
      `${name} is ${type}`,
      async () => {
        const job = await get(name);
        return job.status.conditions?.some((one) => one.type === type && one.status === "True") && job;
      },
      150_000,
    );
  const image = `--image=${BOX}`;

  test("an Indexed Job of 20 of which 2 indexes fail by policy", async () => {
    const script =
      'echo "index $JOB_COMPLETION_INDEX on $(hostname)"; case $JOB_COMPLETION_INDEX in 3|11) exit 42; esac';
    const box = { name: "box", image: BOX, command: ["sh", "-c", script] };
    const rules = [{ action: "FailIndex", onExitCodes: { containerName: "box", operator: "In", values: [42] } }];
    const spec = {
      completionMode: "Indexed",
      completions: 20,
      parallelism: 5,
      backoffLimitPerIndex: 2,
      podFailurePolicy: { rules },
      template: { spec: { restartPolicy: "Never", containers: [box] } },
    };
    await create({ apiVersion: "batch/v1", kind: "Job", metadata: { name: "twenty" }, spec });
    const { status } = await ended("twenty", "Failed");
    assert.deepEqual([status.completedIndexes, status.failedIndexes], ["0-2,4-10,12-19", "3,11"]);
    assert.deepEqual([status.succeeded, status.failed], [18, 2]);
    assert.equal(status.conditions?.find(({ type }) => type === "Failed")?.reason, "FailedIndexes");
    const { items } = await cluster.json<PodList>("get", "pods", "-l", "job-name=twenty");
    assert.equal(items.length, 20);
    assert.ok(items.every(({ metadata }) => !metadata.finalizers));
    const third = items.find(({ spec }) => spec.hostname === "twenty-3");
    assert.equal(await k("logs", third!.metadata.name), "index 3 on twenty-3\n");
    const described = await k("describe", "job", "twenty");
    assert.match(described, /Completed Indexes:\s+0-2,4-10,12-19/);
    assert.match(described, /Pods Statuses:\s+0 Active \(0 Ready\) \/ 18 Succeeded \/ 2 Failed/);
    assert.match(described, /FailedIndexes\s+\S+\s+job-controller\s+Job has failed indexes/);
  });

  test("counts each Pod once although the control plane is killed in the middle", async () => {
    const box = { name: "box", image: BOX, command: ["sleep", "1"] };
    const template = { spec: { restartPolicy: "Never", containers: [box] } };
    const spec = { completions: 16, parallelism: 4, template };
    await create({ apiVersion: "batch/v1", kind: "Job", metadata: { name: "killed" }, spec });
    await until("some have succeeded", async () => ((await get("killed")).status.succeeded ?? 0) > 3);
    const { pid } = await cluster.component("server");
    process.kill(pid, "SIGKILL");
    await until("another serves", async () => (await cluster.component("server")).pid !== pid && get("killed"));
    const { status } = await ended("killed", "Complete");
    assert.deepEqual([status.succeeded, status.failed ?? 0], [16, 0]);
    const { items } = await cluster.json<PodList>("get", "pods", "-l", "job-name=killed");
    assert.deepEqual(
      items.map(({ status }) => status.phase),
      Array.from({ length: 16 }, () => "Succeeded"),
    );
  });

  test("kubectl makes Jobs, waits for them and deletes them with their Pods", async () => {
    await k("create", "job", "once", image, "--", "echo", "done");
    await k("wait", "--for=condition=complete", "job/once", "--timeout=90s");
    assert.match(await k("get", "job", "once"), /NAME\s+STATUS\s+COMPLETIONS\s+DURATION\s+AGE\nonce\s+Complete\s+1\/1/);
    assert.equal(await k("logs", "job/once"), "done\n");
    await k("delete", "job", "once");
    await until("its Pod is gone", async () => (await k("get", "pods", "-l", "job-name=once", "-o", "name")) === "");
  });

  test("a CronJob starts a Job at the full minute, and by hand", async () => {
    await k("create", "cronjob", "minutely", image, "--schedule=*/1 * * * *", "--", "date");
    await k("create", "job", "--from=cronjob/minutely", "by-hand");
    await ended("by-hand", "Complete");
    const started = await until(
      "a minute has come",
      async () => {
        const { items } = await cluster.json<{ items: JobObject[] }>("get", "jobs");
        return items.find(({ metadata }) => /^minutely-\d+$/.test(metadata.name));
      },
      90_000,
    );
    const { name, annotations } = started.metadata;
    const scheduled = annotations?.["batch.kubernetes.io/cronjob-scheduled-timestamp"] ?? "";
    assert.equal(name, `minutely-${Date.parse(scheduled) / 60_000}`);
    await ended(name, "Complete");
    assert.match(
      await k("describe", "cronjob", "minutely"),
      /SuccessfulCreate\s+\S+\s+cronjob-controller\s+Created job/,
    );
    const table = await k("get", "cronjob", "minutely");
    assert.match(
      table,
      /NAME\s+SCHEDULE\s+TIMEZONE\s+SUSPEND\s+ACTIVE\s+LAST SCHEDULE\s+AGE\nminutely\s+\*\/1 \* \* \* \*\s+<none>\s+False/,
    );
    await k("delete", "cronjob", "minutely");
  });

  test("a quota holds, and kubectl describes it", async () => {
    await k("create", "namespace", "small");
    await k("create", "quota", "q", "-n", "small", "--hard=pods=1,requests.cpu=1,count/jobs.batch=2");
    await until("its status is there", async () =>
      (await k("describe", "quota", "q", "-n", "small")).includes("pods "),
    );
    const run = (name: string) =>
      cluster.tryKubectl("run", name, "-n", "small", image, `--overrides=${JSON.stringify({ spec: small(name) })}`);
    assert.equal((await run("first")).code, 0);
    const { stderr } = await run("second");
    assert.match(
      stderr,
      /pods "second" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1/,
    );
    assert.match(await k("describe", "quota", "q", "-n", "small"), /pods\s+1\s+1\nrequests.cpu\s+100m\s+1/);
    await k("delete", "pod", "first", "-n", "small", "--now");
    await until("there is room again", async () => (await run("third")).code === 0);
    await k("delete", "namespace", "small", "--wait=false");
  });

  const small = (name: string) => ({
    terminationGracePeriodSeconds: 1,
    containers: [{ name, image: BOX, command: ["sleep", "1000"], resources: { requests: { cpu: "100m" } } }],
  });
});
