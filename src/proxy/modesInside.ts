/**
 * Run by `modes.test.ts` inside a network namespace of its own, which plays the node: three Pods on a bridge, a Pod of
 * another node behind a route, and a machine outside, all with addresses of both families. What is asked is answered by
 * traffic, not by rules, so that it is the same for each mode. Not a test file by name: it must never run in the
 * machine's own namespace.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { Node, Service } from "../api/core/v1/index.ts";
import { EndpointSlice } from "../api/discovery/v1/index.ts";
import type { Kind } from "../apimachinery/kind.ts";
import type { KubernetesObject } from "../apimachinery/meta.ts";
import type { Client } from "../client/client.ts";
import { type Clock, realClock } from "../util/clock.ts";
import { createLogger } from "../util/logger.ts";
import { seededRandom } from "../util/random.ts";
import { fakeInformers } from "./fakeInformers.ts";
import { eventually, fetchText, ip, PretendNetwork } from "./pretendNetwork.ts";
import { cleanUpProxy, type ProxyMode, runProxy } from "./proxy.ts";
import { type EndpointState, service, slice } from "./testObjects.ts";

const SCTP = fileURLToPath(new URL("./pretendSctp.pl", import.meta.url));
const MODE = process.env.PROXY_MODE as ProxyMode;
const OTHER: ProxyMode = MODE === "iptables" ? "nftables" : "iptables";
const TABLE = "coxswain-modes-test";
const PREFIX = "CXTEST";
const network = new PretendNetwork();
const informers = fakeInformers();
let end = new AbortController();
let proxy: Promise<void>;

type Family = 4 | 6;
const FAMILIES: readonly Family[] = [4, 6];

/** The looks at the kernel's rules, 15 s apart, come every 200 ms. */
const hurried: Clock = {
  now: () => realClock.now(),
  elapsed: () => realClock.elapsed(),
  sleep: (ms, signal) => realClock.sleep(ms, signal),
  pause: (ms, signal) => realClock.pause(ms, signal),
  setTimer: (ms, fire) => realClock.setTimer(ms >= 10_000 ? 200 : ms, fire),
};

function startProxy(mode: ProxyMode): void {
  end = new AbortController();
  const logger = createLogger({ clock: realClock, level: "error" });
  const options = { client: {} as Client, informers, clock: hurried, random: seededRandom(1), logger };
  const ranges = { clusterCIDR: "10.244.0.0/16,fd00:244::/48", gatewayOf: "10.160.0.0/16" };
  const node = { nodeName: "node-a", nodeIPs: ["192.168.50.1"], ...ranges };
  proxy = runProxy({ ...options, ...node, mode, tableName: TABLE, chainPrefix: PREFIX }, end.signal);
}

before(async () => {
  ip("link", "set", "lo", "up");
  network.bridge("cox0", "10.244.0.1/24", "fd00:244::1/64");
  execFileSync("sysctl", ["-qw", "net.ipv6.conf.all.forwarding=1"]);
  const here = { gateways: ["10.244.0.1", "fd00:244::1"], bridge: "cox0" };
  const start = (name: string, host: number) =>
    network.start(name, { ...here, addresses: [`10.244.0.${host}/24`, `fd00:244::${host}/64`] });
  const far = { addresses: ["10.244.1.14/24", "fd00:244:0:1::14/64"], gateways: ["10.244.1.1", "fd00:244:0:1::1"] };
  const outside = { addresses: ["192.168.50.9/24", "fd00:50::9/64"], gateways: ["192.168.50.1", "fd00:50::1"] };
  await Promise.all([start("a", 11), start("b", 12), start("c", 13), network.start("far", far)]);
  await network.start("out", outside);
  // The host's way to cluster IPs, which its default route is on a real machine.
  ip("route", "add", "default", "via", "192.168.50.9");
  ip("-6", "route", "add", "default", "via", "fd00:50::9");
  const labels = { "topology.kubernetes.io/zone": "z1" };
  const podCIDRs = ["10.244.0.0/24", "fd00:244::/64"];
  put(Node, { apiVersion: "v1", kind: "Node", metadata: { name: "node-a", labels }, spec: { podCIDRs } });
  startProxy(MODE);
});

after(async () => {
  end.abort();
  await proxy;
  network.stop();
});

const put = (kind: unknown, object: unknown) => informers.put(kind as Kind, object as KubernetesObject);
const pick = (family: Family, v4: string, v6: string) => (family === 4 ? v4 : v6);
const at = (address: string, port: number, path = "/") =>
  `http://${address.includes(":") ? `[${address}]` : address}:${port}${path}`;
const endpoint = (family: Family, name: string) => network.addressOf(name, family);
const NODE_OF: Record<string, string> = { far: "node-b" };
const http = { name: "http", protocol: "TCP", port: 80, targetPort: 8080 };

/** A Service "<name>-4" or "-6" with a cluster IP that follows from `number`, and its endpoints. */
function serve(
  family: Family,
  number: number,
  spec: Partial<Service["spec"]>,
  endpoints: Record<string, EndpointState> | readonly string[],
  status?: Service["status"],
): string {
  const name = `s${number}-${family}`;
  const clusterIP = pick(family, `10.96.0.${number}`, `fd00:96::${number}`);
  put(Service, service(name, { clusterIP, clusterIPs: [clusterIP], ...spec }, status));
  const states = Array.isArray(endpoints) ? Object.fromEntries(endpoints.map((one) => [one, {}])) : endpoints;
  const byAddress = Object.entries(states as Record<string, EndpointState>).map(([pod, state]) => [
    endpoint(family, pod),
    { node: NODE_OF[pod] ?? "node-a", ...state },
  ]);
  const ports = (spec.ports ?? [http]).map(({ name, protocol, targetPort }) => ({
    name,
    protocol,
    port: Number(targetPort),
  }));
  put(EndpointSlice, {
    ...slice(name, Object.fromEntries(byAddress), ports),
    addressType: pick(family, "IPv4", "IPv6"),
  });
  return clusterIP;
}

/** Waits until just these answer `from`, all of them in turn. */
async function answeredBy(from: string, url: string, names: readonly string[], count = 30): Promise<void> {
  let last = "";
  await eventually(async () => {
    const answers = await network.callFrom(from, url, { count: names.length > 1 ? count : 2, timeout: 500 });
    last = JSON.stringify(answers);
    return Object.keys(answers).sort().join() === [...names].sort().join();
  }, `${from} → ${url} is not answered by ${names}`).catch((error: Error) => {
    throw new Error(`${error.message}, but ${last}`);
  });
}
const EXCLUDED = "node.kubernetes.io/exclude-from-external-load-balancers";
const refused = "error ECONNREFUSED";
const dropped = "error timeout";

for (const family of FAMILIES) {
  test(`IPv${family}: Pods, the node and Pods of other nodes reach a cluster IP; a Pod also itself`, async () => {
    const address = serve(family, 10, {}, ["a", "b", "far"]);
    for (const from of ["a", "c", "far"]) await answeredBy(from, at(address, 80), ["a", "b", "far"]);
    const fromNode = new Set<string>();
    for (let i = 0; i < 40; i++) fromNode.add(await fetchText(at(address, 80)));
    assert.deepEqual([...fromNode].sort(), ["a", "b", "far"]);
    serve(family, 10, {}, ["b"]);
    await answeredBy("a", at(address, 80, "/client"), [endpoint(family, "a")]);
    await answeredBy("out", at(address, 80), ["b"]);
  });

  test(`IPv${family}: node ports at every address of the node`, async () => {
    const nodePort = 30_000 + family;
    const ports = [{ ...http, nodePort }];
    serve(family, 11, { type: "NodePort", ports }, ["a", "far"]);
    const addresses = pick(family, "192.168.50.1 10.244.0.1 10.244.1.1", "fd00:50::1 fd00:244::1 fd00:244:0:1::1");
    for (const address of addresses.split(" ")) await answeredBy("out", at(address, nodePort), ["a", "far"]);
    await answeredBy("b", at(pick(family, "10.244.0.1", "fd00:244::1"), nodePort), ["a", "far"]);
    // Node ports on the loopback address are there for IPv4 only, as in Kubernetes.
    if (family === 4) {
      const answers = new Set<string>();
      for (let i = 0; i < 20; i++) answers.add(await fetchText(at("127.0.0.1", nodePort)));
      assert.deepEqual([...answers].sort(), ["a", "far"]);
    }
  });

  test(`IPv${family}: traffic from outside is masqueraded, unless it is to stay local`, async () => {
    const nodePort = 30_010 + family;
    const node = pick(family, "192.168.50.1", "fd00:50::1");
    const spec = { type: "NodePort", ports: [{ ...http, nodePort }] };
    serve(family, 12, spec, ["a"]);
    await answeredBy("out", at(node, nodePort, "/client"), [pick(family, "10.244.0.1", "fd00:244::1")]);
    serve(family, 12, { ...spec, externalTrafficPolicy: "Local" }, ["a", "far"]);
    await answeredBy("out", at(node, nodePort), ["a"]);
    await answeredBy("out", at(node, nodePort, "/client"), [endpoint(family, "out")]);
    await answeredBy("b", at(node, nodePort), ["a", "far"]);
    serve(family, 12, { ...spec, externalTrafficPolicy: "Local" }, ["far"]);
    await answeredBy("out", at(node, nodePort), [dropped]);
    await answeredBy("b", at(node, nodePort), ["far"]);
  });

  test(`IPv${family}: load balancers' addresses and external ones, for whom they are`, async () => {
    const [vip, other, external] = pick(
      family,
      "203.0.113.7 203.0.113.8 198.51.100.1",
      "2001:db8::7 2001:db8::8 2001:db8::9",
    ).split(" ") as [string, string, string];
    const status = { loadBalancer: { ingress: [{ ip: vip }, { ip: other, ipMode: "Proxy" }] } };
    const spec = { type: "LoadBalancer", externalIPs: [external] };
    serve(family, 13, spec, ["a", "b"], status as Service["status"]);
    for (const address of [vip, external]) {
      await answeredBy("out", at(address, 80), ["a", "b"]);
      await answeredBy("c", at(address, 80), ["a", "b"]);
    }
    const nobody = await network.callFrom("c", at(other, 80), { timeout: 300 });
    assert.ok(Object.keys(nobody)[0]!.startsWith("error"), "a proxying load balancer's address is not ours");
    const elsewhere = pick(family, "192.0.2.0/24", "2001:db8:1::/48");
    serve(family, 13, { ...spec, loadBalancerSourceRanges: [elsewhere] }, ["a", "b"], status as Service["status"]);
    await answeredBy("out", at(vip, 80), [dropped]);
    await answeredBy("out", at(external, 80), ["a", "b"]);
    const its = pick(family, "192.168.50.0/24", "fd00:50::/64");
    serve(family, 13, { ...spec, loadBalancerSourceRanges: [elsewhere, its] }, ["a", "b"], status as Service["status"]);
    await answeredBy("out", at(vip, 80), ["a", "b"]);
  });

  test(`IPv${family}: a balanced client keeps its address, whichever node behind this one serves it`, async () => {
    const vip = pick(family, "203.0.113.20", "2001:db8::20");
    const status = { loadBalancer: { ingress: [{ ip: vip }] } };
    const ports = [http, { name: "udp", protocol: "UDP", port: 53, targetPort: 5300 }];
    const spec = { type: "LoadBalancer", externalTrafficPolicy: "Local", ports };
    const nodeB = (address: string, labels: Record<string, string> = {}) =>
      put(Node, {
        ...{ apiVersion: "v1", kind: "Node", metadata: { name: "node-b", labels }, spec: {} },
        status: { addresses: [{ type: "InternalIP", address }] },
      });
    const udp = `udp://${family === 6 ? `[${vip}]` : vip}:53`;
    nodeB("10.160.0.2");
    serve(family, 19, spec, ["far"], status);
    await answeredBy("out", at(vip, 80), ["far"]);
    await answeredBy("out", udp, ["far"]);
    await answeredBy("out", at(vip, 80, "/client"), [endpoint(family, "out")]);
    await eventually(async () => (await fetchText(at(vip, 80))) === "far", "the node itself does not reach it");
    serve(family, 19, spec, ["a", "far"], status);
    await answeredBy("out", at(vip, 80), ["a", "far"]);
    await answeredBy("out", at(vip, 80, "/client"), [endpoint(family, "out")]);
    for (const excluded of [true, false]) {
      nodeB(excluded ? "10.160.0.2" : "192.0.2.5", excluded ? { [EXCLUDED]: "" } : {});
      await answeredBy("out", at(vip, 80), ["a"]);
    }
    await answeredBy("b", at(vip, 80), ["a", "far"]);
    serve(family, 19, spec, ["far"], status);
    await answeredBy("out", at(vip, 80), [dropped]);
    nodeB("10.160.0.2");
    const nobody = pick(family, "192.0.2.0/24", "2001:db8:1::/48");
    serve(family, 19, { ...spec, loadBalancerSourceRanges: [nobody] }, ["far"], status);
    await answeredBy("out", at(vip, 80), [dropped]);
    await answeredBy("out", udp, [dropped]);
    const its = pick(family, "192.168.50.0/24", "fd00:50::/64");
    serve(family, 19, { ...spec, loadBalancerSourceRanges: [nobody, its] }, ["far"], status);
    await answeredBy("out", at(vip, 80, "/client"), [endpoint(family, "out")]);
    serve(family, 19, spec, [], status);
    await answeredBy("out", at(vip, 80), [refused]);
  });

  test(`IPv${family}: internal traffic stays local if it is to`, async () => {
    const address = serve(family, 14, { internalTrafficPolicy: "Local" }, ["a", "far"]);
    await answeredBy("b", at(address, 80), ["a"]);
    serve(family, 14, { internalTrafficPolicy: "Local" }, ["far"]);
    await answeredBy("b", at(address, 80), [dropped]);
    serve(family, 14, { internalTrafficPolicy: "Cluster" }, ["far"]);
    await answeredBy("b", at(address, 80), ["far"]);
  });

  test(`IPv${family}: a client stays with its endpoint while affinity lasts`, async () => {
    const sticky = { sessionAffinity: "ClientIP", sessionAffinityConfig: { clientIP: { timeoutSeconds: 2 } } };
    const address = serve(family, 15, sticky, ["a", "b", "far"]);
    await eventually(() => network.reaches("c", at(address, 80)), "the Service does not answer");
    const answers = await network.callFrom("c", at(address, 80), { count: 20 });
    assert.equal(Object.keys(answers).length, 1, JSON.stringify(answers));
    const seen = new Set(Object.keys(answers));
    await eventually(async () => {
      await realClock.sleep(2_100);
      for (const answer of Object.keys(await network.callFrom("c", at(address, 80)))) seen.add(answer);
      return seen.size > 1;
    }, "it never moves on").catch((error) => {
      // By chance the same again, twice in a row: one in nine.
      if (seen.size !== 1) throw error;
    });
    serve(family, 15, { sessionAffinity: "None" }, ["a", "b", "far"]);
    await answeredBy("c", at(address, 80), ["a", "b", "far"]);
  });

  test(`IPv${family}: terminating endpoints serve while there is no other, and hints are followed`, async () => {
    const ending = { ready: false, serving: true, terminating: true };
    const address = serve(family, 16, {}, { a: ending, b: ending, c: { ready: false } });
    await answeredBy("far", at(address, 80), ["a", "b"]);
    serve(family, 16, {}, { a: ending, c: {} });
    await answeredBy("far", at(address, 80), ["c"]);
    serve(family, 16, {}, { a: { zones: ["z1"] }, far: { zones: ["z2"] } });
    await answeredBy("b", at(address, 80), ["a"]);
    serve(family, 16, {}, { a: { nodes: ["node-b"], zones: ["z1"] }, b: { nodes: ["node-a"], zones: ["z1"] } });
    await answeredBy("c", at(address, 80), ["b"]);
  });

  test(`IPv${family}: nobody serves, so it is refused at once, and so are other ports`, async () => {
    const nodePort = 30_020 + family;
    const address = serve(family, 17, { type: "NodePort", ports: [{ ...http, nodePort }] }, []);
    for (const from of ["a", "far", "out"]) await answeredBy(from, at(address, 80), [refused]);
    assert.equal(await fetchText(at(address, 80)), refused);
    await answeredBy("out", at(pick(family, "192.168.50.1", "fd00:50::1"), nodePort), [refused]);
    serve(family, 17, {}, ["a"]);
    await answeredBy("b", at(address, 80), ["a"]);
    await answeredBy("b", at(address, 81), [refused]);
  });

  test(`IPv${family}: UDP and SCTP, beside TCP at one port`, async () => {
    const ports = [
      { name: "tcp", protocol: "TCP", port: 53, targetPort: 8080 },
      { name: "udp", protocol: "UDP", port: 53, targetPort: 5300 },
      { name: "sctp", protocol: "SCTP", port: 53, targetPort: 5300 },
    ];
    const address = serve(family, 18, { ports }, ["a", "b"]);
    await answeredBy("c", at(address, 53), ["a", "b"]);
    const udp = `udp://${family === 6 ? `[${address}]` : address}:53`;
    await answeredBy("c", udp, ["a", "b"]);
    for (const pod of ["a", "b"]) await network.startInside(pod, "perl", SCTP, "serve", String(family), "5300");
    for (const from of ["c", "far"]) {
      const answer = network.inside(from, "perl", SCTP, "ask", address, "53");
      assert.equal(answer, `${address} 53\n`, `SCTP from ${from}`);
    }
    serve(family, 18, { ports }, ["far"]);
    await answeredBy("c", udp, ["far"]);
  });
}

test("load balancers are told whether this node has endpoints", async () => {
  const spec = { type: "LoadBalancer", externalTrafficPolicy: "Local", healthCheckNodePort: 32_100 };
  const status = async () => {
    const answer = await fetchText(at("127.0.0.1", 32_100));
    return answer.startsWith("error") ? -1 : (JSON.parse(answer) as { localEndpoints: number }).localEndpoints;
  };
  serve(4, 30, spec, ["a", "b", "far"]);
  await eventually(async () => (await status()) === 2, "not two local endpoints");
  serve(4, 30, spec, ["far"]);
  await eventually(async () => (await status()) === 0, "still local endpoints");
});

test("rules that others removed come back", async () => {
  const address = serve(4, 31, {}, ["a"]);
  await answeredBy("b", at(address, 80), ["a"]);
  if (MODE === "nftables") execFileSync("nft", ["flush", "chain", "ip", TABLE, "services"]);
  else execFileSync("iptables", ["-t", "nat", "-F", `${PREFIX}-SERVICES`]);
  await answeredBy("b", at(address, 80), ["a"]);
  if (MODE === "iptables") {
    execFileSync("iptables", ["-t", "nat", "-D", "PREROUTING", "-j", `${PREFIX}-SERVICES`]);
    await eventually(async () => ruleset().includes(`-A PREROUTING -j ${PREFIX}-SERVICES`), "not led to us again");
  }
});

const ruleset = () =>
  execFileSync("iptables-save", { encoding: "utf8" }) + execFileSync("nft", ["list", "tables"], { encoding: "utf8" });

test("what the proxy made goes with a change of mode, and with cleaning up", async () => {
  const marks = { nftables: TABLE, iptables: `${PREFIX}-` };
  assert.ok(ruleset().includes(marks[MODE]) && !ruleset().includes(marks[OTHER]));
  end.abort();
  await proxy;
  startProxy(OTHER);
  await eventually(async () => ruleset().includes(marks[OTHER]) && !ruleset().includes(marks[MODE]), ruleset());
  const address = serve(4, 31, {}, ["c"]);
  await answeredBy("b", at(address, 80), ["c"]);
  end.abort();
  await proxy;
  await cleanUpProxy(TABLE, PREFIX);
  await cleanUpProxy(TABLE, PREFIX);
  assert.ok(!ruleset().includes(TABLE) && !ruleset().includes(PREFIX), ruleset());
});
