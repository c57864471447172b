import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import WebSocket from "ws";
import { type Pod, Pod as PodKind } from "../../src/api/core/v1/index.ts";
import { loadKubeconfig, type WatchEvent } from "../../src/client/index.ts";
import { container, FOREVER, isReady, type Json, mainStatus, OTHER_BOX, PodCluster, pod } from "./podFixture.ts";
import { cannotRun, until } from "./realCluster.ts";

const skip = await cannotRun();
const MERGE = "application/merge-patch+json";
const STRATEGIC = "application/strategic-merge-patch+json";
const PODS = "/api/v1/namespaces/default/pods";

describe("Pods through the API, with real nodes", { skip, concurrency: true }, () => {
  let at: PodCluster;
  before(async () => {
    at = await PodCluster.start("podapi", "--nodes", "2");
    await at.buildImage(OTHER_BOX);
  });
  after(() => at?.remove());

  const running = async (name: string, more: Json = {}, metadata: Json = {}) => {
    await at.create(pod(name, { restartPolicy: "Always", containers: [container(FOREVER, more)] }, metadata));
    return at.podWhen(name, isReady);
  };
  const patch = (name: string, body: Json, subresource = "") =>
    at.request("PATCH", `${PODS}/${name}${subresource}`, body, STRATEGIC) as unknown as Promise<Pod>;
  const named = async (labelSelector: string) => {
    const list = await at.transport.request({ method: "GET", path: PODS, query: { labelSelector } });
    return (list as { items: Pod[] }).items.map(({ metadata }) => metadata.name);
  };
  /** What a watcher of these Pods is told, from now on. */
  const follow = (signal: AbortSignal, labelSelector: string) => {
    const events: WatchEvent<Pod>[] = [];
    const read = async () => {
      for await (const event of at.client.watch(PodKind, { namespace: "default", labelSelector }, signal))
        events.push(event);
    };
    read().catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
    return events;
  };
  const observed = (name: string, generation: number) =>
    at.podWhen(name, (it) => it.metadata.generation === generation && it.status.observedGeneration === generation);

  /** A PUT of the newest version, changed; again when somebody else was faster. */
  const update = (name: string, change: (draft: Pod) => unknown) =>
    until(`no conflict about ${name}`, async () => {
      const draft = structuredClone(await at.pod(name));
      change(draft);
      return (await at.request("PUT", `${PODS}/${name}`, draft)) as unknown as Pod;
    });

  test("[sig-architecture] Conformance Tests should have at least two untainted nodes [Conformance]", async () => {
    type Nodes = { items: { spec: Json; status: { conditions: { type: string; status: string }[] } }[] };
    const { items } = (await at.request("GET", "/api/v1/nodes")) as unknown as Nodes;
    const free = items.filter(
      ({ spec, status }) =>
        !spec.taints &&
        !spec.unschedulable &&
        status.conditions.some(({ type, status }) => type === "Ready" && status === "True"),
    );
    assert.ok(free.length >= 2);
  });

  test("[sig-node] Pods Extended (pod generation) Pod Generation pod generation should start at 1 and increment per update [MinimumKubeletVersion:1.34] [Conformance]", async () => {
    const initContainers = [container("true", { name: "init-container" })];
    await at.create(pod("generation", { restartPolicy: "Always", initContainers, containers: [container(FOREVER)] }));
    await at.podWhen("generation", isReady);
    const tolerations = [{ key: "foo", operator: "Equal", value: "bar", effect: "NoSchedule" }];
    let expected = 1;
    await observed("generation", expected);
    const changes: [change: (draft: Pod) => unknown, counts: boolean][] = [
      [() => {}, false],
      [({ spec }) => Object.assign(spec, { tolerations }), true],
      [({ spec }) => Object.assign(spec, { activeDeadlineSeconds: 5000 }), true],
      [({ spec }) => Object.assign(spec.containers[0]!, { image: OTHER_BOX }), true],
      [({ spec }) => Object.assign(spec.initContainers![0]!, { image: OTHER_BOX }), true],
      [({ metadata }) => Object.assign(metadata, { annotations: { key: "value" } }), false],
      [({ metadata }) => Object.assign(metadata, { generation: 1 }), false],
    ];
    for (const [change, counts] of changes) {
      if (counts) expected++;
      assert.equal((await update("generation", change)).metadata.generation, expected);
      const it = await observed("generation", expected);
      for (const condition of it.status.conditions!)
        assert.equal(condition.observedGeneration, expected, condition.type);
    }
  });

  test("[sig-node] Pods Extended (pod generation) Pod Generation custom-set generation on new pods and graceful delete [Conformance]", async () => {
    const made = await running("own-generation", {}, { generation: 100, finalizers: ["example.com/stay"] });
    assert.equal(made.metadata.generation, 1);
    await at.transport.request({
      method: "DELETE",
      path: `${PODS}/own-generation`,
      query: { gracePeriodSeconds: "60" },
    });
    await observed("own-generation", 2);
    await at.request("PATCH", `${PODS}/own-generation`, { metadata: { finalizers: null } }, MERGE);
  });

  test("[sig-node] Pods Extended (pod generation) Pod Generation issue 500 podspec updates and verify generation and observedGeneration eventually converge [MinimumKubeletVersion:1.34] [Conformance]", async () => {
    await at.create(pod("busy", { activeDeadlineSeconds: 5000, containers: [container(FOREVER)] }));
    await at.podWhen("busy", isReady);
    for (let i = 1; i < 500; i++) await patch("busy", { spec: { activeDeadlineSeconds: 5000 - i } });
    await observed("busy", 500);
  });

  test("[sig-node] Pods should get a host IP [NodeConformance] [Conformance]", async () => {
    const { status } = await running("addressed");
    assert.match(status.hostIP!, /^\d+\.\d+\.\d+\.\d+$/);
  });

  test("[sig-node] Pods should patch a pod status [Conformance]", async () => {
    await running("told", {}, { labels: { name: "told", time: "then" } });
    // What a Go client makes of a Pod with nothing but a status.
    const body = {
      metadata: { creationTimestamp: null },
      spec: { containers: null },
      status: { message: "Patched by e2e test", reason: "E2E" },
    };
    const { status } = (await at.request("PATCH", `${PODS}/told/status`, body, MERGE)) as unknown as Pod;
    assert.deepEqual([status.message, status.reason], ["Patched by e2e test", "E2E"]);
  });

  test("[sig-node] Pods should be updated [NodeConformance] [Conformance]", async () => {
    await running("updated", {}, { labels: { name: "foo", time: "before" } });
    await update("updated", ({ metadata }) => Object.assign(metadata.labels!, { time: "after" }));
    assert.deepEqual(await named("time=after"), ["updated"]);
    assert.deepEqual(await named("time=before"), []);
  });

  test("[sig-node] Pods should be submitted and removed [NodeConformance] [Conformance]", async (t) => {
    const events = follow(t.signal, "time=submitted");
    await running("submitted", {}, { labels: { name: "foo", time: "submitted" } });
    assert.deepEqual(await named("time=submitted"), ["submitted"]);
    await at.transport.request({ method: "DELETE", path: `${PODS}/submitted`, body: { gracePeriodSeconds: 30 } });
    const last = await until("it is seen to go", async () => events.find(({ type }) => type === "DELETED"));
    assert.equal(events[0]!.type, "ADDED");
    assert.ok(last.object.metadata.deletionTimestamp);
    assert.notEqual(last.object.spec.terminationGracePeriodSeconds, 0);
    assert.deepEqual(await named("time=submitted"), []);
  });

  test("[sig-node] Pods should delete a collection of pods [Conformance]", async () => {
    const metadata = { labels: { type: "Testing" } };
    await at.create(...[1, 2, 3].map((n) => pod(`many-${n}`, { containers: [container(FOREVER)] }, metadata)));
    for (const n of [1, 2, 3]) await at.podWhen(`many-${n}`, isReady);
    const query = { labelSelector: "type=Testing" };
    await at.transport.request({ method: "DELETE", path: PODS, query, body: { gracePeriodSeconds: 1 } });
    await until("they are gone", async () => (await named("type=Testing")).length === 0);
  });

  test("[sig-node] Pods should run through the lifecycle of Pods and PodStatus [Conformance]", async (t) => {
    const labels = { "test-pod-static": "true" };
    const events = follow(t.signal, "test-pod-static=true");
    await running("living", {}, { labels });
    await until("it is seen to run", async () =>
      events.some(({ type, object }) => type === "MODIFIED" && object.status.phase === "Running"),
    );
    const body = {
      metadata: { creationTimestamp: null, labels: { "test-pod": "patched" } },
      spec: { terminationGracePeriodSeconds: 1, containers: [{ name: "main", image: OTHER_BOX, resources: {} }] },
      status: {},
    };
    const patched = (await at.request("PATCH", `${PODS}/living`, body, STRATEGIC)) as unknown as Pod;
    assert.equal(patched.spec.containers[0]!.image, OTHER_BOX);
    assert.equal((await at.pod("living")).metadata.labels!["test-pod"], "patched");
    await at.podWhen("living", isReady);
    const unready = async () => {
      const live = (await at.request("GET", `${PODS}/living/status`)) as unknown as Pod;
      const conditions = live.status.conditions!.map((c) => (c.type.endsWith("Ready") ? { ...c, status: "False" } : c));
      const told = { ...live, status: { ...live.status, conditions } };
      return (await at.request("PUT", `${PODS}/living/status`, told)) as unknown as Pod;
    };
    const answer = await until("no conflict with the node", unready);
    const types = answer.status.conditions!.filter((c) => c.status === "False").map((c) => c.type);
    assert.deepEqual(types.sort(), ["ContainersReady", "Ready"]);
    await at.podWhen("living", isReady); // the node knows better
    const query = { labelSelector: "test-pod-static=true" };
    await at.transport.request({ method: "DELETE", path: PODS, query, body: { gracePeriodSeconds: 1 } });
    await until("it is seen to go", async () => events.some(({ type }) => type === "DELETED"));
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

  const alive = (name: string) => running(name, { command: ["sh", "-c", `echo container is alive; ${FOREVER}`] });

  test("[sig-node] Pods should support remote command execution over websockets [NodeConformance] [Conformance]", async () => {
    await alive("commanded");
    const command = ["echo", "remote execution test"].map((it) => `command=${encodeURIComponent(it)}`).join("&");
    for (const protocol of ["channel.k8s.io", "v4.channel.k8s.io", "v5.channel.k8s.io"]) {
      const messages = await dial(`${PODS}/commanded/exec?stderr=1&stdout=1&container=main&${command}`, protocol);
      const said = messages.filter((it) => it.length > 1);
      const output = said.filter((it) => it[0] === 1).map((it) => it.subarray(1).toString());
      assert.equal(output.join(""), "remote execution test\n", protocol);
      // Only later protocols tell of success in words.
      if (protocol === "channel.k8s.io") assert.ok(said.every((it) => it[0] === 1));
    }
  });

  test("[sig-node] Pods should support retrieving logs from the container over websockets [NodeConformance] [Conformance]", async () => {
    await alive("logged");
    const log = await dial(`${PODS}/logged/log?container=main`, "binary.k8s.io");
    assert.equal(Buffer.concat(log).toString(), "container is alive\n");
  });

  test("[sig-node] PreStop should call prestop when killing a pod [Conformance]", async () => {
    const web = "mkdir -p /tmp/w; echo one > /tmp/w/read; exec busybox httpd -f -vv -p 8080 -h /tmp/w 2>&1";
    const server = await running("server", {
      command: ["sh", "-c", web],
      ports: [{ containerPort: 8080 }],
      readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
    });
    for (const reached of ["server", "server:8080"]) {
      assert.equal(await at.cluster.kubectl("get", "--raw", `${PODS}/${reached}/proxy/read`), "one\n");
    }
    const preStop = { exec: { command: ["wget", "-q", "-O-", `http://${server.status.podIP}:8080/prestop`] } };
    await running("tester", { lifecycle: { preStop } });
    await at.cluster.kubectl("delete", "pod", "tester", "--grace-period=30");
    await until("the server hears", async () => (await at.log("server", "main")).includes("/prestop"));
  });
});
