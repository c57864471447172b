/**
 * Run by `kernel.test.ts` inside a network namespace of its own, which plays the node: a bridge with Pods, a second
 * node's Pod behind a route, and a machine outside. Not a test file by name: it must never run in the machine's own.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { Namespace, Pod } from "../../api/core/v1/index.ts";
import { NetworkPolicy } from "../../api/networking/v1/index.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { silentRecorder } from "../../client/events.ts";
import { realClock } from "../../util/clock.ts";
import { createLogger } from "../../util/logger.ts";
import { fakeInformers } from "../fakeInformers.ts";
import { eventually, fetchText, PretendNetwork } from "../pretendNetwork.ts";
import { cleanUpPolicies, enforcePolicies } from "./enforcer.ts";
import { namespace, pod, policy } from "./testObjects.ts";

const TABLE = "coxswain-policy-test";
const network = new PretendNetwork();
const informers = fakeInformers();
const end = new AbortController();
let enforcer: Promise<void>;

const put = (kind: unknown, ...objects: unknown[]) => informers.put(kind as Kind, ...(objects as KubernetesObject[]));
const withdraw = (kind: unknown, object: unknown) => informers.remove(kind as Kind, object as KubernetesObject);
const url = (name: string, { port = 8080, family = 4 as 4 | 6 } = {}) => {
  const address = network.addressOf(name, family);
  return `http://${family === 6 ? `[${address}]` : address}:${port}/`;
};
const udp = (name: string) => `udp://${network.addressOf(name)}:5300`;
const ruleset = () => execFileSync("nft", ["list", "ruleset"], { encoding: "utf8" });

const pods = {
  web: pod("web", "10.244.0.11", { app: "web" }, { namespace: "shop", ports: { http: 8080, admin: 8081 } }),
  shopper: pod("shopper", "10.244.0.12", { app: "shopper" }, { namespace: "shop" }),
  visitor: pod("visitor", "10.244.0.13", { app: "visitor" }, { namespace: "other" }),
  far: pod("far", "10.244.1.14", { app: "far" }, { namespace: "other", nodeName: "node-b" }),
};

before(async () => {
  if (process.env.WITHOUT_BRIDGE_FILTER) hideBridgeFilter();
  network.bridge("cox0", "10.244.0.1/24", "fd00:244::1/64");
  execFileSync("ip", ["link", "set", "lo", "up"]);
  for (const forwarding of ["net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding"])
    execFileSync("sysctl", ["-qw", `${forwarding}=1`]);
  const here = { gateways: ["10.244.0.1", "fd00:244::1"], bridge: "cox0" };
  const start = (name: string, host: number) =>
    network.start(name, { ...here, addresses: [`10.244.0.${host}/24`, `fd00:244::${host}/64`] });
  await Promise.all([
    start("web", 11),
    start("shopper", 12),
    start("visitor", 13),
    network.start("far", { addresses: ["10.244.1.14/24"], gateways: ["10.244.1.1"] }),
    network.start("outside", { addresses: ["192.168.50.9/24"], gateways: ["192.168.50.1"] }),
  ]);
  put(Namespace, namespace("shop", { team: "sales" }), namespace("other", { team: "misc" }));
  put(Pod, ...Object.values(pods));
  const logger = createLogger({ clock: realClock, level: "error" });
  const clusterCIDRs = ["10.244.0.0/16", "fd00:244::/48"];
  const options = {
    informers,
    clock: realClock,
    logger,
    nodeName: "node-a",
    tableName: TABLE,
    bridgeName: "cox0",
    clusterCIDRs,
  };
  enforcer = enforcePolicies({ ...options, recorder: silentRecorder }, end.signal);
});

after(async () => {
  end.abort();
  await enforcer;
  network.stop();
});

/** As on a kernel without br_netfilter, in this namespace of mounts and this one of networks. */
function hideBridgeFilter(): void {
  const folder = "/proc/sys/net/bridge";
  if (!existsSync(folder)) return;
  for (const file of ["bridge-nf-call-iptables", "bridge-nf-call-ip6tables"]) writeFileSync(`${folder}/${file}`, "0");
  execFileSync("mount", ["-t", "tmpfs", "tmpfs", folder]);
}

const others = ["shopper", "visitor", "far", "outside"];
/** Waits until just these reach the web Pod. */
async function reachable(target: string, by: readonly string[]): Promise<void> {
  for (const name of others) await network.becomes(name, target, by.includes(name));
}

test("without a policy everybody is let in, and there is no table", async () => {
  await reachable(url("web"), others);
  assert.ok(!ruleset().includes(`inet ${TABLE}`));
  assert.equal(ruleset().includes(`bridge ${TABLE}`), Boolean(process.env.WITHOUT_BRIDGE_FILTER));
});

test("a policy without rules lets nobody in but the node, and ends what was open", async () => {
  const deny = policy("deny", "shop", { podSelector: { matchLabels: { app: "web" } } });
  put(NetworkPolicy, deny);
  await reachable(url("web"), []);
  assert.equal(await fetchText(url("web")), "web"); // as a kubelet's probe
  assert.ok(await network.reaches("web", url("shopper")), "what it does itself is not restricted");
  assert.ok(await network.reaches("web", url("web")), "a Pod reaches itself");
  assert.ok(await network.reaches("shopper", url("visitor")), "others are not concerned");
  assert.ok(!(await network.reaches("shopper", udp("web"))));
});

test("policies add up: Pods by label, namespaces by label, both, and ranges of addresses", async () => {
  const from = (...peers: object[]) => ({ podSelector: { matchLabels: { app: "web" } }, ingress: [{ from: peers }] });
  put(NetworkPolicy, policy("allow", "shop", from({ podSelector: { matchLabels: { app: "shopper" } } })));
  await reachable(url("web"), ["shopper"]);
  put(NetworkPolicy, policy("more", "shop", from({ namespaceSelector: { matchLabels: { team: "misc" } } })));
  await reachable(url("web"), ["shopper", "visitor", "far"]);
  const both = { namespaceSelector: { matchLabels: { team: "misc" } }, podSelector: { matchLabels: { app: "far" } } };
  put(NetworkPolicy, policy("more", "shop", from(both)));
  await reachable(url("web"), ["shopper", "far"]);
  put(NetworkPolicy, policy("more", "shop", from({ ipBlock: { cidr: "0.0.0.0/0", except: ["10.244.1.0/24"] } })));
  await reachable(url("web"), ["shopper", "visitor", "outside"]);
  withdraw(NetworkPolicy, policy("more", "shop", {}));
  await reachable(url("web"), ["shopper"]);
});

test("labels of Pods and of namespaces count as they are now", async () => {
  put(Pod, pod("visitor", "10.244.0.13", { app: "shopper" }, { namespace: "shop" }));
  await reachable(url("web"), ["shopper", "visitor"]);
  put(Pod, pods.visitor);
  informers.remove(Pod as unknown as Kind, pod("visitor", "", {}, { namespace: "shop" }) as KubernetesObject);
  await reachable(url("web"), ["shopper"]);
});

test("ports by number, range and name, and protocols, are told apart", async () => {
  const allow = (...ports: object[]) =>
    put(NetworkPolicy, policy("allow", "shop", { podSelector: { matchLabels: { app: "web" } }, ingress: [{ ports }] }));
  allow({ protocol: "TCP", port: 8081 });
  await network.becomes("visitor", url("web", { port: 8081 }), true);
  await network.becomes("visitor", url("web"), false);
  allow({ protocol: "TCP", port: "http" });
  await network.becomes("visitor", url("web"), true);
  await network.becomes("visitor", url("web", { port: 8081 }), false);
  allow({ protocol: "TCP", port: 8000, endPort: 8090 });
  await network.becomes("visitor", url("web", { port: 8081 }), true);
  await network.becomes("visitor", url("web"), true);
  assert.ok(!(await network.reaches("visitor", udp("web"))));
  allow({ protocol: "UDP", port: 5300 });
  await network.becomes("visitor", udp("web"), true);
  await network.becomes("visitor", url("web"), false);
});

test("what Pods may reach is restricted where they run", async () => {
  withdraw(NetworkPolicy, policy("allow", "shop", {}));
  withdraw(NetworkPolicy, policy("deny", "shop", {}));
  const shopper = { podSelector: { matchLabels: { app: "shopper" } }, policyTypes: ["Egress"] };
  put(NetworkPolicy, policy("out", "shop", shopper));
  for (const name of ["web", "visitor", "far", "outside"]) await network.becomes("shopper", url(name), false);
  assert.ok(await network.reaches("visitor", url("shopper")), "answers are no egress");
  put(
    NetworkPolicy,
    policy("out", "shop", { ...shopper, egress: [{ to: [{ podSelector: {} }], ports: [{ port: "http" }] }] }),
  );
  await network.becomes("shopper", url("web"), true);
  await network.becomes("shopper", url("web", { port: 8081 }), false);
  await network.becomes("shopper", url("far"), false);
  put(
    NetworkPolicy,
    policy("out", "shop", { ...shopper, egress: [{ to: [{ ipBlock: { cidr: "192.168.0.0/16" } }] }] }),
  );
  await network.becomes("shopper", url("outside"), true);
  await network.becomes("shopper", url("web"), false);
});

test("both ends' policies must allow", async () => {
  const shopper = { podSelector: { matchLabels: { app: "shopper" } }, policyTypes: ["Egress"], egress: [{}] };
  put(NetworkPolicy, policy("out", "shop", shopper));
  await network.becomes("shopper", url("web"), true);
  put(NetworkPolicy, policy("deny", "shop", { podSelector: {} }));
  await network.becomes("shopper", url("web"), false);
  put(NetworkPolicy, policy("deny", "shop", { podSelector: {}, ingress: [{ from: [{ podSelector: {} }] }] }));
  await network.becomes("shopper", url("web"), true);
  await network.becomes("visitor", url("web"), false);
});

test("IPv6 has the same rules, and neighbours still find each other", async () => {
  for (const [name, host] of [
    ["web", 11],
    ["shopper", 12],
    ["visitor", 13],
  ] as const) {
    const { namespace, labels } = pods[name].metadata;
    put(Pod, pod(name, `10.244.0.${host},fd00:244::${host}`, labels!, { namespace }));
  }
  const six = (name: string) => url(name, { family: 6 });
  await network.becomes("shopper", six("web"), true);
  await network.becomes("visitor", six("web"), false);
  network.inside("shopper", "ip", "neigh", "flush", "all");
  assert.ok(await network.reaches("shopper", six("web")));
});

test("a table that others removed is made anew, and without policies there is none", async () => {
  withdraw(NetworkPolicy, policy("out", "shop", {}));
  execFileSync("nft", ["delete", "table", "inet", TABLE]);
  put(NetworkPolicy, policy("deny", "shop", { podSelector: {} }));
  await network.becomes("shopper", url("web"), false);
  withdraw(NetworkPolicy, policy("deny", "shop", {}));
  await network.becomes("shopper", url("web"), true);
  await eventually(async () => !ruleset().includes(`inet ${TABLE}`), ruleset());
  await cleanUpPolicies(TABLE);
  assert.ok(!ruleset().includes(TABLE));
});
