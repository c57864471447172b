import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { cannotRun, get, load, RealCluster, until } from "./realCluster.ts";

const skip = await cannotRun();

describe("the example application", { skip }, () => {
  let cluster: RealCluster;
  before(async () => {
    cluster = await RealCluster.prepare("app");
    await cluster.coxOk("up", "-f", "examples/hello/");
  });
  after(() => cluster?.remove());

  const whole = (replicas: number, image = "v1") =>
    until(`${replicas} Pods of ${image} are ready`, async () => {
      const pods = await cluster.pods("app=hello");
      return pods.length === replicas && pods.every((pod) => pod.ready && pod.image.endsWith(`:${image}`)) && pods;
    });

  test("answers through its NodePort, spread over the replicas", async () => {
    const url = await cluster.nodePortUrl("hello");
    const names = new Set<string>();
    for (let i = 0; i < 60; i++) names.add(/Pod (\S+)/.exec(await get(url))![1]!);
    assert.deepEqual([...names].sort(), (await cluster.pods("app=hello")).map((pod) => pod.name).sort());
  });

  test("answers a Pod by ClusterIP and by DNS name, spread over the replicas", async () => {
    const { spec } = await cluster.json<{ spec: { clusterIP: string } }>("get", "service", "hello");
    const [pod] = await cluster.pods("app=hello");
    for (const host of [spec.clusterIP, "hello", "hello.default", "hello.default.svc.cluster.local"]) {
      const ask = `for i in $(/bin/busybox seq 30); do wget -q -O - http://${host}/ || echo failed; done`;
      const answers = (await cluster.kubectl("exec", pod!.name, "--", "/bin/sh", "-c", ask)).trim().split("\n");
      assert.equal(answers.length, 30);
      assert.ok(!answers.includes("failed"), `${host}: ${answers.join("; ")}`);
      assert.equal(new Set(answers.map((line) => /Pod (\S+)/.exec(line)?.[1])).size, 3, host);
    }
  });

  test("shows its ConfigMap as environment and as a mounted file that follows changes", async () => {
    const url = await cluster.nodePortUrl("hello");
    assert.match(await get(url), /^Hello from Pod/);
    assert.equal(await get(`${url}/config/greeting`), "Hello");
    await cluster.kubectl("patch", "configmap", "hello", "-p", '{"data":{"greeting":"Moin"}}');
    await until("the mounted file follows", async () => (await get(`${url}/config/greeting`)) === "Moin", 120_000);
    await cluster.kubectl("patch", "configmap", "hello", "-p", '{"data":{"greeting":"Hello"}}');
  });

  test("scales from 3 to 10 to 2", async () => {
    for (const replicas of [10, 2, 3]) {
      await cluster.kubectl("scale", "deployment/hello", `--replicas=${replicas}`);
      await cluster.kubectl("rollout", "status", "deployment/hello", "--timeout=90s");
      await whole(replicas);
    }
  });

  test("rolls to v2 and back under load without a failed request", async (t) => {
    const url = await cluster.nodePortUrl("hello");
    for (const step of [
      ["set", "image", "deployment/hello", "web=coxswain.local/hello:v2"],
      ["rollout", "undo", "deployment/hello"],
    ]) {
      const target = step[0] === "set" ? "v2" : "v1";
      const asking = load(url, t.signal);
      await cluster.kubectl(...step);
      await cluster.kubectl("rollout", "status", "deployment/hello", "--timeout=90s");
      await whole(3, target);
      await until(`${target} answers alone`, async () => (await get(url)).endsWith(target));
      const { answers, failures } = await asking.stop();
      assert.deepEqual(failures, [], `${failures.length} of ${answers} requests failed on the way to ${target}`);
      assert.ok(answers > 50);
    }
  });

  test("a rollout to an image that crashes stops, says why, and goes on serving", async (t) => {
    const url = await cluster.nodePortUrl("hello");
    const asking = load(url, t.signal);
    await cluster.kubectl("set", "image", "deployment/hello", "web=coxswain.local/hello:broken");
    await until("the new Pod is in CrashLoopBackOff", async () =>
      (await cluster.kubectl("get", "pods", "-l", "app=hello")).includes("CrashLoopBackOff"),
    );
    const pods = await cluster.pods("app=hello");
    assert.equal(pods.filter((pod) => pod.ready && pod.image.endsWith(":v1")).length, 3);
    assert.equal(pods.filter((pod) => pod.image.endsWith(":broken")).length, 1);
    await cluster.kubectl("rollout", "undo", "deployment/hello");
    await cluster.kubectl("rollout", "status", "deployment/hello", "--timeout=90s");
    await whole(3);
    const { failures } = await asking.stop();
    assert.deepEqual(failures, []);
  });

  test("applying the same again changes nothing", async () => {
    const before = await cluster.pods("app=hello");
    const output = await cluster.coxOk("up", "-f", "examples/hello/", "-o", "json");
    assert.equal(JSON.parse(output).name, cluster.name);
    assert.deepEqual(await cluster.pods("app=hello"), before);
  });
});
