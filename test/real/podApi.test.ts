import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import WebSocket from "ws";
import type { Pod } from "../../src/api/core/v1/index.ts";
import { loadKubeconfig } from "../../src/client/index.ts";
import {
  configMap,
  container,
  FOREVER,
  isReady,
  type Json,
  mainStatus,
  PodCluster,
  pod,
  secret,
} from "./podFixture.ts";
import { cannotRun, until } from "./realCluster.ts";

const skip = await cannotRun();
const MERGE = "application/merge-patch+json";
const STRATEGIC = "application/strategic-merge-patch+json";
const PODS = "/api/v1/namespaces/default/pods";

describe("Pods, Nodes and Leases through the API, with a real node", { skip, concurrency: true }, () => {
  let at: PodCluster;
  before(async () => {
    at = await PodCluster.start("podapi", "--nodes", "2");
  });
  after(() => at?.remove());

  const running = async (name: string, more: Json = {}, metadata: Json = {}) => {
    await at.create(pod(name, { restartPolicy: "Always", containers: [container(FOREVER, more)] }, metadata));
    return at.podWhen(name, isReady);
  };
  const patch = (name: string, body: Json, subresource = "") =>
    at.request("PATCH", `${PODS}/${name}${subresource}`, body, STRATEGIC) as unknown as Promise<Pod>;
  const observed = (name: string, generation: number) =>
    at.podWhen(name, (it) => it.metadata.generation === generation && it.status.observedGeneration === generation);

  test("a Pod's generation counts changes of its spec, and the node says which it has seen", async () => {
    const made = await running("generation", {}, { generation: 100 });
    assert.equal(made.metadata.generation, 1);
    await observed("generation", 1);
    await patch("generation", { metadata: { labels: { a: "b" }, annotations: { c: "d" } } });
    await patch("generation", { status: { message: "not the node's" } }, "/status");
    assert.equal((await at.pod("generation")).metadata.generation, 1);
    await patch("generation", { spec: { tolerations: [{ key: "foo", operator: "Exists" }] } });
    await observed("generation", 2);
    await patch("generation", { spec: { activeDeadlineSeconds: 10_000 } });
    await observed("generation", 3);
    const it = await at.pod("generation");
    for (const condition of it.status.conditions!) assert.equal(condition.observedGeneration, 3, condition.type);
    await patch("generation", { metadata: { finalizers: ["example.com/stay"] } });
    await at.cluster.kubectl("delete", "pod", "generation", "--wait=false", "--grace-period=5");
    await observed("generation", 4);
    await at.request("PATCH", `${PODS}/generation`, { metadata: { finalizers: null } }, MERGE);
  });

  test("five hundred changes in a row are seen in the end", async () => {
    await running("busy");
    for (let i = 1; i <= 500; i++) await patch("busy", { spec: { activeDeadlineSeconds: 10_000 - i } });
    await observed("busy", 501);
  });

  test("QoS class, host IP, and what others write into the status", async () => {
    const resources = { requests: { cpu: "10m", memory: "8Mi" }, limits: { cpu: "10m", memory: "8Mi" } };
    const it = await running("status", { resources });
    assert.equal(it.status.qosClass, "Guaranteed");
    assert.match(it.status.hostIP!, /^\d+\.\d+\.\d+\.\d+$/);
    const told = await patch("status", { status: { message: "Patched by a test", reason: "Test" } }, "/status");
    assert.deepEqual([told.status.message, told.status.reason], ["Patched by a test", "Test"]);
    const unready = async () => {
      const live = await at.pod("status");
      const conditions = live.status.conditions!.map((c) => (c.type.endsWith("Ready") ? { ...c, status: "False" } : c));
      const body = { ...live, status: { ...live.status, conditions } } as unknown as Json;
      return (await at.request("PUT", `${PODS}/status/status`, body)) as unknown as Pod;
    };
    const answer = await until("no conflict with the node", unready);
    const types = answer.status.conditions!.filter((c) => c.status === "False").map((c) => c.type);
    assert.deepEqual(types.sort(), ["ContainersReady", "Ready"]);
    await at.podWhen("status", isReady); // the node knows better
  });

  test("a condition of somebody else's stays, and a readiness gate waits for it", async () => {
    const gate = "example.com/ready";
    const spec = {
      restartPolicy: "Always",
      readinessGates: [{ conditionType: gate }],
      containers: [container(FOREVER)],
    };
    await at.create(pod("gated", spec));
    const it = await at.podWhen("gated", (p) => mainStatus(p)?.ready);
    assert.ok(!isReady(it));
    await patch("gated", { status: { conditions: [{ type: gate, status: "True" }] } }, "/status");
    await at.podWhen("gated", isReady);
    await patch("gated", { status: { conditions: [{ type: gate, status: "False" }] } }, "/status");
    await at.podWhen("gated", (p) => !isReady(p));
  });

  test("Pods are seen to come and to go, one by one and as a collection", async (t) => {
    const seen = at.versions("watched", t.signal);
    await running("watched", {}, { labels: { set: "watched" } });
    await patch("watched", { metadata: { labels: { time: "now" } } });
    await at.cluster.kubectl("delete", "pod", "watched");
    assert.ok(seen.some((it) => it.metadata.labels?.time === "now"));
    assert.ok(seen.some((it) => it.metadata.deletionTimestamp));
    const metadata = { labels: { type: "Testing" } };
    await at.create(...[1, 2, 3].map((n) => pod(`many-${n}`, { containers: [container(FOREVER)] }, metadata)));
    await at.transport.request({
      method: "DELETE",
      path: PODS,
      query: { labelSelector: "type=Testing" },
      body: { gracePeriodSeconds: 1 },
    });
    await until(
      "they are gone",
      async () => (await at.cluster.kubectl("get", "pods", "-l", "type=Testing", "-o", "name")) === "",
    );
  });

  // --- streams over WebSocket, as browsers speak it ---

  async function dial(path: string, protocol: string): Promise<Buffer[]> {
    const access = await loadKubeconfig(join(at.cluster.scratch, "kubeconfig"));
    const { ca, cert, key, server } = access;
    const socket = new WebSocket(`${server.replace("https", "wss")}${path}`, [protocol], { ca, cert, key } as never);
    const messages: Buffer[] = [];
    socket.on("message", (data: Buffer) => messages.push(data));
    await new Promise<void>((resolve, reject) => {
      socket.on("error", reject);
      socket.on("close", () => resolve());
    });
    assert.equal(socket.protocol, protocol);
    return messages;
  }

  test("commands and logs over WebSocket", async () => {
    await running("sockets", { command: ["sh", "-c", `echo container is alive; ${FOREVER}`] });
    const command = ["cat", "/etc/resolv.conf"].map((it) => `command=${encodeURIComponent(it)}`).join("&");
    for (const protocol of ["channel.k8s.io", "v4.channel.k8s.io", "v5.channel.k8s.io"]) {
      const messages = await dial(`${PODS}/sockets/exec?stderr=1&stdout=1&container=main&${command}`, protocol);
      const stdout = messages
        .filter((it) => it[0] === 1)
        .map((it) => it.subarray(1).toString())
        .join("");
      assert.match(stdout, /nameserver/, protocol);
    }
    const log = await dial(`${PODS}/sockets/log?container=main`, "binary.k8s.io");
    assert.equal(Buffer.concat(log).toString(), "container is alive\n");
  });

  test("a Pod is reached through the API, and hears of another's end", async () => {
    const web = "mkdir -p /tmp/w; echo one > /tmp/w/read; exec busybox httpd -f -vv -p 8080 -h /tmp/w 2>&1";
    const server = await running("server", {
      command: ["sh", "-c", web],
      ports: [{ containerPort: 8080 }],
      readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
    });
    assert.equal(await at.cluster.kubectl("get", "--raw", `${PODS}/server:8080/proxy/read`), "one\n");
    assert.equal(await at.cluster.kubectl("get", "--raw", `${PODS}/server/proxy/read`).catch(() => "port 80"), "one\n");
    const preStop = { exec: { command: ["wget", "-q", "-O-", `http://${server.status.podIP}:8080/prestop`] } };
    await running("tester", { lifecycle: { preStop } });
    await at.cluster.kubectl("delete", "pod", "tester", "--grace-period=30");
    await until("the server hears", async () => (await at.log("server", "main")).includes("/prestop"));
  });

  test("sysctls with impossible names are refused", async () => {
    const names = ["foo-", "kernel.shmmax", "safe-and-unsafe", "bar.."];
    const sysctls = names.map((name) => ({ name, value: "42" }));
    const create = at.create(pod("sysctls", { securityContext: { sysctls }, containers: [container(FOREVER)] }));
    await assert.rejects(create, (error: Error) => {
      assert.match(error.message, /Invalid value: "foo-"/);
      assert.match(error.message, /Invalid value: "bar\.\."/);
      assert.doesNotMatch(error.message, /"safe-and-unsafe"|"kernel\.shmmax"/);
      return true;
    });
  });

  // --- ConfigMaps, Secrets, Leases, Nodes ---

  for (const [plural, make, change] of [
    ["configmaps", configMap, { data: { valueName: "value1" } }],
    ["secrets", secret, { stringData: { key: "value1" } }],
  ] as const) {
    test(`${plural} live: created, patched, listed everywhere, deleted as a collection`, async () => {
      const name = `life-${plural}`;
      const path = `/api/v1/namespaces/default/${plural}`;
      await at.create({ ...make(name, { valueName: "value" }), metadata: { name, labels: { "test-static": "true" } } });
      await at.request("PATCH", `${path}/${name}`, { metadata: { labels: { patched: "true" } }, ...change }, MERGE);
      const everywhere = {
        method: "GET",
        path: `/api/v1/${plural}`,
        query: { labelSelector: "test-static=true,patched=true" },
      } as const;
      const listed = (await at.transport.request(everywhere)) as { items: { metadata: { name: string } }[] };
      assert.deepEqual(
        listed.items.map((it) => it.metadata.name),
        [name],
      );
      await at.transport.request({ method: "DELETE", path, query: { labelSelector: "test-static=true" } });
      assert.equal(((await at.transport.request(everywhere)) as { items: Json[] }).items.length, 0);
    });
  }

  test("Leases are created, replaced, patched and deleted", async () => {
    const path = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
    const spec = {
      holderIdentity: "holder",
      leaseDurationSeconds: 30,
      leaseTransitions: 0,
      acquireTime: "2026-01-02T03:04:05.678901Z",
    };
    const lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: "lease" }, spec };
    const made = await at.request("POST", path, lease);
    assert.deepEqual(made.spec, spec);
    const next = { ...spec, holderIdentity: "holder2", leaseTransitions: 1, renewTime: "2026-01-02T03:05:05.000000Z" };
    const replaced = await at.request("PUT", `${path}/lease`, { ...made, spec: next });
    assert.deepEqual(replaced.spec, next);
    const patched = await at.request("PATCH", `${path}/lease`, { spec: { holderIdentity: "holder3" } }, STRATEGIC);
    assert.deepEqual(patched.spec, { ...next, holderIdentity: "holder3" });
    await at.request("POST", path, { ...lease, metadata: { name: "lease2", labels: { deletecollection: "true" } } });
    await at.transport.request({ method: "DELETE", path, query: { labelSelector: "deletecollection=true" } });
    const left = (await at.request("GET", path)) as unknown as { items: { metadata: { name: string } }[] };
    assert.deepEqual(
      left.items.map((it) => it.metadata.name),
      ["lease"],
    );
    await at.request("DELETE", `${path}/lease`);
  });

  test("a Node is made, patched, told of and removed", async () => {
    const node = (name: string) => `/api/v1/nodes/${name}`;
    const fake = {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: "fake" },
      status: { phase: "Running", conditions: [{ status: "True", type: "Ready" }], allocatable: { cpu: "1" } },
    };
    await at.request("POST", "/api/v1/nodes", fake);
    await at.request("PATCH", node("fake"), { metadata: { labels: { fake: "patched" } } }, STRATEGIC);
    const status = { status: { conditions: [{ type: "Example", status: "True" }] } };
    const told = await at.request("PATCH", `${node("fake")}/status`, status, STRATEGIC);
    assert.ok((told.status as { conditions: Json[] }).conditions.some((it) => it.type === "Example"));
    const replaced = await at.request("PUT", node("fake"), {
      ...told,
      metadata: { ...(told.metadata as Json), resourceVersion: undefined, labels: { fake: "updated" } },
    });
    assert.equal(((replaced.metadata as Json).labels as Json).fake, "updated");
    await at.transport.request({ method: "DELETE", path: "/api/v1/nodes", query: { labelSelector: "fake=updated" } });
    await assert.rejects(at.request("GET", node("fake")), /not found/);
  });
});

describe("NoExecute taints", { skip }, () => {
  let at: PodCluster;
  before(async () => {
    at = await PodCluster.start("podtaint");
  });
  after(() => at?.remove());

  const tolerant = (name: string, tolerationSeconds: number) =>
    pod(name, {
      restartPolicy: "Always",
      tolerations: [{ key: "evict", value: "yes", effect: "NoExecute", tolerationSeconds }],
      containers: [container(FOREVER)],
    });
  const taint = async (what: string) => {
    await at.cluster.kubectl("taint", "nodes", "--all", what);
  };
  const gone = async (name: string) => (await at.cluster.tryKubectl("get", "pod", name)).code !== 0;

  test("evict after each Pod's own time, and not when they are gone before", async () => {
    await at.create(tolerant("patient", 12), tolerant("hasty", 2));
    await Promise.all(["patient", "hasty"].map((name) => at.podWhen(name, isReady)));
    await taint("evict=yes:NoExecute");
    await until("the hasty one is evicted", () => gone("hasty"), 15_000);
    assert.ok(!(await gone("patient")));
    await taint("evict:NoExecute-");
    await at.create(pod("clock", { containers: [container("sleep 13")] }));
    await at.podWhen("clock", (it) => it.status.phase === "Succeeded");
    assert.ok(isReady(await at.pod("patient")));
    await taint("evict=yes:NoExecute");
    await until("the patient one is evicted", () => gone("patient"), 25_000);
  });
});
