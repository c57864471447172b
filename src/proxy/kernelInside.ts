import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createSocket } from "node:dgram";
import { EventEmitter, once } from "node:events";
import { writeFileSync } from "node:fs";
import { get } from "node:http";
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
import { changeTable, replaceTable } from "./difference.ts";
import { fakeInformers } from "./fakeInformers.ts";
import { cleanUpProxy, runProxy } from "./proxy.ts";
import { buildRuleset, type Ruleset } from "./ruleset.ts";
import { type ServiceRules, serviceRules } from "./serviceRules.ts";
import { type EndpointState, service, slice, testNode } from "./testObjects.ts";

/**
 * Run by `kernel.test.ts` inside a network namespace of its own, which plays the node: a bridge with three Pods, and a
 * machine outside the cluster. Not a test file by name, because it must never run in the machine's own namespace.
 */
const TABLE = "coxswain-proxy-test";
const BRIDGE_FILTER = "/proc/sys/net/bridge/bridge-nf-call-iptables";
const pods: Record<string, ChildProcess> = {};
const informers = fakeInformers();
const end = new AbortController();
let proxy: Promise<void>;
let filtered = false;

const ip = (...args: string[]) => execFileSync("ip", args, { stdio: ["ignore", "pipe", "inherit"] });
const inPod = (pid: number, ...args: string[]) => execFileSync("nsenter", ["-t", String(pid), "-n", ...args]);

/** A process in a namespace of its own, joined by a veth to the bridge (or, without one, to the node itself). */
async function startPod(name: string, address: string, gateway: string, bridge?: string): Promise<void> {
  const program = fileURLToPath(new URL("./pretendPod.ts", import.meta.url));
  const pod = spawn("unshare", ["--net", process.execPath, program, name], { stdio: ["pipe", "pipe", "inherit"] });
  pods[name] = pod;
  await once(pod.stdout!, "data");
  ip("link", "add", `v-${name}`, "type", "veth", "peer", "name", "eth0", "netns", String(pod.pid));
  if (bridge) ip("link", "set", `v-${name}`, "master", bridge, "up");
  // As the CNI plugin does when told "hairpinMode": with the bridge filter, a Pod reaches itself through its own port.
  if (bridge) ip("link", "set", `v-${name}`, "type", "bridge_slave", "hairpin", "on");
  else ip("addr", "add", `${gateway}/24`, "dev", `v-${name}`);
  ip("link", "set", `v-${name}`, "up");
  const script = `ip addr add ${address}/24 dev eth0; ip link set eth0 up; ip link set lo up; ip route add default via ${gateway}`;
  inPod(pod.pid!, "sh", "-c", script);
}

/** The 15 s between looks at the kernel's table pass in 200 ms. */
const hurried: Clock = {
  now: () => realClock.now(),
  elapsed: () => realClock.elapsed(),
  sleep: (ms, signal) => realClock.sleep(ms, signal),
  pause: (ms, signal) => realClock.pause(ms, signal),
  setTimer: (ms, fire) => realClock.setTimer(ms >= 10_000 ? 200 : ms, fire),
};

function startProxy(signal: AbortSignal): Promise<void> {
  const logger = createLogger({ clock: realClock, level: "error" });
  const options = { client: {} as Client, informers, clock: hurried, random: seededRandom(1), logger };
  const node = { nodeName: "node-a", nodeIPs: ["192.168.50.1"], clusterCIDR: "10.244.0.0/16", tableName: TABLE };
  return runProxy({ ...options, ...node }, signal);
}

before(async () => {
  ip("link", "set", "lo", "up");
  ip("link", "add", "cox0", "type", "bridge");
  ip("addr", "add", "10.244.0.1/24", "dev", "cox0");
  ip("link", "set", "cox0", "up");
  await Promise.all([
    startPod("a", "10.244.0.11", "10.244.0.1", "cox0"),
    startPod("b", "10.244.0.12", "10.244.0.1", "cox0"),
    startPod("c", "10.244.0.13", "10.244.0.1", "cox0"),
    startPod("out", "192.168.50.9", "192.168.50.1"),
  ]);
  // The host's way to cluster IPs, which its default route is on a real machine.
  ip("route", "add", "default", "via", "192.168.50.9");
  put(Node, { apiVersion: "v1", kind: "Node", metadata: { name: "node-a" }, spec: { podCIDR: "10.244.0.0/24" } });
  proxy = startProxy(end.signal);
  filtered = spawnsBridgeFilter();
});

after(async () => {
  end.abort();
  await proxy;
  for (const pod of Object.values(pods)) pod.kill("SIGKILL");
});

function spawnsBridgeFilter(): boolean {
  try {
    writeFileSync(BRIDGE_FILTER, "1");
    return true;
  } catch {
    // This kernel has no bridge filter: the rules have been made for that.
    return false;
  }
}

const put = (kind: unknown, object: unknown) => informers.put(kind as Kind, object as KubernetesObject);
const putService = (...args: Parameters<typeof service>) => put(Service, service(...args));
const putSlice = (...args: Parameters<typeof slice>) => put(EndpointSlice, slice(...args));
const ready = (...hosts: number[]): Record<string, EndpointState> =>
  Object.fromEntries(hosts.map((host) => [`10.244.0.${host}`, { node: "node-a" }]));

/** One answer, or "error CODE". */
function fetchText(url: string, timeout = 3000): Promise<string> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve(text));
    });
    request.on("timeout", () => request.destroy(new Error("timeout")));
    request.on("error", (error: NodeJS.ErrnoException) => resolve(`error ${error.code ?? error.message}`));
  });
}
const addressOf = { a: "10.244.0.11", b: "10.244.0.12", c: "10.244.0.13", out: "192.168.50.9" };
/** Calls `url` from inside a pod; answers how often each answer came. */
async function callFrom(pod: keyof typeof addressOf, url: string, count = 1): Promise<Record<string, number>> {
  const asked = `http://${addressOf[pod]}:8080/call?count=${count}&url=${encodeURIComponent(url)}`;
  // as long as so many calls may take on a busy machine
  return JSON.parse(await fetchText(asked, 60_000));
}
async function callFromHost(url: string, count: number): Promise<Record<string, number>> {
  const answers: Record<string, number> = {};
  for (let i = 0; i < count; i++) {
    const answer = await fetchText(url);
    answers[answer] = (answers[answer] ?? 0) + 1;
  }
  return answers;
}
const ruleset = () => execFileSync("nft", ["list", "ruleset"], { encoding: "utf8" });
/** Waits until the kernel's rules are as wanted. */
async function rules(wanted: (text: string) => boolean): Promise<void> {
  const deadline = realClock.now() + 5000;
  while (!wanted(ruleset())) {
    assert.ok(realClock.now() < deadline, `rules did not come:\n${ruleset()}`);
    await realClock.sleep(2);
  }
}
/** Waits until the cluster IP of `name` leads to just these hosts. */
const serves = (name: string, ...hosts: number[]) =>
  rules((text) => {
    const chain = new RegExp(`chain service/[0-9a-f]+-default/${name}/http {([^}]*(map {[^}]*})?[^}]*)}`).exec(
      text,
    )?.[1];
    const found = [...(chain ?? "").matchAll(/10\.244\.0\.(\d+)(:| \.)/g)].map((match) => Number(match[1]));
    return [...new Set(found)].sort().join() === hosts.join();
  });
const has = (pattern: RegExp) => rules((text) => pattern.test(text));

for (const bridge of ["1", "0"]) {
  test(`pods of one bridge reach each other and themselves by cluster IP (bridge filter ${bridge})`, async (t) => {
    if (!filtered && bridge === "1") return t.skip("this kernel has no bridge filter");
    putService("web", { clusterIP: "10.96.0.10" });
    putSlice("web", ready(11, 12, 13));
    await has(/numgen random mod 3/);
    if (bridge === "0") {
      // What a machine without the module looks like to the rules: answers on the bridge bypass the node's hooks.
      if (filtered) writeFileSync(BRIDGE_FILTER, "0");
      // In a table of its own: in the proxy's it would be put right at the next look.
      nft(`add table ip bypassed
add chain ip bypassed postrouting { type nat hook postrouting priority 99; }
add rule ip bypassed postrouting ct status dnat ip saddr 10.244.0.0/24 ip daddr 10.244.0.0/24 masquerade`);
      t.after(() => {
        nft("delete table ip bypassed");
        if (filtered) writeFileSync(BRIDGE_FILTER, "1");
      });
    }
    const answers = await callFrom("a", "http://10.96.0.10/", 90);
    assert.deepEqual(Object.keys(answers).sort(), ["a", "b", "c"]);
    for (const count of Object.values(answers)) assert.ok(count > 10, JSON.stringify(answers));
  });
}

test("the host reaches a cluster IP, and a node port by the node's address and by 127.0.0.1", async () => {
  putService("web", { clusterIP: "10.96.0.10", type: "NodePort", ports: [{ ...port, nodePort: 30080 }] });
  await has(/30080/);
  for (const url of ["http://10.96.0.10/", "http://192.168.50.1:30080/", "http://127.0.0.1:30080/"]) {
    const answers = await callFromHost(url, 60);
    assert.deepEqual(Object.keys(answers).sort(), ["a", "b", "c"], url);
  }
  assert.deepEqual(Object.keys(await callFrom("a", "http://192.168.50.1:30080/", 60)).sort(), ["a", "b", "c"]);
});
const port = { name: "http", protocol: "TCP", port: 80, targetPort: 8080 };

test("a machine outside reaches a node port; its address is kept only when traffic stays local", async () => {
  const url = "http://192.168.50.1:30080/client";
  assert.deepEqual(await callFrom("out", url, 20), { "10.244.0.1": 20 });
  putService("web", {
    clusterIP: "10.96.0.10",
    type: "NodePort",
    externalTrafficPolicy: "Local",
    ports: [{ ...port, nodePort: 30080 }],
  });
  await has(/fib saddr type local goto cluster/);
  assert.deepEqual(await callFrom("out", url, 20), { "192.168.50.9": 20 });
  assert.deepEqual(await callFromHost("http://127.0.0.1:30080/client", 5), { "10.244.0.1": 5 });
});

test("a service without endpoints refuses at once, over TCP, from a pod, the host and outside", async () => {
  putService("empty", { clusterIP: "10.96.0.11", type: "NodePort", ports: [{ ...port, nodePort: 30081 }] });
  await has(/30081/);
  const refused = { "error ECONNREFUSED": 1 };
  assert.deepEqual(await callFrom("a", "http://10.96.0.11/"), refused);
  assert.deepEqual(await callFrom("out", "http://192.168.50.1:30081/"), refused);
  assert.deepEqual(await callFromHost("http://10.96.0.11/", 1), refused);
  assert.deepEqual(await callFromHost("http://127.0.0.1:30081/", 1), refused);
  // nor does anybody answer at a port that a service does not have
  assert.deepEqual(await callFrom("a", "http://10.96.0.11:81/"), refused);
  assert.deepEqual(await callFromHost("http://10.96.0.11:81/", 1), refused);
});

test("a client stays with one endpoint under session affinity, and moves on when that is gone", async () => {
  putService("sticky", { clusterIP: "10.96.0.12", sessionAffinity: "ClientIP" });
  putSlice("sticky", ready(11, 12, 13));
  await has(/10\.96\.0\.12/);
  for (const pod of ["a", "b", "c"] as const) {
    const first = Object.keys(await callFrom(pod, "http://10.96.0.12/", 1))[0]!;
    assert.deepEqual(await callFrom(pod, "http://10.96.0.12/", 20), { [first]: 20 });
  }
  const [mine] = Object.keys(await callFrom("a", "http://10.96.0.12/", 1)) as ("a" | "b" | "c")[];
  const left = [11, 12, 13].filter((host) => !addressOf[mine!].endsWith(`.${host}`));
  putSlice("sticky", ready(...left));
  await rules((text) => /10\.96\.0\.12/.test(text) && !text.includes(`default/sticky/http/${addressOf[mine!]}/`));
  const answers = await callFrom("a", "http://10.96.0.12/", 20);
  assert.equal(Object.keys(answers).length, 1);
  assert.ok(!(mine! in answers));
});

test("no request fails while endpoints come and go under load", async () => {
  putService("roll", { clusterIP: "10.96.0.13", type: "NodePort", ports: [{ ...port, nodePort: 30083 }] });
  putSlice("roll", ready(11, 12, 13));
  await serves("roll", 11, 12, 13);
  const stop = new AbortController();
  const updates = (async () => {
    for (let i = 0; !stop.signal.aborted; i++) {
      const [first, second, third] = [11, 12, 13].map((_, at) => 11 + ((at + i) % 3));
      putSlice("roll", {
        ...ready(first!, second!),
        [`10.244.0.${third}`]: { ready: false, serving: true, terminating: true, node: "node-a" },
      });
      await realClock.sleep(5);
    }
    return 0;
  })();
  const loads = [
    callFrom("a", "http://10.96.0.13/", 400),
    callFrom("b", "http://10.96.0.13/", 400),
    callFrom("out", "http://192.168.50.1:30083/", 400),
    callFromHost("http://127.0.0.1:30083/", 400),
  ];
  const results = await Promise.all(loads).finally(() => stop.abort());
  await updates;
  for (const answers of results) {
    assert.deepEqual(Object.keys(answers).sort(), ["a", "b", "c"]);
    assert.equal(
      Object.values(answers).reduce((a, b) => a + b),
      400,
    );
  }
});

test("new connections do not go to an endpoint that is not ready; an old one goes on", async () => {
  putSlice("roll", ready(12));
  await serves("roll", 12);
  const { Agent } = await import("node:http");
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = () =>
    new Promise<string>((resolve, reject) => {
      const request = get("http://10.96.0.13/", { agent }, (response) => {
        response.setEncoding("utf8").on("data", resolve);
      });
      request.on("error", reject);
    });
  assert.equal(await ask(), "b");
  putSlice("roll", { ...ready(13), "10.244.0.12": { ready: false, serving: true, terminating: true, node: "node-a" } });
  await serves("roll", 13);
  assert.deepEqual(await callFromHost("http://10.96.0.13/", 20), { c: 20 });
  assert.equal(await ask(), "b");
  agent.destroy();
});

test("a UDP client that keeps its port is moved when its endpoint goes, and when the first one comes", async (t) => {
  const udpPort = { name: "dns", protocol: "UDP", port: 53, targetPort: 5300 };
  const slicePorts = [{ name: "dns", protocol: "UDP", port: 5300 }];
  putService("dns", { clusterIP: "10.96.0.14", ports: [udpPort] });
  await has(/10\.96\.0\.14 \. udp \. 53/);
  const socket = createSocket("udp4");
  t.after(() => socket.close());
  socket.on("error", () => {});
  const ask = async () => {
    const answer = once(socket, "message", { signal: AbortSignal.timeout(100) });
    socket.send("?", 53, "10.96.0.14");
    return answer.then(
      ([message]) => String(message),
      () => "nothing",
    );
  };
  const until = async (wanted: string) => {
    const deadline = realClock.now() + 5000;
    for (let answer = ""; answer !== wanted; answer = await ask()) {
      assert.ok(realClock.now() < deadline, `still ${answer}, not ${wanted}`);
    }
  };
  assert.equal(await ask(), "nothing");
  putSlice("dns", ready(11), slicePorts);
  await until("a");
  putSlice("dns", ready(12), slicePorts);
  await until("b");
});

test("a table that was changed or removed by others is made anew", async () => {
  execFileSync("nft", ["delete", "table", "ip", TABLE]);
  await serves("roll", 13);
  execFileSync("nft", ["flush", "chain", "ip", TABLE, "services"]);
  await has(/vmap @service-addresses/);
  assert.deepEqual(await callFrom("a", "http://10.96.0.13/", 5), { c: 5 });
  execFileSync("nft", ["delete", "table", "ip", TABLE]);
  putSlice("roll", ready(11));
  await serves("roll", 11);
  assert.deepEqual(await callFrom("b", "http://10.96.0.13/", 5), { a: 5 });
});

test("every change of endpoints by itself comes to the kernel", { timeout: 30_000 }, async (t) => {
  const times: number[] = [];
  for (let i = 0; i < 20; i++) {
    const start = performance.now();
    putSlice("roll", ready(100 + i));
    while (!monitored.includes(`10.244.0.${100 + i}:8080`)) await once(monitor, "change");
    times.push(performance.now() - start);
    // nft itself stays a while after the change, until the kernel has let go of the old rules.
    await realClock.sleep(50);
  }
  times.sort((x, y) => x - y);
  t.diagnostic(`median ${times[10]!.toFixed(1)} ms, slowest ${times[19]!.toFixed(1)} ms`);
});

const monitor = new EventEmitter();
let monitored = "";
before(() => {
  const child = spawn("nft", ["monitor"], { stdio: ["ignore", "pipe", "inherit"] });
  pods.monitor = child;
  child.stdout!.on("data", (text) => {
    monitored += text;
    monitor.emit("change");
  });
});

/** A table as nft prints it, without the order in which things were added. */
const listing = (family: string, table: string) =>
  execFileSync("nft", ["-s", "list", "table", family, table], { encoding: "utf8" })
    .replaceAll(/,\n\s+/g, ", ")
    .replaceAll(/elements = { (.*) }/g, (_, elements: string) => elements.split(", ").sort().join("\n"))
    .replace(`table ${family} ${table} {`, "")
    .replace(/\n}\n$/, "")
    .split("\n\n")
    .sort();

for (const [family, network, clusterIP] of [
  ["ip", "10.244.0.", "10.96.1."],
  ["ip6", "fd00:244::", "fd00:96::"],
] as const) {
  test(`${family}: changes by steps end in the same table as making it anew`, () => {
    const random = seededRandom(7);
    const pick = (n: number) => Math.floor(random.next() * n);
    const node = { ...testNode, clusterCIDRs: ["10.244.0.0/16", "fd00:244::/56"] };
    const services = new Map<number, ServiceRules>();
    let old: Ruleset | undefined;
    for (let step = 0; step < 40; step++) {
      for (let i = pick(3); i >= 0; i--) {
        const which = pick(6);
        if (pick(4) === 0) services.delete(which);
        else services.set(which, randomRules(which, pick));
      }
      const next = buildRuleset(family, services.values(), node);
      nft(old ? changeTable("stepwise", old, next) : replaceTable("stepwise", next));
      nft(replaceTable("anew", next));
      assert.deepEqual(listing(family, "stepwise"), listing(family, "anew"), `step ${step}`);
      old = next;
    }
    nft(`delete table ${family} stepwise\ndelete table ${family} anew\n`);

    function randomRules(which: number, pick: (n: number) => number): ServiceRules {
      const protocol = ["TCP", "UDP", "SCTP"][pick(3)]!;
      const type = ["ClusterIP", "NodePort", "LoadBalancer"][pick(3)]!;
      const object = service(
        `s${which}`,
        {
          type,
          clusterIP: `${clusterIP}${which + 1}`,
          ports: [
            { name: "p", protocol, port: 80, targetPort: 80, ...(type !== "ClusterIP" && { nodePort: 30000 + which }) },
          ],
          sessionAffinity: pick(3) === 0 ? "ClientIP" : "None",
          sessionAffinityConfig: { clientIP: { timeoutSeconds: 10 + pick(2) } },
          externalTrafficPolicy: pick(2) ? "Local" : "Cluster",
          internalTrafficPolicy: pick(2) ? "Local" : "Cluster",
          ...(pick(2) && { loadBalancerSourceRanges: ["192.0.2.0/24", "2001:db8::/32"] }),
        },
        { loadBalancer: { ingress: [{ ip: "203.0.113.7" }, { ip: "2001:db8::7" }].slice(0, 1 + pick(2)) } },
      );
      const endpoints = Array.from({ length: pick(4) }, (): [string, EndpointState] => [
        `${network}${10 + pick(5)}`,
        { node: pick(2) ? "node-a" : "node-b", ready: pick(4) > 0 },
      ]);
      const slices = [slice(`s${which}`, Object.fromEntries(endpoints), [{ name: "p", protocol, port: 80 }])];
      return serviceRules(object, slices, family, node);
    }
  });
}
const nft = (script: string) => execFileSync("nft", ["-f", "-"], { input: script });

test("clean-up removes the tables, and may be repeated", async () => {
  end.abort();
  await proxy;
  assert.ok(ruleset().includes(TABLE), "the table outlives the proxy");
  await cleanUpProxy(TABLE);
  await cleanUpProxy(TABLE);
  assert.ok(!ruleset().includes(TABLE));
});
