/** Sentences of the conformance suite about Services that only real Pods can hold, each under its name there. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Service } from "../../src/api/core/v1/index.ts";
import { http, NetworkCluster } from "./networkFixture.ts";
import type { PodCluster } from "./podFixture.ts";
import { cannotRun, until } from "./realCluster.ts";

const skip = await cannotRun();

describe("the network as the conformance suite asks for it", { skip, concurrency: 3 }, () => {
  let on: NetworkCluster;
  let at: PodCluster;
  let nodeIP = "";

  const start: NetworkCluster["serve"] = (...args) => on.serve(...args);
  const service: NetworkCluster["service"] = (...args) => on.service(...args);
  const patch: NetworkCluster["patch"] = (...args) => on.patch(...args);
  const says: NetworkCluster["says"] = (...args) => on.says(...args);
  const fetches: NetworkCluster["fetches"] = (...args) => on.fetches(...args);
  const resolves: NetworkCluster["resolves"] = (...args) => on.resolves(...args);

  before(async () => {
    on = await NetworkCluster.start("netconf");
    at = on.at;
    const [client] = await Promise.all([
      start("client"),
      ...[1, 2, 3].map((i) => start(`backend-${i}`, { app: "backend" })),
    ]);
    nodeIP = client.status.hostIP!;
  });
  after(() => on?.remove());

  /** By name and cluster IP, and if open by the node's address, from a Pod. */
  const reachable = async (name: string, { spec }: Service, wanted = /^backend-/) => {
    await fetches("client", name, wanted);
    await fetches("client", spec.clusterIP!, wanted);
    const { nodePort } = spec.ports![0]!;
    if (nodePort) await fetches("client", `${nodeIP}:${nodePort}`, wanted);
  };

  test("[sig-network] Services should be able to create a functioning NodePort service [Conformance]", async () => {
    const made = await service("nodeport-test", { type: "NodePort", selector: { app: "backend" }, ports: [http] });
    await reachable("nodeport-test", made);
  });
  test("[sig-network] Services should be able to change the type from ExternalName to ClusterIP [Conformance]", async () => {
    const made = await service("ext-to-ip", { type: "ExternalName", externalName: "foo.example.com" });
    assert.equal(made.spec.clusterIP, undefined);
    const changed = await patch("ext-to-ip", {
      type: "ClusterIP",
      externalName: null,
      selector: { app: "backend" },
      ports: [http],
    });
    await reachable("ext-to-ip", changed);
  });
  test("[sig-network] Services should be able to change the type from ExternalName to NodePort [Conformance]", async () => {
    await service("ext-to-port", { type: "ExternalName", externalName: "foo.example.com" });
    const changed = await patch("ext-to-port", {
      type: "NodePort",
      externalName: null,
      selector: { app: "backend" },
      ports: [http],
    });
    assert.ok(changed.spec.ports![0]!.nodePort);
    await reachable("ext-to-port", changed);
  });
  for (const [title, name, type] of [
    [
      "[sig-network] Services should be able to change the type from ClusterIP to ExternalName [Conformance]",
      "ip-to-ext",
      "ClusterIP",
    ],
    [
      "[sig-network] Services should be able to change the type from NodePort to ExternalName [Conformance]",
      "port-to-ext",
      "NodePort",
    ],
  ] as const) {
    test(title, async () => {
      const made = await service(name, { type, selector: { app: "backend" }, ports: [http] });
      assert.ok(made.spec.clusterIP);
      const externalName = "kubernetes.default.svc.cluster.local";
      const { spec } = await patch(name, { type: "ExternalName", externalName });
      assert.deepEqual([spec.clusterIP, spec.ports?.[0]?.nodePort], [undefined, undefined]);
      await resolves("client", "a", `${name}.default.svc.cluster.local`, /canonical name = kubernetes\.default/);
    });
  }

  const affinity = async (name: string, type: string, switches: boolean) => {
    const made = await service(name, {
      type,
      sessionAffinity: "ClientIP",
      selector: { app: "backend" },
      ports: [http],
    });
    const { clusterIP, ports } = made.spec;
    const url = type === "NodePort" ? `${nodeIP}:${ports![0]!.nodePort}` : clusterIP!;
    await reachable(name, made);
    const stays = async (how: boolean) =>
      until(`${name} stays: ${how}`, async () => ((await on.answersTo("client", url, 15)).size === 1) === how, 30_000);
    await stays(true);
    if (!switches) return;
    await patch(name, { sessionAffinity: "None" });
    await stays(false);
    await patch(name, { sessionAffinity: "ClientIP" });
    await stays(true);
  };
  test("[sig-network] Services should have session affinity work for service with type clusterIP [LinuxOnly] [Conformance]", () =>
    affinity("affinity-ip", "ClusterIP", false));
  test("[sig-network] Services should be able to switch session affinity for service with type clusterIP [LinuxOnly] [Conformance]", () =>
    affinity("affinity-ip-switch", "ClusterIP", true));
  test("[sig-network] Services should have session affinity work for NodePort service [LinuxOnly] [Conformance]", () =>
    affinity("affinity-port", "NodePort", false));
  test("[sig-network] Services should be able to switch session affinity for NodePort service [LinuxOnly] [Conformance]", () =>
    affinity("affinity-port-switch", "NodePort", true));

  const subsets = async (name: string) => {
    const { subsets = [] } = await at.cluster.json<{
      subsets?: { addresses?: { targetRef: { name: string } }[]; ports: { port: number }[] }[];
    }>("get", "endpoints", name);
    return subsets
      .flatMap(({ addresses = [], ports }) =>
        addresses.flatMap((it) => ports.map(({ port }) => `${it.targetRef.name} ${port}`)),
      )
      .sort();
  };
  const hasEndpoints = (name: string, ...wanted: string[]) =>
    until(`${name} has ${wanted}`, async () => (await subsets(name)).join() === wanted.join(), 30_000);

  test("[sig-network] Services should serve a basic endpoint from pods [Conformance]", async () => {
    await service("endpoint-basic", { selector: { basic: "yes" }, ports: [{ port: 80, targetPort: 80 }] });
    await hasEndpoints("endpoint-basic");
    await start("basic-1", { basic: "yes" });
    await hasEndpoints("endpoint-basic", "basic-1 80");
    await fetches("client", "endpoint-basic", /^basic-1$/);
    await start("basic-2", { basic: "yes" });
    await hasEndpoints("endpoint-basic", "basic-1 80", "basic-2 80");
    await at.cluster.kubectl("delete", "pod", "basic-1");
    await hasEndpoints("endpoint-basic", "basic-2 80");
    await fetches("client", "endpoint-basic", /^basic-2$/);
    await at.cluster.kubectl("delete", "pod", "basic-2");
    await hasEndpoints("endpoint-basic");
  });

  test("[sig-network] Services should serve multiport endpoints from pods [Conformance]", async () => {
    const ports = [
      { name: "portname1", port: 80, targetPort: "svc1" },
      { name: "portname2", port: 81, targetPort: "svc2" },
    ];
    await service("multi-endpoint", { selector: { multi: "yes" }, ports });
    await hasEndpoints("multi-endpoint");
    const serving = (name: string, port: number, portName: string) =>
      start(
        name,
        { multi: "yes" },
        {},
        {
          env: [{ name: "TCP_PORTS", value: String(port) }],
          ports: [{ name: portName, containerPort: port }],
        },
      );
    await serving("multi-1", 100, "svc1");
    await hasEndpoints("multi-endpoint", "multi-1 100");
    await serving("multi-2", 101, "svc2");
    await hasEndpoints("multi-endpoint", "multi-1 100", "multi-2 101");
    await fetches("client", "multi-endpoint:80", /^multi-1$/);
    await fetches("client", "multi-endpoint:81", /^multi-2$/);
    await at.cluster.kubectl("delete", "pod", "multi-1");
    await hasEndpoints("multi-endpoint", "multi-2 101");
    await at.cluster.kubectl("delete", "pod", "multi-2");
    await hasEndpoints("multi-endpoint");
  });

  test("[sig-network] Services should serve endpoints on same port and different protocols [Conformance]", async () => {
    const tcp = { name: "tcp-port", port: 80, targetPort: 8080, protocol: "TCP" };
    const udp = { name: "udp-port", port: 80, targetPort: 8081, protocol: "UDP" };
    const { spec } = await service("multiprotocol-test", { selector: { app: "backend" }, ports: [tcp, udp] });
    const ip = spec.clusterIP!;
    const overTcp = (wanted: RegExp) => says("client", `timeout 2 wget -q -O - http://${ip}/ || echo none`, wanted);
    const overUdp = (wanted: RegExp) => says("client", `timeout 2 perl /ask-udp.pl ${ip} 80 || echo none`, wanted);
    await overTcp(/^backend-/);
    await overUdp(/^backend-/);
    await patch("multiprotocol-test", { ports: [tcp] });
    await overUdp(/none/);
    await overTcp(/^backend-/);
    await patch("multiprotocol-test", { ports: [udp] });
    await overTcp(/none/);
    await overUdp(/^backend-/);
  });

  const manualSlice = (name: string, of: string, ip: string, port: number, portName: string) =>
    at.request("POST", "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: {
        name,
        labels: { "kubernetes.io/service-name": of, "endpointslice.kubernetes.io/managed-by": "e2e-test" },
      },
      addressType: "IPv4",
      endpoints: [{ addresses: [ip] }],
      ports: [{ name: portName, port, protocol: "TCP" }],
    });
  const twoPorts = [
    { name: "port80", port: 80, protocol: "TCP" },
    { name: "port81", port: 81, protocol: "TCP" },
  ];
  for (const [title, name, pods] of [
    [
      "[sig-network] EndpointSlice should support a Service with multiple ports specified in multiple EndpointSlices [Conformance]",
      "slices-ports",
      ["backend-1", "backend-1"],
    ],
    [
      "[sig-network] EndpointSlice should support a Service with multiple endpoint IPs specified in multiple EndpointSlices [Conformance]",
      "slices-ips",
      ["backend-1", "backend-2"],
    ],
  ] as const) {
    test(title, async () => {
      await service(name, { ports: twoPorts });
      const ips = await Promise.all(pods.map(async (one) => (await at.pod(one)).status.podIP!));
      await manualSlice(`${name}-a`, name, ips[0]!, 8080, "port80");
      await manualSlice(`${name}-b`, name, ips[1]!, 80, "port81");
      await fetches("client", `${name}:80`, new RegExp(`^${pods[0]}$`));
      await fetches("client", `${name}:81`, new RegExp(`^${pods[1]}$`));
    });
  }
});
