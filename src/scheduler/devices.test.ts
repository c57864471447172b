/** Devices that Pods claim, from slices to allocations, against an API server in this process. */
import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Namespace, Pod } from "../api/core/v1/index.ts";
import { DeviceClass, ResourceClaim, ResourceClaimTemplate, ResourceSlice } from "../api/resource/v1/index.ts";
import type { KubernetesObject } from "../apimachinery/meta.ts";
import { type Cluster, testCluster } from "../testing/index.ts";

const DRIVER = "oars.example.com";
const apiVersion = ResourceClaim.apiVersion;
const create = (it: Cluster, object: object) => it.create(object as KubernetesObject);
const like = (expression: string) => [{ cel: { expression } }];

async function start(t: TestContext): Promise<Cluster> {
  const it = await testCluster(t, { nodes: ["a", "b"] });
  const selectors = like(`device.driver == "${DRIVER}"`);
  await create(it, { apiVersion, kind: DeviceClass.kind, metadata: { name: "oar" }, spec: { selectors } });
  return it;
}

/** A pool of its node, with a device for each of these lengths. */
async function slice(it: Cluster, nodeName: string, lengths: number[], more: object = {}): Promise<void> {
  const devices = lengths.map((length, i) => ({
    name: `oar-${i}`,
    attributes: { length: { int: length }, side: { string: i % 2 ? "port" : "starboard" }, made: { version: "1.2.3" } },
    capacity: { weight: { value: `${length}Ki` } },
    ...more,
  }));
  const pool = { name: nodeName, generation: 1, resourceSliceCount: 1 };
  const spec = { driver: DRIVER, nodeName, pool, devices };
  await create(it, { apiVersion, kind: ResourceSlice.kind, metadata: { name: `oars-${nodeName}` }, spec });
}

type Wish = Record<string, unknown>;
const wish = (more: Wish = {}) => ({ name: "oar", exactly: { deviceClassName: "oar", ...more } });
const metadata = (name: string, namespace = "default") => ({ name, namespace });

function claim(it: Cluster, name: string, requests: object[], more: object = {}, namespace = "default") {
  const spec = { devices: { requests, ...more } };
  return create(it, { apiVersion, kind: ResourceClaim.kind, metadata: metadata(name, namespace), spec });
}

async function pod(it: Cluster, name: string, claims: object[], namespace = "default"): Promise<void> {
  const resourceClaims = claims.map((one, i) => ({ name: `c${i}`, ...one }));
  const containers = [{ name: "c", image: "i", resources: { claims: [{ name: "c0" }] } }];
  const spec = { containers, resourceClaims };
  await create(it, { apiVersion: "v1", kind: "Pod", metadata: metadata(name, namespace), spec });
  await it.settle();
}

const find = (it: Cluster, name: string): Pod => it.pods(name)[0]!;
const nodeOf = (it: Cluster, name: string) => find(it, name)?.spec.nodeName;
const whyNot = (it: Cluster, name: string) =>
  find(it, name)?.status.conditions?.find(({ type }) => type === "PodScheduled")?.message;
const results = async (it: Cluster, name: string) =>
  (await it.get(ResourceClaim, name)).status.allocation?.devices.results?.map(
    ({ pool, device }) => `${pool}/${device}`,
  );

test("a Pod goes where the device is that its claim asks for, and the claim says which it got, for whom", async (t) => {
  const it = await start(t);
  await slice(it, "a", [2]);
  await slice(it, "b", [3, 4]);
  await claim(it, "long", [wish({ selectors: like(`device.attributes["${DRIVER}"].length > 3`) })]);
  await pod(it, "rower", [{ resourceClaimName: "long" }]);
  assert.equal(nodeOf(it, "rower"), "b");
  const { status, metadata: meta } = await it.get(ResourceClaim, "long");
  assert.deepEqual(await results(it, "long"), ["b/oar-1"]);
  assert.deepEqual(
    status.reservedFor?.map(({ name, resource }) => `${resource}/${name}`),
    ["pods/rower"],
  );
  assert.deepEqual(status.allocation?.nodeSelector, {
    nodeSelectorTerms: [{ matchFields: [{ key: "metadata.name", operator: "In", values: ["b"] }] }],
  });
  assert.deepEqual(meta.finalizers, ["resource.kubernetes.io/delete-protection"]);
});

test("what one claim has no other gets; it is free again when its Pod is over", async (t) => {
  const it = await start(t);
  await slice(it, "a", [2]);
  await claim(it, "first", [wish()]);
  await claim(it, "second", [wish()]);
  await pod(it, "one", [{ resourceClaimName: "first" }]);
  await pod(it, "two", [{ resourceClaimName: "second" }]);
  assert.equal(nodeOf(it, "one"), "a");
  assert.match(whyNot(it, "two") ?? "", /^0\/2 nodes are available: 2 cannot allocate all claims\./);
  await it.delete(Pod, "one");
  await it.until(() => nodeOf(it, "two") === "a");
  assert.deepEqual(await results(it, "second"), ["a/oar-0"]);
  assert.equal(await results(it, "first"), undefined);
  assert.equal((await it.get(ResourceClaim, "first")).metadata.finalizers, undefined);
});

test("claims made from a template belong to their Pod; two Pods may share one that was there before", async (t) => {
  const it = await start(t);
  await slice(it, "a", [2, 2, 2]);
  const spec = { spec: { devices: { requests: [wish()] } } };
  await pod(it, "early", [{ resourceClaimTemplateName: "oars" }]);
  assert.equal(nodeOf(it, "early"), undefined);
  await create(it, { apiVersion, kind: ResourceClaimTemplate.kind, metadata: metadata("oars"), spec });
  await it.until(() => nodeOf(it, "early") === "a");
  const [made] = find(it, "early").status.resourceClaimStatuses ?? [];
  assert.match(made?.resourceClaimName ?? "", /^early-c0-/);
  const { metadata: meta } = await it.get(ResourceClaim, made!.resourceClaimName!);
  assert.deepEqual(meta.annotations, { "resource.kubernetes.io/pod-claim-name": "c0" });
  assert.equal(meta.ownerReferences?.[0]?.name, "early");

  await claim(it, "shared", [wish()]);
  await pod(it, "one", [{ resourceClaimName: "shared" }]);
  await pod(it, "two", [{ resourceClaimName: "shared" }]);
  assert.deepEqual([nodeOf(it, "one"), nodeOf(it, "two")], ["a", "a"]);
  assert.equal((await it.get(ResourceClaim, "shared")).status.reservedFor?.length, 2);

  await it.delete(Pod, "early");
  await it.until(async () => (await it.list(ResourceClaim)).length === 1);
});

test("alternatives, several at once, all there are, and what must hold between them", async (t) => {
  const it = await start(t);
  await slice(it, "a", [2, 3, 3]);
  const sub = (name: string, more: Wish) => ({ name, deviceClassName: "oar", ...more });
  const longest = sub("longest", { selectors: like(`device.attributes["${DRIVER}"].length > 9`) });
  const firstAvailable = [longest, sub("pair", { count: 2 })];
  const constraints = [{ matchAttribute: `${DRIVER}/length` }];
  await claim(it, "pair", [{ name: "oar", firstAvailable }], { constraints });
  await pod(it, "rower", [{ resourceClaimName: "pair" }]);
  assert.deepEqual(await results(it, "pair"), ["a/oar-1", "a/oar-2"]);
  const requests = (await it.get(ResourceClaim, "pair")).status.allocation?.devices.results?.map((one) => one.request);
  assert.deepEqual(requests, ["oar/pair", "oar/pair"]);

  await claim(it, "all", [wish({ allocationMode: "All" })]);
  await pod(it, "greedy", [{ resourceClaimName: "all" }]);
  assert.match(whyNot(it, "greedy") ?? "", /cannot allocate all claims/);
  await it.delete(Pod, "rower");
  await it.until(() => nodeOf(it, "greedy") === "a");
  assert.equal((await results(it, "all"))?.length, 3);
});

test("devices of unlike sides, of a version, and of a weight", async (t) => {
  const it = await start(t);
  await slice(it, "a", [2, 3, 4]);
  await claim(it, "sides", [wish({ count: 2 })], { constraints: [{ distinctAttribute: `${DRIVER}/side` }] });
  await pod(it, "sides", [{ resourceClaimName: "sides" }]);
  assert.deepEqual(await results(it, "sides"), ["a/oar-0", "a/oar-1"]);
  const newer = `device.attributes["${DRIVER}"].made.isGreaterThan(semver("1.2.0"))`;
  const heavy = `device.capacity["${DRIVER}"].weight.compareTo(quantity("4Ki")) >= 0`;
  await claim(it, "heavy", [wish({ selectors: like(`${newer} && ${heavy}`) })]);
  await pod(it, "heavy", [{ resourceClaimName: "heavy" }]);
  assert.deepEqual(await results(it, "heavy"), ["a/oar-2"]);
});

test("taints keep claims away that do not tolerate them", async (t) => {
  const it = await start(t);
  await slice(it, "a", [2], { taints: [{ key: "example.com/cracked", effect: "NoSchedule" }] });
  await claim(it, "careful", [wish()]);
  await pod(it, "careful", [{ resourceClaimName: "careful" }]);
  assert.match(whyNot(it, "careful") ?? "", /cannot allocate all claims/);
  await claim(it, "bold", [wish({ tolerations: [{ key: "example.com/cracked", operator: "Exists" }] })]);
  await pod(it, "bold", [{ resourceClaimName: "bold" }]);
  assert.deepEqual(await results(it, "bold"), ["a/oar-0"]);
});

test("devices that several may have, and parts of what they share", async (t) => {
  const it = await start(t);
  const policy = { default: "1Ki", validRange: { min: "1Ki", step: "1Ki" } };
  const capacity = { weight: { value: "4Ki", requestPolicy: policy } };
  await slice(it, "a", [4], { allowMultipleAllocations: true, capacity });
  const part = (amount: string) => [wish({ capacity: { requests: { weight: amount } } })];
  for (const [name, amount] of [
    ["p1", "1500"],
    ["p2", "2Ki"],
    ["p3", "1Ki"],
  ] as const) {
    await claim(it, name, part(amount));
    await pod(it, name, [{ resourceClaimName: name }]);
  }
  const taken = (await it.get(ResourceClaim, "p1")).status.allocation?.devices.results?.[0];
  assert.deepEqual(taken?.consumedCapacity, { weight: "2Ki" });
  assert.ok(taken?.shareID);
  assert.deepEqual([nodeOf(it, "p1"), nodeOf(it, "p2"), nodeOf(it, "p3")], ["a", "a", undefined]);

  const consumesCounters = [{ counterSet: "wood", counters: { planks: { value: "2" } } }];
  const pool = { name: "b", generation: 1, resourceSliceCount: 1 };
  const sharedCounters = [{ name: "wood", counters: { planks: { value: "3" } } }];
  const devices = ["x", "y"].map((name) => ({ name, consumesCounters }));
  const spec = { driver: DRIVER, nodeName: "b", pool, sharedCounters, devices };
  await create(it, { apiVersion, kind: ResourceSlice.kind, metadata: { name: "parts" }, spec });
  for (const name of ["q1", "q2"]) {
    await claim(it, name, [wish({ selectors: like("!device.allowMultipleAllocations") })]);
    await pod(it, name, [{ resourceClaimName: name }]);
  }
  assert.deepEqual([nodeOf(it, "q1"), nodeOf(it, "q2")], ["b", undefined]);
});

test("to watch over devices that others use, a namespace must be allowed to", async (t) => {
  const it = await start(t);
  await slice(it, "a", [2]);
  await claim(it, "user", [wish()]);
  await pod(it, "user", [{ resourceClaimName: "user" }]);
  const labels = { "resource.kubernetes.io/admin-access": "true" };
  await create(it, { apiVersion: "v1", kind: Namespace.kind, metadata: { name: "watchers", labels } });
  await it.settle();
  await claim(it, "watcher", [wish({ adminAccess: true })], {}, "watchers");
  await pod(it, "watcher", [{ resourceClaimName: "watcher" }], "watchers");
  assert.equal(it.pods("watcher", "watchers")[0]?.spec.nodeName, "a");
});

test("a claim that is not there, a class that is not there, and an expression that fails are said", async (t) => {
  const it = await start(t);
  await slice(it, "a", [2]);
  await pod(it, "lost", [{ resourceClaimName: "nowhere" }]);
  assert.match(whyNot(it, "lost") ?? "", /could not find ResourceClaim "default\/nowhere"/);
  await claim(it, "classless", [{ name: "oar", exactly: { deviceClassName: "none" } }]);
  await pod(it, "classless", [{ resourceClaimName: "classless" }]);
  assert.match(whyNot(it, "classless") ?? "", /request oar: device class none does not exist/);
  await claim(it, "failing", [wish({ selectors: like(`device.attributes["${DRIVER}"].colour == "red"`) })]);
  await pod(it, "failing", [{ resourceClaimName: "failing" }]);
  assert.match(whyNot(it, "failing") ?? "", /request oar: selector #0: CEL runtime error: No such key: colour/);
  await claim(it, "nowhere", [wish()]);
  await it.until(() => nodeOf(it, "lost") === "a");
});
