import assert from "node:assert/strict";
import { test } from "node:test";
import { Service } from "../../api/core/v1/index.ts";
import { IPAddress, ServiceCIDR } from "../../api/networking/v1/index.ts";
import { isInvalid, isNotFound } from "../../apimachinery/status.ts";
import { testCluster } from "../../testing/index.ts";

const range = (name: string, ...cidrs: string[]): ServiceCIDR => ({
  apiVersion: ServiceCIDR.apiVersion,
  kind: ServiceCIDR.kind,
  metadata: { name },
  spec: { cidrs },
  status: {},
});

const service = (name: string, clusterIP: string) =>
  ({
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "default" },
    spec: { clusterIP, ports: [{ port: 80 }] },
  }) as Service;

test("Services may have addresses of a new range once it is ready, and it stays until they are gone", async (t) => {
  const cluster = await testCluster(t);
  await assert.rejects(cluster.create(service("early", "10.112.0.9")), isInvalid);
  await cluster.create(range("more", "10.112.0.0/24"));
  await cluster.settle();
  const ready = await cluster.get(ServiceCIDR, "more");
  assert.deepEqual(ready.metadata.finalizers, ["networking.k8s.io/service-cidr-finalizer"]);
  const [condition] = ready.status.conditions ?? [];
  assert.deepEqual(
    [condition?.type, condition?.status, condition?.message],
    ["Ready", "True", "Kubernetes Service CIDR is ready"],
  );
  await cluster.create(service("web", "10.112.0.9"));
  const address = await cluster.get(IPAddress, "10.112.0.9");
  assert.deepEqual(address.spec.parentRef, { resource: "services", namespace: "default", name: "web" });

  await cluster.delete(ServiceCIDR, "more");
  await cluster.advance("1m");
  const waiting = await cluster.get(ServiceCIDR, "more");
  assert.equal(waiting.status.conditions?.[0]?.reason, "Terminating");
  await assert.rejects(cluster.create(service("late", "10.112.0.10")), isInvalid);

  await cluster.delete(Service, "web");
  await cluster.advance("15s");
  await assert.rejects(cluster.get(ServiceCIDR, "more"), isNotFound);
  await assert.rejects(cluster.get(IPAddress, "10.112.0.9"), isNotFound);
});

test("a range whose addresses another has too can go at once", async (t) => {
  const cluster = await testCluster(t);
  await cluster.create(range("small", "10.112.0.0/28"));
  await cluster.create(range("large", "10.112.0.0/24"));
  await cluster.settle();
  await cluster.create(service("web", "10.112.0.9"));
  await cluster.delete(ServiceCIDR, "small");
  await cluster.advance("15s");
  await assert.rejects(cluster.get(ServiceCIDR, "small"), isNotFound);
  assert.equal((await cluster.get(Service, "web")).spec.clusterIP, "10.112.0.9");
});

test("the cluster's own range is there from the start, and so is the address of its first Service", async (t) => {
  const cluster = await testCluster(t);
  await cluster.settle();
  const own = await cluster.get(ServiceCIDR, "kubernetes");
  assert.deepEqual(own.spec.cidrs, ["10.96.0.0/16"]);
  assert.equal(own.status.conditions?.[0]?.status, "True");
  const { metadata } = await cluster.get(IPAddress, "10.96.0.1");
  assert.deepEqual(metadata.labels, {
    "ipaddress.kubernetes.io/ip-family": "IPv4",
    "ipaddress.kubernetes.io/managed-by": "ipallocator.k8s.io",
  });
});
