import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { cannotRun, get, RealCluster, until } from "./realCluster.ts";

const skip = await cannotRun();

const PODS = `
apiVersion: v1
kind: Pod
metadata: {name: two}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: talker
    image: coxswain.local/hello:v1
    command: [/bin/sh, -c, "i=0; while :; do i=$((i+1)); echo line $i; sleep 0.2; done"]
  - name: other
    image: coxswain.local/hello:v1
    command: [/bin/sh, -c, "echo other speaks; sleep 1000"]
---
apiVersion: v1
kind: Pod
metadata: {name: again}
spec:
  containers:
  - name: main
    image: coxswain.local/hello:v1
    command: [/bin/sh, -c, "echo run; exit 7"]
---
apiVersion: v1
kind: Pod
metadata: {name: reader}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: main
    image: coxswain.local/hello:v1
    stdin: true
    command: [/bin/sh, -c, "while read line; do echo got $line; done"]
`;

describe("kubectl on a real cluster", { skip }, () => {
  let cluster: RealCluster;
  before(async () => {
    cluster = await RealCluster.prepare("kubectl");
    await cluster.coxOk("up", "-f", "examples/hello/");
    await cluster.kubectlInput(PODS, "apply", "-f", "-");
    await cluster.kubectl("wait", "--for=condition=Ready", "pod/two", "pod/reader", "--timeout=60s");
  });
  after(() => cluster?.remove());

  test("logs: one container, all, the last lines, followed, and of the run before", async () => {
    assert.equal(await cluster.kubectl("logs", "two", "-c", "other"), "other speaks\n");
    assert.match(
      await cluster.kubectl("logs", "two", "--all-containers", "--prefix"),
      /\[pod\/two\/other\] other speaks/,
    );
    const last = await until("it has spoken", async () => {
      const lines = (await cluster.kubectl("logs", "two", "-c", "talker", "--tail=2")).trim().split("\n");
      return lines.length === 2 && lines;
    });
    assert.match(last[1]!, /^line \d+$/);
    const following = cluster.startKubectl("logs", "-f", "two", "-c", "talker", "--since=1s");
    await output(following, (text) => text.split("\n").length > 6);
    following.kill();
    await until(
      "it has run twice",
      async () =>
        (await cluster.kubectl("get", "pod", "again", "-o", "jsonpath={.status.containerStatuses[0].restartCount}")) !==
        "0",
    );
    assert.equal(await cluster.kubectl("logs", "again", "-p"), "run\n");
  });

  test("exec: output, input, exit code", async () => {
    assert.equal(await cluster.kubectl("exec", "two", "-c", "other", "--", "/bin/sh", "-c", "echo $HOSTNAME"), "two\n");
    const text = `${"x".repeat(99)}\n`.repeat(5000);
    assert.equal(await cluster.kubectlInput(text, "exec", "-i", "two", "-c", "other", "--", "/bin/cat"), text);
    const failed = await cluster.tryKubectl("exec", "two", "-c", "other", "--", "/bin/sh", "-c", "echo oh >&2; exit 3");
    assert.equal(failed.code, 3);
    assert.match(failed.stderr, /^oh\n/);
  });

  test("attach speaks with the running process", async () => {
    const attached = cluster.startKubectl("attach", "-i", "reader");
    const answered = output(attached, (text) => text.includes("got ahoy"));
    const knocking = setInterval(() => attached.stdin!.write("ahoy\n"), 300);
    await answered.finally(() => clearInterval(knocking));
    attached.kill();
  });

  test("cp there and back", async () => {
    const [from, back] = [join(cluster.scratch, "from"), join(cluster.scratch, "back")];
    const content = "0123456789".repeat(50_000);
    await writeFile(from, content);
    await cluster.kubectl("exec", "two", "-c", "other", "--", "/bin/busybox", "mkdir", "-p", "/tmp");
    await cluster.kubectl("cp", from, "two:/tmp/there", "-c", "other");
    await cluster.kubectl("cp", "two:/tmp/there", back, "-c", "other");
    assert.equal(await readFile(back, "utf8"), content);
  });

  test("port-forward to a Service", async () => {
    const forwarding = cluster.startKubectl("port-forward", "service/hello", ":80");
    const text = await output(forwarding, (said) => /127.0.0.1:\d+/.test(said));
    const port = /127.0.0.1:(\d+)/.exec(text)![1];
    for (let i = 0; i < 5; i++) assert.match(await get(`http://127.0.0.1:${port}/`), /^Hello from Pod/);
    forwarding.kill();
  });

  test("run, expose, label, annotate, patch, wait and delete", async () => {
    await cluster.kubectl("run", "web", "--image=coxswain.local/hello:v1", "--port=8080");
    await cluster.kubectl("expose", "pod", "web", "--port=80", "--target-port=8080");
    await cluster.kubectl("label", "pod", "web", "tier=front");
    await cluster.kubectl("annotate", "pod", "web", "note=x");
    await cluster.kubectl(
      "patch",
      "pod",
      "web",
      "--type=json",
      "-p",
      '[{"op":"add","path":"/metadata/labels/more","value":"1"}]',
    );
    await cluster.kubectl("wait", "--for=condition=Ready", "pod/web", "--timeout=60s");
    assert.equal(await cluster.kubectl("get", "pods", "-l", "tier=front,more=1", "-o", "name"), "pod/web\n");
    await cluster.kubectl("delete", "pod,service", "web");
    assert.equal((await cluster.tryKubectl("get", "pod", "web")).code, 1);
  });

  test("bad manifests are refused with the field's path and nothing is applied", async () => {
    const bad = async (manifest: string, message: RegExp) => {
      const file = join(cluster.scratch, "bad.yaml");
      await writeFile(file, manifest);
      const { code, stderr } = await cluster.tryKubectl("apply", "-f", file);
      assert.equal(code, 1);
      assert.match(stderr, message);
    };
    const configMap = "apiVersion: v1\nkind: ConfigMap\n";
    await bad(`${configMap}metadata: {name: bad}\ndta: {}`, /unknown field "dta"/);
    await bad(`${configMap}metadata: {name: Bad_Name}`, /metadata.name: Invalid value: "Bad_Name"/);
    await bad(
      `${configMap}metadata: {name: bad}\ndata: [1]`,
      /json: cannot unmarshal array into Go struct field|invalid type/,
    );
    await bad(
      "apiVersion: v1\nkind: Pod\nmetadata: {name: bad}\nspec: {containers: []}",
      /spec.containers: Required value/,
    );
    await bad("a: [", /error parsing|did not find expected/);
    assert.equal((await cluster.tryKubectl("get", "configmap,pod", "bad")).code, 1);
  });

  test("a Pod that fits nowhere says why", async () => {
    const overrides =
      '{"spec":{"containers":[{"name":"big","image":"coxswain.local/hello:v1","resources":{"requests":{"cpu":"1000"}}}]}}';
    await cluster.kubectl("run", "big", "--image=coxswain.local/hello:v1", `--overrides=${overrides}`);
    await until("its condition says so", async () =>
      /1 Insufficient cpu/.test(
        await cluster.kubectl("get", "pod", "big", "-o", "jsonpath={.status.conditions[*].message}"),
      ),
    );
  });
});

/** Collects what a process prints until `enough`. */
function output(child: ChildProcess, enough: (text: string) => boolean): Promise<string> {
  let text = "";
  return new Promise((resolve, reject) => {
    child.stdout!.on("data", (data: Buffer) => {
      text += data;
      if (enough(text)) resolve(text);
    });
    child.stderr!.on("data", (data: Buffer) => {
      text += data;
    });
    child.on("close", (code) => reject(new Error(`ended with ${code}: ${text}`)));
  });
}
