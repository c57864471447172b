import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { request as httpsRequest } from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { promisify } from "node:util";
import WebSocket from "ws";
import type { Pod } from "../../api/core/v1/index.ts";
import { BUSYBOX_IMAGE, missingForContainerd, startPrivateContainerd } from "../../cri/privateContainerd.ts";
import { createCertificate, type Issuer } from "../../pki/certificate.ts";
import { ecKeyPair, privateKeyPem } from "../../pki/keys.ts";
import { realClock } from "../../util/clock.ts";
import { createLogger } from "../../util/logger.ts";
import { realRandom } from "../../util/random.ts";
import { removeAllPods } from "../removeAllPods.ts";
import { createTestNode, testPod } from "../testNode.ts";

const run = promisify(execFile);
const BRIDGE = "cox-knode2";

async function makePki(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), "cox-kubelet-pki-"));
  t.after(() => rm(directory, { recursive: true }));
  const authority: Issuer = { subject: { commonName: "test-ca" }, ...(await ecKeyPair()) };
  const life = { notBefore: realClock.now() - 60_000, notAfter: realClock.now() + 3600_000 };
  const file = (name: string) => join(directory, name);
  const issue = async (name: string, subject: Issuer["subject"], usage: "authority" | "server" | "client") => {
    const pair = usage === "authority" ? authority : await ecKeyPair();
    const alternativeNames = usage === "server" ? ["127.0.0.1"] : [];
    const pem = createCertificate({
      subject,
      publicKey: pair.publicKey,
      issuer: authority,
      usage,
      alternativeNames,
      ...life,
    });
    await writeFile(file(`${name}.crt`), pem);
    await writeFile(file(`${name}.key`), privateKeyPem(pair.privateKey));
  };
  await issue("ca", authority.subject, "authority");
  await issue("kubelet", { commonName: "system:node:node-a", organizations: ["system:nodes"] }, "server");
  await issue("admin", { commonName: "admin", organizations: ["system:masters"] }, "client");
  return {
    file,
    server: {
      certificate: { certFile: file("kubelet.crt"), keyFile: file("kubelet.key") },
      clientCAFile: file("ca.crt"),
    },
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

test("logs, exec and statistics over HTTPS", { skip: missingForContainerd(), timeout: 60_000 }, async (t) => {
  const { file, server } = await makePki(t);
  const port = await freePort();
  const containerd = await startPrivateContainerd();
  const node = await createTestNode({
    clock: realClock,
    random: realRandom,
    logger: createLogger({ clock: realClock, level: process.env.COX_TEST_LOG ? "debug" : "error" }),
    kubelet: {
      criEndpoint: containerd.endpoint,
      cniConfigDirectory: containerd.cniConfigDirectory,
      bridgeName: BRIDGE,
      cgroupRoot: "/cox-stest",
      server: { address: "127.0.0.1", port, ...server },
      serve: true,
    },
  });
  const [ca, cert, key] = await Promise.all(["ca.crt", "admin.crt", "admin.key"].map((name) => readFile(file(name))));
  const get = (path: string, identity: object = { cert, key }) =>
    new Promise<{ status: number; body: string }>((resolve, reject) => {
      const call = httpsRequest({ host: "127.0.0.1", port, path, ca, agent: false, ...identity }, (response) => {
        let body = "";
        response.on("data", (chunk: Buffer) => (body += chunk));
        response.on("end", () => resolve({ status: response.statusCode!, body }));
      });
      call.on("error", reject);
      call.end();
    });
  const exec = (path: string) =>
    new Promise<{ stdout: string; stderr: string; status: { status: string; details?: unknown } }>(
      (resolve, reject) => {
        const socket = new WebSocket(`wss://127.0.0.1:${port}${path}`, "v5.channel.k8s.io", { ca, cert, key });
        const channels = ["", "", "", ""];
        socket.on("message", (data: Buffer) => (channels[data[0]!] += data.subarray(1).toString()));
        socket.on("error", reject);
        socket.on("close", () =>
          resolve({ stdout: channels[1]!, stderr: channels[2]!, status: JSON.parse(channels[3]!) }),
        );
      },
    );
  try {
    node.startKubelet();
    const isRunning = (pod: Pod | undefined) => pod?.status.phase === "Running";
    const script = "echo one; echo two >&2; while [ ! -e /tmp/end ]; do sleep 0.05; done; echo three";
    const container = {
      name: "main",
      image: BUSYBOX_IMAGE,
      command: ["sh", "-c", script],
    } as Pod["spec"]["containers"][number];
    await node.create(testPod("talker", { hostNetwork: true, restartPolicy: "Never", containers: [container] }));
    await node.waitFor("talker", isRunning);

    await t.test("nobody without a certificate", async () => {
      assert.equal((await get("/pods", {})).status, 401);
      assert.equal((await get("/healthz")).body, "ok");
    });

    await t.test("exec over a WebSocket", { timeout: 10_000 }, async () => {
      const path =
        "/exec/default/talker/main?command=sh&command=-c&command=echo+out%3B+echo+err+%3E%262%3B+exit+3&stdout=1&stderr=1";
      const { stdout, stderr, status } = await exec(path);
      assert.deepEqual([stdout, stderr, status.status], ["out\n", "err\n", "Failure"]);
      assert.deepEqual(status.details, { causes: [{ reason: "ExitCode", message: "3" }] });
    });

    await t.test("logs, whole, in part, and followed to the end", async () => {
      const logs = "/containerLogs/default/talker/main";
      const { body } = await get(logs);
      assert.deepEqual(body.split("\n").sort(), ["", "one", "two"]);
      assert.equal((await get(`${logs}?tailLines=1`)).body.split("\n").length, 2);
      assert.match((await get(`${logs}?timestamps=true&limitBytes=30`)).body, /^\d{4}-\d\d-\d\dT.{19}$/);
      assert.equal((await get(`${logs}?previous=true`)).status, 400);
      assert.equal((await get("/containerLogs/default/nobody/main")).status, 404);
      const followed = get(`${logs}?follow=true&tailLines=0`);
      const [id = ""] = (await containerd.cri.listContainers()).map((it) => it.id);
      await containerd.cri.execSync(id, ["touch", "/tmp/end"], 5);
      assert.equal((await followed).body, "three\n");
    });

    await t.test("statistics and metrics", async () => {
      const summary = JSON.parse((await get("/stats/summary")).body);
      assert.equal(summary.node.nodeName, "node-a");
      assert.ok(summary.node.fs.capacityBytes > summary.node.fs.usedBytes && summary.node.rlimit.maxpid > 0);
      const [talker] = summary.pods;
      assert.equal(talker["ephemeral-storage"].capacityBytes, summary.node.fs.capacityBytes);
      const short = JSON.parse((await get("/stats/summary?only_cpu_and_memory=true")).body);
      assert.equal(short.node.fs, undefined);
      assert.ok(short.node.memory.workingSetBytes > 0);
      assert.match((await get("/metrics/resource")).body, /node_memory_working_set_bytes \d+/);
      assert.match((await get("/metrics/cadvisor")).body, /machine_cpu_cores \d+/);
      assert.equal(JSON.parse((await get("/pods")).body).items[0].metadata.name, "talker");
      assert.equal((await get("/nothing")).status, 404);
    });
  } finally {
    await node.stopKubelet();
    await removeAllPods({ cri: containerd.cri, rootDirectory: node.directory, cgroupRoot: "/cox-stest" });
    await node.close();
    await containerd.stop();
    await run("ip", ["link", "delete", BRIDGE]).catch(() => {});
  }
});
