import assert from "node:assert/strict";
import { test } from "node:test";
import { normalize } from "../../../../apimachinery/decode.ts";
import type { Kind } from "../../../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../../../apimachinery/meta.ts";
import { Node, Pod, PodSchema, Service } from "../index.ts";
import { formatEndpoints } from "./endpoints.ts";

const NOW = Date.UTC(2026, 0, 1, 12);
const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString().replace(".000Z", "Z");

/** Cells by column name. */
function cells<T extends KubernetesObject>(kind: Kind<T>, object: unknown): Record<string, unknown> {
  const normal = normalize(kind.schema, object);
  return Object.fromEntries(kind.columns.map(({ name, value }) => [name, value(normal, NOW)]));
}

const container = (name: string, state: object, more: object = {}) => ({
  name,
  state,
  lastState: {},
  ready: false,
  restartCount: 0,
  image: "i",
  imageID: "",
  ...more,
});
const pod = (status: object, { spec = {}, metadata = {} }: { spec?: object; metadata?: object } = {}) => ({
  metadata: { name: "p", creationTimestamp: ago(5), ...metadata },
  spec: { containers: [{ name: "a" }, { name: "b" }], ...spec },
  status: { phase: "Running", ...status },
});

test("a Pod that runs", () => {
  const running = { running: { startedAt: ago(4) } };
  const status = {
    podIP: "10.0.0.1",
    podIPs: [{ ip: "10.0.0.1" }],
    containerStatuses: [container("a", running, { ready: true }), container("b", running)],
  };
  assert.deepEqual(cells(Pod, pod(status, { spec: { nodeName: "n" } })), {
    Name: "p",
    Ready: "1/2",
    Status: "Running",
    Restarts: "0",
    Age: "5m",
    IP: "10.0.0.1",
    Node: "n",
    "Nominated Node": "<none>",
    "Readiness Gates": "<none>",
  });
});

test("a Pod whose container crashes says so, and when", () => {
  const lastState = { terminated: { exitCode: 1, startedAt: ago(4), finishedAt: ago(3) } };
  const waiting = container("a", { waiting: { reason: "CrashLoopBackOff" } }, { restartCount: 3, lastState });
  const { Status, Restarts } = cells(Pod, pod({ containerStatuses: [waiting] }));
  assert.deepEqual([Status, Restarts], ["CrashLoopBackOff", "3 (3m ago)"]);
});

test("a Pod that is being initialized says how far it is", () => {
  const spec = { initContainers: [{ name: "x" }, { name: "y" }] };
  const done = container("x", { terminated: { exitCode: 0, reason: "Completed" } });
  const status = { phase: "Pending", initContainerStatuses: [done, container("y", { running: {} })] };
  assert.equal(cells(Pod, pod(status, { spec })).Status, "Init:1/2");
  const failed = { phase: "Pending", initContainerStatuses: [container("x", { terminated: { exitCode: 2 } })] };
  assert.equal(cells(Pod, pod(failed, { spec })).Status, "Init:ExitCode:2");
});

test("a sidecar counts among the containers", () => {
  const spec = { initContainers: [{ name: "x", restartPolicy: "Always" }] };
  const sidecar = container("x", { running: {} }, { started: true, ready: true });
  const both = ["a", "b"].map((name) => container(name, { running: {} }, { ready: true }));
  const status = { initContainerStatuses: [sidecar], containerStatuses: both };
  assert.equal(cells(Pod, pod(status, { spec })).Ready, "3/3");
});

test("a Pod that is done is Completed, one that is deleted Terminating, one that is gated says so", () => {
  const done = ["a", "b"].map((name) => container(name, { terminated: { exitCode: 0, reason: "Completed" } }));
  assert.equal(cells(Pod, pod({ phase: "Succeeded", containerStatuses: done })).Status, "Completed");
  assert.equal(cells(Pod, pod({}, { metadata: { deletionTimestamp: ago(1) } })).Status, "Terminating");
  const conditions = [{ type: "PodScheduled", status: "False", reason: "SchedulingGated" }];
  assert.equal(cells(Pod, pod({ phase: "Pending", conditions })).Status, "SchedulingGated");
});

test("cells of a frozen Pod are computed once and stay right", () => {
  const object = Object.freeze(normalize(PodSchema, pod({ phase: "Pending" })));
  const status = Pod.columns.find(({ name }) => name === "Status")!;
  assert.equal(status.value(object, NOW), "Pending");
  assert.equal(status.value(object, NOW), "Pending");
});

test("a Service shows where it is reached", () => {
  const service = (spec: object, status: object = {}) => cells(Service, { metadata: { name: "s" }, spec, status });
  const ports = [{ port: 80, nodePort: 30080, protocol: "TCP", targetPort: 80 }];
  const nodePort = service({ type: "NodePort", clusterIPs: ["10.96.0.1"], ports, selector: { b: "2", a: "1" } });
  assert.deepEqual(
    [nodePort["Cluster-IP"], nodePort["External-IP"], nodePort["Port(s)"], nodePort.Selector],
    ["10.96.0.1", "<none>", "80:30080/TCP", "a=1,b=2"],
  );
  assert.equal(service({ type: "LoadBalancer" })["External-IP"], "<pending>");
  const ingress = [{ ip: "192.0.2.1" }];
  assert.equal(service({ type: "LoadBalancer" }, { loadBalancer: { ingress } })["External-IP"], "192.0.2.1");
  assert.equal(service({ type: "ExternalName", externalName: "example.com" })["External-IP"], "example.com");
});

test("a node shows whether Pods may come, and its roles", () => {
  const node = cells(Node, {
    metadata: { name: "n", labels: { "node-role.kubernetes.io/worker": "", "kubernetes.io/role": "control-plane" } },
    spec: { unschedulable: true },
    status: {
      conditions: [{ type: "Ready", status: "True" }],
      addresses: [{ type: "InternalIP", address: "10.0.0.1" }],
    },
  });
  assert.equal(node.Status, "Ready,SchedulingDisabled");
  assert.equal(node.Roles, "control-plane,worker");
  assert.equal(node["Internal-IP"], "10.0.0.1");
});

test("many endpoints are shortened", () => {
  const addresses = [1, 2, 3, 4, 5].map((i) => ({ ip: `10.0.0.${i}` }));
  assert.equal(
    formatEndpoints([{ addresses, ports: [{ port: 80 }] }]),
    "10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 2 more...",
  );
  assert.equal(formatEndpoints(undefined), "<none>");
});
