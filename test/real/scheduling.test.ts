/** Scheduling on a real cluster, by kubectl: preemption and budgets, RuntimeClass, and nodes that only pretend. */
import assert from "node:assert/strict";
import { mkdir, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { DRA_VERSIONS } from "../../src/kubelet/devices/messages.ts";
import { REGISTRATION } from "../../src/kubelet/plugins/messages.ts";
import { handler, serveGrpc } from "../../src/util/grpc/testServer.ts";
import { container, FOREVER, type Json, PodCluster } from "./podFixture.ts";
import { cannotRun, type RealCluster, until } from "./realCluster.ts";

const skip = await cannotRun();
const SIMULATED = 20;

describe("scheduling", { skip }, () => {
  let pods: PodCluster;
  let cluster: RealCluster;
  let host: string;
  before(async () => {
    pods = await PodCluster.start("scheduling", "--simulated-nodes", String(SIMULATED));
    cluster = pods.cluster;
    const real = await cluster.kubectl("get", "nodes", "-l", "!simulation.coxswain.dev/node", "-o", "name");
    host = real.trim().replace("node/", "");
  });
  after(() => pods?.remove());

  const k = (...args: string[]) => cluster.kubectl(...args);
  const apply = (...objects: Json[]) =>
    cluster.kubectlInput(JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }), "apply", "-f", "-");
  const onHost = () => ({ "kubernetes.io/hostname": host });
  const pod = (name: string, spec: Json = {}, labels: Json = {}): Json => ({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels },
    spec: { terminationGracePeriodSeconds: 2, containers: [container(FOREVER)], nodeSelector: onHost(), ...spec },
  });
  /** A Pod that takes some of a resource of which the host is said to have two. */
  const taking = (name: string, priorityClassName: string, labels: Json = {}) => {
    const resources = { requests: { "example.com/seat": "1" }, limits: { "example.com/seat": "1" } };
    return pod(name, { priorityClassName, containers: [container(FOREVER, { resources })] }, labels);
  };
  const events = async (name: string) =>
    (
      await k("get", "events", "--field-selector", `involvedObject.name=${name}`, "-o", "jsonpath={.items[*].message}")
    ).trim();

  test("priority preempts, and budgets hold where they can", async () => {
    for (const [name, value] of [
      ["low", 1],
      ["high", 1000],
    ] as const) {
      await apply({ apiVersion: "scheduling.k8s.io/v1", kind: "PriorityClass", metadata: { name }, value });
    }
    const patch = JSON.stringify({ status: { capacity: { "example.com/seat": "2" } } });
    await k("patch", "node", host, "--subresource=status", "--type=merge", "-p", patch);
    await until("the kubelet gives what it was said to have", async () => {
      const seats = await k("get", "node", host, "-o", "jsonpath={.status.allocatable.example\\.com/seat}");
      return seats === "2";
    });
    await apply(
      {
        apiVersion: "policy/v1",
        kind: "PodDisruptionBudget",
        metadata: { name: "guarded" },
        spec: { minAvailable: 1, selector: { matchLabels: { app: "guarded" } } },
      },
      taking("guarded", "low", { app: "guarded" }),
      taking("free", "low", { app: "free" }),
    );
    await k("wait", "--for=condition=Ready", "pod/guarded", "pod/free", "--timeout=60s");
    await apply(taking("boss", "high"));
    await k("wait", "--for=condition=Ready", "pod/boss", "--timeout=60s");
    const left = (await k("get", "pods", "-o", "name")).trim().split("\n").sort();
    assert.deepEqual(left, ["pod/boss", "pod/guarded"]);
    assert.match(await events("free"), new RegExp(`Preempted by pod [0-9a-f-]{36} on node ${host}`));
    await apply(taking("second", "high"));
    await k("wait", "--for=condition=Ready", "pod/second", "--timeout=60s");
    assert.match(await events("guarded"), /Preempted by pod/);
    await k("delete", "pod", "boss", "second", "--wait=true");
  });

  test("a Pod says why it waits, in kube-scheduler's words", async () => {
    await apply(pod("picky", { nodeSelector: { disk: "none" } }));
    const text = await until("it is told", async () => (await events("picky")) || undefined);
    const nodes = SIMULATED + 1;
    assert.equal(
      text,
      `0/${nodes} nodes are available: ${nodes} node(s) didn't match Pod's node affinity/selector. ` +
        `preemption: 0/${nodes} nodes are available: ${nodes} Preemption is not helpful for scheduling.`,
    );
    assert.match(await k("describe", "pod", "picky"), /Warning +FailedScheduling .* default-scheduler/);
    await k("delete", "pod", "picky");
  });

  test("a RuntimeClass's handler runs its Pods; one that is unknown to the runtime is told", async () => {
    const runtimeClass = (name: string, handler: string): Json => ({
      apiVersion: "node.k8s.io/v1",
      kind: "RuntimeClass",
      metadata: { name },
      handler,
      overhead: { podFixed: { cpu: "10m" } },
    });
    await apply(runtimeClass("plain", "runc"), runtimeClass("strange", "nonexistent"));
    await apply(pod("plain", { runtimeClassName: "plain" }), pod("strange", { runtimeClassName: "strange" }));
    await k("wait", "--for=condition=Ready", "pod/plain", "--timeout=60s");
    assert.equal(await k("get", "pod", "plain", "-o", "jsonpath={.spec.overhead.cpu}"), "10m");
    const message = 'no runtime for "nonexistent" is configured';
    await until("the runtime's refusal is told", async () => (await events("strange")).includes(message));
    const unknown = await cluster.tryKubectl(
      "run",
      "unknown",
      "--image=x",
      `--overrides={"spec":{"runtimeClassName":"none"}}`,
    );
    assert.match(unknown.stderr, /forbidden: pod rejected: RuntimeClass "none" not found/);
    await k("delete", "pod", "plain", "strange", "--wait=false");
  });

  test("a claim gets a device of a driver, and its container what is needed to use it", async (t) => {
    const driver = "oars.example.com";
    const root = `/var/lib/coxswain/${cluster.name}/kubelet`;
    const socket = join(root, "plugins", driver, "dra.sock");
    const description = `/var/run/cdi/${cluster.name}.json`;
    const asked: string[] = [];
    const device = {
      requestNames: ["oar"],
      poolName: host,
      deviceName: "oar-0",
      cdiDeviceIds: [`${driver}/oar=oar-0`],
    };
    const answer = (what: string, claims: readonly { uid: string }[], value: object) => {
      asked.push(what);
      return { claims: claims.map(({ uid }) => ({ key: uid, value })) };
    };
    const info = { type: "DRAPlugin", name: driver, endpoint: socket, supportedVersions: ["v1.DRAPlugin"] };
    await Promise.all([dirname(socket), dirname(description)].map((path) => mkdir(path, { recursive: true })));
    const deviceNodes = [{ path: "/dev/oar", hostPath: "/dev/zero" }];
    const devices = [{ name: "oar-0", containerEdits: { env: ["OAR=zero"], deviceNodes } }];
    await writeFile(description, JSON.stringify({ cdiVersion: "0.6.0", kind: `${driver}/oar`, devices }));
    const servers = [
      await serveGrpc(socket, [
        handler(DRA_VERSIONS[0]!.prepare, ({ claims }) => answer("prepare", claims, { devices: [device] })),
        handler(DRA_VERSIONS[0]!.unprepare, ({ claims }) => answer("unprepare", claims, {})),
      ]),
      await serveGrpc(join(root, "plugins_registry", `${driver}-reg.sock`), [
        handler(REGISTRATION.getInfo, () => info),
        handler(REGISTRATION.notifyRegistrationStatus, () => ({})),
      ]),
    ];
    t.after(async () => {
      for (const server of servers) await server.close();
      await rm(description);
      await rmdir(dirname(description)).catch(() => {}); // others describe devices there, too
    });
    const apiVersion = "resource.k8s.io/v1";
    const selectors = [{ cel: { expression: `device.driver == "${driver}"` } }];
    const pool = { name: host, generation: 1, resourceSliceCount: 1 };
    const slice = { driver, nodeName: host, pool, devices: [{ name: "oar-0" }] };
    const requests = [{ name: "oar", exactly: { deviceClassName: "oar" } }];
    await apply(
      { apiVersion, kind: "DeviceClass", metadata: { name: "oar" }, spec: { selectors } },
      { apiVersion, kind: "ResourceSlice", metadata: { name: "oars" }, spec: slice },
      { apiVersion, kind: "ResourceClaim", metadata: { name: "mine" }, spec: { devices: { requests } } },
    );
    const script = `echo $OAR; head -c 2 /dev/oar | wc -c; ${FOREVER}`;
    const using = container(script, { resources: { claims: [{ name: "oar" }] } });
    const resourceClaims = [{ name: "oar", resourceClaimName: "mine" }];
    await apply(pod("rower", { containers: [using], resourceClaims }));
    await until("the container uses the device", async () =>
      /^zero\n\s*2\n/.test(await k("logs", "rower").catch(() => "")),
    );
    await k("delete", "pod", "rower");
    await until("the device is free again", async () => {
      const state = await k("get", "resourceclaim", "mine", "-o", "jsonpath={.status.allocation}");
      return state === "" && asked.join() === "prepare,unprepare";
    });
  });

  test("simulated nodes run Pods as their rules say", async () => {
    const rules = "selector: {matchLabels: {app: crashing}}\nexitAfter: 100ms\nexitCode: 3\n";
    await k("create", "configmap", "-n", "kube-system", "simulation-rules", `--from-literal=rules=${rules}`);
    const deployment = (name: string, replicas: number): Json => ({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name },
      spec: {
        replicas,
        selector: { matchLabels: { app: name } },
        template: {
          metadata: { labels: { app: name } },
          spec: { nodeSelector: { "simulation.coxswain.dev/node": "true" }, containers: [container(FOREVER)] },
        },
      },
    });
    await apply(deployment("steady", 40), deployment("crashing", 1));
    await k("rollout", "status", "deployment/steady", "--timeout=60s");
    const list = await cluster.json<{ items: { spec: { nodeName: string } }[] }>("get", "pods", "-l", "app=steady");
    const perNode = new Map<string, number>();
    for (const { spec } of list.items) perNode.set(spec.nodeName, (perNode.get(spec.nodeName) ?? 0) + 1);
    assert.equal(perNode.size, SIMULATED, "replicas are spread");
    await until("the rule makes it crash", async () =>
      (await k("get", "pods", "-l", "app=crashing")).includes("CrashLoopBackOff"),
    );
    await k("delete", "deployment", "steady", "crashing");
  });
});
