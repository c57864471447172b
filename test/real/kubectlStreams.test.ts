import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { BOX, PodCluster } from "./podFixture.ts";
import { cannotRun, type RealCluster, ran, until } from "./realCluster.ts";

const skip = await cannotRun();

const PODS = `
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - name: web
    image: ${BOX}
    command: [sh, -c, "mkdir /www && dd if=/dev/urandom of=/www/big bs=1M count=8 && echo hi > /www/index.html && exec httpd -f -p 8080 -h /www"]
    readinessProbe: {httpGet: {path: /index.html, port: 8080}, periodSeconds: 1}
---
apiVersion: v1
kind: Pod
metadata: {name: talks}
spec:
  terminationGracePeriodSeconds: 1
  containers:
  - {name: talks, image: "${BOX}", command: [sh, -c, "while true; do echo tick; sleep 0.1; done"]}
  - {name: listens, image: "${BOX}", stdin: true, command: [sh, -c, "while read line; do echo got $line; done; sleep 1000"]}
`;

/** Both carriers that kubectl knows: WebSocket, and SPDY as older clients speak it. */
const CARRIERS = { WebSocket: "true", SPDY: "false" };

describe("kubectl's streams", { skip }, () => {
  let pods: PodCluster;
  let cluster: RealCluster;
  before(async () => {
    pods = await PodCluster.start("kstream");
    cluster = pods.cluster;
    await cluster.kubectlInput(PODS, "apply", "-f", "-");
    await cluster.kubectl("wait", "--for=condition=Ready", "pod/web", "pod/talks", "--timeout=60s");
  });
  after(() => pods?.remove());

  for (const [carrier, on] of Object.entries(CARRIERS)) {
    describe(`over ${carrier}`, () => {
      before(() => {
        process.env.KUBECTL_REMOTE_COMMAND_WEBSOCKETS = on;
        process.env.KUBECTL_PORT_FORWARD_WEBSOCKETS = on;
      });
      after(() => {
        delete process.env.KUBECTL_REMOTE_COMMAND_WEBSOCKETS;
        delete process.env.KUBECTL_PORT_FORWARD_WEBSOCKETS;
      });

      test("exec: both outputs, the exit code, and what cannot be run", async () => {
        const both = await cluster.tryKubectl("exec", "web", "--", "sh", "-c", "echo out; echo err >&2; exit 7");
        assert.equal(both.code, 7);
        assert.equal(both.stdout, "out\n");
        assert.equal(both.stderr, "err\ncommand terminated with exit code 7\n");
        const none = await cluster.tryKubectl("exec", "web", "--", "nope");
        assert.match(none.stderr, /exec: "nope": executable file not found in \$PATH/);
        const wrong = await cluster.tryKubectl("exec", "web", "-c", "nope", "--", "ls");
        assert.match(wrong.stderr, /container nope is not valid for pod web/);
      });

      test("exec: megabytes through a command and back", async () => {
        const bytes = randomBytes(6 * 1024 * 1024).toString("base64");
        assert.equal(await cluster.kubectlInput(bytes, "exec", "-i", "web", "--", "cat"), bytes);
      });

      test("exec -t: a terminal, as large as the user's", async () => {
        const command = `stty rows 40 cols 123; exec ${cluster.kubectlPath} exec -it web -- sh -c 'tty; until [ "$(stty size 2>/dev/null)" ]; do :; done; stty size; exit 4'`;
        const { code, stdout } = await ran("script", ["-qec", command, "/dev/null"], cluster.env);
        assert.equal(code, 4, stdout);
        // The size comes a moment after the command begins. Where its own input ends, script types a NUL.
        assert.match(stdout.replaceAll("^@", ""), /\/dev\/pts\/\d+\r\n40 123\r\n/);
        assert.doesNotMatch(stdout, /Unknown stream/);
      });

      test("attach: speaks with the process; a client that leaves disturbs nobody", async () => {
        const attached = cluster.startKubectl("attach", "-i", "talks", "-c", "listens");
        const answered = new Promise<void>((resolve) => {
          attached.stdout!.on("data", (data: Buffer) => String(data).includes("got ahoy") && resolve());
        });
        attached.stdin!.write("ahoy\n");
        await answered;
        attached.kill();
        const node = async () => {
          const { pid, restarts } = await cluster.component("node");
          return { pid, restarts };
        };
        const before = await node();
        for (let i = 0; i < 3; i++) {
          const watching = cluster.startKubectl("attach", "talks", "-c", "talks");
          await new Promise((resolve) => watching.stdout!.once("data", resolve));
          watching.kill("SIGINT");
          await new Promise((resolve) => watching.once("close", resolve));
        }
        await cluster.kubectl("exec", "web", "--", "true");
        assert.deepEqual(await node(), before);
      });

      test("port-forward: many connections at once, and a port that nobody serves", async () => {
        const { port, stop } = await forward(cluster, "pod/web", 8080);
        const sum = (await cluster.kubectl("exec", "web", "--", "md5sum", "/www/big")).split(" ")[0];
        const sums = await Promise.all(Array.from({ length: 16 }, async () => md5(await download(port, "/big"))));
        assert.deepEqual([...new Set(sums)], [sum]);
        stop();
        const nobody = await forward(cluster, "pod/web", 9999);
        await assert.rejects(download(nobody.port, "/"));
        // kubectl has said it before it lets the connection go; it may be read after that.
        const told = /error forwarding port 9999 to pod|connection refused/;
        await until("kubectl says why", async () => told.test(nobody.said()));
        nobody.stop();
      });

      test("cp: files and folders, there and back", async () => {
        const folder = join(cluster.scratch, carrier);
        await mkdir(join(folder, "sub"), { recursive: true });
        const content = randomBytes(3 * 1024 * 1024);
        await writeFile(join(folder, "sub", "file"), content);
        await cluster.kubectl("cp", folder, `web:/tmp/${carrier}`);
        assert.match(
          await cluster.kubectl("exec", "web", "--", "md5sum", `/tmp/${carrier}/sub/file`),
          new RegExp(md5(content)),
        );
        await cluster.kubectl("cp", `web:/tmp/${carrier}/sub/file`, join(folder, "back"));
        assert.deepEqual(await readFile(join(folder, "back")), content);
      });
    });
  }

  test("run -i --rm gives a command its input and answers with its exit code", async () => {
    const command = ["run", "once", "--rm", "-i", "--restart=Never", `--image=${BOX}`, "--command", "--"];
    const said = await cluster.kubectlInput("hello\n", ...command, "sh", "-c", "read line; echo got $line");
    assert.match(said, /got hello/);
    assert.match(said, /pod "once" deleted/);
    assert.equal((await cluster.tryKubectl(...command, "sh", "-c", "exit 3")).code, 3);
  });

  test("debug: a container beside a running one, and a copy of the Pod", async () => {
    const general = ["--profile=general", `--image=${BOX}`];
    await cluster.kubectl(
      "debug",
      "web",
      "-c",
      "helper",
      "--target=web",
      ...general,
      "--",
      "sh",
      "-c",
      "ps; sleep 1000",
    );
    await cluster.kubectl(
      "wait",
      "--for=jsonpath={.status.ephemeralContainerStatuses[0].state.running}",
      "pod/web",
      "--timeout=60s",
    );
    assert.match(await cluster.kubectl("exec", "web", "-c", "helper", "--", "ps"), /1 root +httpd/);
    await cluster.kubectl(
      "debug",
      "talks",
      "-c",
      "helper",
      "--copy-to=copy",
      "--share-processes",
      ...general,
      "--",
      "sleep",
      "1000",
    );
    await cluster.kubectl("wait", "--for=condition=Ready", "pod/copy", "--timeout=60s");
    assert.match(await cluster.kubectl("exec", "copy", "-c", "helper", "--", "ps"), /echo tick/);
    await cluster.kubectl("delete", "pod", "copy", "--now");
  });

  test("a client in a Pod reaches the API by its name, with the Pod's own token, and may what its account may", async () => {
    const root = join(cluster.scratch, "client");
    await mkdir(join(root, "bin"), { recursive: true });
    await copyFile(cluster.kubectlPath, join(root, "bin", "kubectl"));
    const tag = "coxswain.local/kubectl:1";
    await cluster.coxOk("image", "build", "--root", root, "--entrypoint", '["/bin/kubectl"]', "-t", tag);
    await cluster.kubectl("create", "serviceaccount", "inside");
    await cluster.kubectl("create", "rolebinding", "inside", "--clusterrole=view", "--serviceaccount=default:inside");
    const overrides = '--overrides={"spec":{"serviceAccountName":"inside"}}';
    const inside = async (name: string, ...words: string[]) => {
      await cluster.kubectl("run", name, "--restart=Never", `--image=${tag}`, overrides, "--", ...words);
      const phase = `jsonpath={.status.containerStatuses[0].state.terminated}`;
      await cluster.kubectl("wait", `--for=${phase}`, `pod/${name}`, "--timeout=60s");
      return cluster.kubectl("logs", name);
    };
    assert.match(await inside("who", "auth", "whoami"), /system:serviceaccount:default:inside[\s\S]*pod-name +\[who\]/);
    assert.match(await inside("lists", "get", "pods"), /^web +/m);
    assert.match(
      await inside("refused", "get", "secrets"),
      /secrets is forbidden: User "system:serviceaccount:default:inside"/,
    );
  });
});

const md5 = (bytes: Buffer) => createHash("md5").update(bytes).digest("hex");

/** A port of this machine that leads to the Pod's. */
async function forward(cluster: RealCluster, target: string, to: number) {
  const child = cluster.startKubectl("port-forward", target, `:${to}`);
  let said = "";
  const port = await new Promise<number>((resolve, reject) => {
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on("data", (data: Buffer) => {
        said += data;
        const found = /127\.0\.0\.1:(\d+) ->/.exec(said);
        if (found) resolve(Number(found[1]));
      });
    }
    child.once("close", () => reject(new Error(said)));
  });
  return { port, said: () => said, stop: () => void child.kill() };
}

function download(port: number, path: string): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const asking = request({ port, path, host: "127.0.0.1", agent: false }, (answer) => {
      const parts: Buffer[] = [];
      answer.on("data", (part: Buffer) => parts.push(part));
      answer.on("end", () => resolve(Buffer.concat(parts)));
      answer.on("error", reject);
    });
    asking.on("error", reject);
    asking.end();
  });
}
