import assert from "node:assert/strict";
import { test } from "node:test";
import { defaultRouteLink } from "./host.ts";
import { clusterNameProblem, clusterNetwork } from "./layout.ts";

test("clusters of one machine share no port, range or kernel name", () => {
  const [a, b] = [clusterNetwork("coxswain", 0), clusterNetwork("other", 1)];
  assert.deepEqual(
    [a.apiPort, a.podCIDR, a.serviceCIDR, a.dnsIP],
    [6443, "10.244.0.0/16", "10.96.0.0/16", "10.96.0.10"],
  );
  const values = (network: typeof a) => Object.entries(network).filter(([key]) => key !== "clusterDomain");
  for (const [key, value] of values(a)) assert.notEqual(value, b[key as keyof typeof b], key);
});

test("a bridge's name fits the kernel, however long the cluster's is", () => {
  const name = "a-cluster-with-quite-a-long-name";
  const { bridge } = clusterNetwork(name, 0);
  assert.ok(bridge.length <= 15 && bridge.startsWith("cox-"));
  assert.notEqual(bridge, clusterNetwork(`${name}r`, 0).bridge);
});

test("refuses names that could not be part of a file or a link", () => {
  assert.equal(clusterNameProblem("dev-1"), undefined);
  for (const name of ["", "Dev", "-a", "a_b", "../x", "a".repeat(41)]) assert.ok(clusterNameProblem(name), name);
});

test("finds the link of the default route with the smallest metric", () => {
  const table = `Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
wlan0\t00000000\t0100A8C0\t0003\t0\t0\t600\t00000000\t0\t0\t0
eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
`;
  assert.equal(defaultRouteLink(table), "eth0");
  assert.equal(defaultRouteLink("Iface\tDestination\n"), undefined);
});
