import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConfigMap, Pod, Secret, Service } from "../../api/core/v1/index.ts";
import { credentialsFor } from "../images/credentials.ts";
import { parseImageReference } from "../images/reference.ts";
import { testPod } from "../testNode.ts";
import { CrashBackoff } from "./crashBackoff.ts";
import { parseResolvConf, podDns } from "./dns.ts";
import { ConfigError, expand, makeEnvironment } from "./environment.ts";
import { hostsFile, podHostname } from "./names.ts";
import { containerResources, podLimits, qosClass } from "./resources.ts";
import { statusPatch } from "./statusPatch.ts";

type Container = Pod["spec"]["containers"][number];
const container = (more: object = {}) => ({ name: "a", image: "app:1", ...more }) as Container;
const facts = { nodeName: "n", hostIPs: ["1.1.1.1"], podIPs: ["10.0.0.1"], allocatable: { cpu: "2", memory: "1Gi" } };
const nothing = { configMap: () => undefined, secret: () => undefined };

test("expands $(NAME), keeps what it does not know, and takes $$ for a dollar", () => {
  const lookup = (name: string) => ({ A: "1", B: "" })[name];
  assert.equal(expand("$(A)-$(B)-$(C)-$$(A)-$x-$$-$(", lookup), "1--$(C)-$(A)-$x-$-$(");
});

test("the environment: services first, then envFrom, then env", () => {
  const service = {
    metadata: { namespace: "default", name: "my-db" },
    spec: { clusterIP: "10.96.0.9", ports: [{ name: "pg", port: 5432, protocol: "TCP" }] },
  } as Service;
  const settings = { data: { MODE: "dark", MY_DB_SERVICE_HOST: "mine" } } as unknown as ConfigMap;
  const spec = container({
    envFrom: [{ configMapRef: { name: "s" } }],
    env: [{ name: "URL", value: "$(MY_DB_PORT)/$(MODE)" }],
  });
  const pod = testPod("p", { containers: [spec] });
  const references = { ...nothing, configMap: () => settings };
  const environment = makeEnvironment({ pod, container: spec, references, services: [service], facts });
  assert.equal(environment.get("URL"), "tcp://10.96.0.9:5432/dark");
  assert.equal(environment.get("MY_DB_SERVICE_HOST"), "mine");
  assert.equal(environment.get("MY_DB_PORT_5432_TCP_ADDR"), "10.96.0.9");
  const unlinked = { ...pod, spec: { ...pod.spec, enableServiceLinks: false } };
  const bare = makeEnvironment({ pod: unlinked, container: container(), references, services: [service], facts });
  assert.equal(bare.size, 0);
  const broken = container({ env: [{ name: "X", valueFrom: { secretKeyRef: { name: "no", key: "k" } } }] });
  assert.throws(
    () => makeEnvironment({ pod, container: broken, references: nothing, services: [], facts }),
    (error: Error) => error instanceof ConfigError && error.message === 'secret "no" not found',
  );
});

test("QoS classes and what they mean to cgroups", () => {
  const podOf = (resources: object) => testPod("p", { containers: [container({ resources })] });
  const guaranteed = podOf({ limits: { cpu: "500m", memory: "1Gi" }, requests: { cpu: "0.5", memory: "1024Mi" } });
  const burstable = podOf({ requests: { memory: "256Mi" } });
  const effort = podOf({});
  assert.deepEqual([guaranteed, burstable, effort].map(qosClass), ["Guaranteed", "Burstable", "BestEffort"]);
  const gigabyte = 1024 ** 3;
  assert.deepEqual(containerResources(guaranteed, guaranteed.spec.containers[0]!, 4 * gigabyte), {
    cpuShares: 512,
    cpuPeriod: 100_000,
    cpuQuota: 50_000,
    memoryLimitInBytes: gigabyte,
    oomScoreAdj: -997,
  });
  assert.deepEqual(containerResources(burstable, burstable.spec.containers[0]!, gigabyte), {
    cpuShares: 2,
    oomScoreAdj: 750,
  });
  assert.deepEqual(podLimits(guaranteed), { cpuShares: 512, cpuPeriod: 100_000, cpuQuota: 50_000, memory: gigabyte });
  assert.deepEqual(podLimits(effort), { cpuShares: 2, cpuPeriod: 100_000 });
});

test("names of the pod and of its neighbours", () => {
  const pod = testPod("web-0", {
    hostname: "web",
    subdomain: "nginx",
    hostAliases: [{ ip: "1.2.3.4", hostnames: ["a", "b"] }],
    containers: [],
  });
  assert.deepEqual(podHostname(pod, "cluster.local"), {
    hostname: "web",
    domain: "nginx.default.svc.cluster.local",
    uts: "web",
  });
  assert.match(
    hostsFile(pod, ["10.0.0.1"], "cluster.local"),
    /10\.0\.0\.1\tweb\.nginx\.default\.svc\.cluster\.local\tweb\n\n# Entries added by HostAliases\.\n1\.2\.3\.4\ta\tb\n$/,
  );
});

test("resolv.conf by dnsPolicy", () => {
  const host = parseResolvConf("# x\nnameserver 9.9.9.9\nsearch lan\noptions edns0\n");
  const input = { clusterDNS: ["10.96.0.10"], clusterDomain: "cluster.local", host };
  const searches = ["default.svc.cluster.local", "svc.cluster.local", "cluster.local", "lan"];
  assert.deepEqual(podDns(testPod("p", { containers: [] }), input), {
    servers: ["10.96.0.10"],
    searches,
    options: ["ndots:5"],
  });
  assert.deepEqual(podDns(testPod("p", { hostNetwork: true, containers: [] }), input), host);
  const own = {
    dnsPolicy: "None",
    dnsConfig: { nameservers: ["1.1.1.1"], options: [{ name: "ndots", value: "2" }] },
    containers: [],
  };
  assert.deepEqual(podDns(testPod("p", own), input), { servers: ["1.1.1.1"], searches: [], options: ["ndots:2"] });
});

test("crashes back off from 10 s to 5 min, the first restart being free", () => {
  const crashes = new CrashBackoff();
  assert.equal(crashes.retryAt("a", 1000), 0);
  const delays: number[] = [];
  for (let end = 1000, i = 0; i < 7; i++) {
    crashes.restarted("a", end);
    delays.push(crashes.delayOf("a") / 1000);
    end += crashes.delayOf("a");
  }
  assert.deepEqual(delays, [10, 20, 40, 80, 160, 300, 300]);
  assert.equal(crashes.retryAt("a", 10_000_000), 0);
});

test("image references", () => {
  assert.deepEqual(parseImageReference("busybox"), { registry: "docker.io", text: "busybox:latest" });
  assert.deepEqual(parseImageReference("localhost:5000/a/b:1"), {
    registry: "localhost:5000",
    text: "localhost:5000/a/b:1",
  });
  for (const bad of ["", "A/b", "a:", "a::b", "a b", "a@sha256:1", "http://x/y"])
    assert.equal(parseImageReference(bad), undefined, bad);
});

test("the closest credentials come first", () => {
  const auth = (text: string) => ({ auth: Buffer.from(text).toString("base64") });
  const auths = {
    "https://reg.local:5000": auth("all:1"),
    "reg.local:5000/team": auth("team:2"),
    "other.local": auth("x:y"),
  };
  const secret = {
    data: { ".dockerconfigjson": Buffer.from(JSON.stringify({ auths })).toString("base64") },
  } as unknown as Secret;
  const users = (image: string) => credentialsFor(image, [secret]).map((it) => it.username);
  assert.deepEqual(users("reg.local:5000/team/app:1"), ["team", "all"]);
  assert.deepEqual(users("reg.local:5000/app"), ["all"]);
  assert.deepEqual(users("busybox"), []);
});

test("a status patch names what changed, and nothing else", () => {
  const condition = (type: string, status: string) => ({ type, status, lastTransitionTime: "2030-01-01T00:00:00Z" });
  const from = {
    phase: "Pending",
    qosClass: "BestEffort",
    conditions: [condition("Ready", "False"), condition("Custom", "True")],
  } as Pod["status"];
  const to = {
    ...from,
    phase: "Running",
    podIP: "10.0.0.1",
    podIPs: [{ ip: "10.0.0.1" }],
    conditions: [condition("Ready", "True"), condition("Custom", "True")],
  } as Pod["status"];
  assert.deepEqual(statusPatch(from, to), {
    phase: "Running",
    podIP: "10.0.0.1",
    podIPs: [{ ip: "10.0.0.1" }, { $patch: "replace" }],
    conditions: [{ reason: null, message: null, ...condition("Ready", "True") }],
  });
  assert.equal(statusPatch(to, structuredClone(to)), undefined);
});
