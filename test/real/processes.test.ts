import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { supervisorOf } from "../../src/cluster/lifecycle.ts";
import type { SupervisedComponent, Supervisor } from "../../src/cluster/supervisor.ts";
import { APISERVER_FLAGS } from "../../src/cmd/apiserverWiring.ts";
import { CONTROLLER_FLAGS } from "../../src/cmd/controllerManager.ts";
import { KUBELET_FLAGS } from "../../src/cmd/kubeletWiring.ts";
import { DNS_FLAGS, NODE_FLAGS, PROXY_FLAGS, ROUTES_FLAGS } from "../../src/cmd/serviceWiring.ts";
import { realClock } from "../../src/util/clock.ts";
import { container, PodCluster, pod } from "./podFixture.ts";
import { cannotRun, get, type PodSummary, type RealCluster, until } from "./realCluster.ts";

const skip = await cannotRun();
const COX = fileURLToPath(new URL("../../cox", import.meta.url));

/** Processes in place of those that `cox up` started, under the supervisor that it has, too. */
class Parts {
  readonly #cluster: RealCluster;
  readonly #supervisor: Supervisor;
  readonly #parts = new Map<string, SupervisedComponent>();
  constructor(cluster: RealCluster) {
    this.#cluster = cluster;
    this.#supervisor = supervisorOf(cluster.name, realClock);
  }

  /** Ends a process of `cox up`; answers the flags it ran with. */
  async takeOver(component: string): Promise<Map<string, string>> {
    const { pid } = await this.#cluster.component(component);
    const words = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0").filter((word) => word.startsWith("--"));
    await this.#supervisor.stop(component, 10_000);
    return new Map(words.map((word) => [word.slice(2).split("=")[0]!, word.slice(word.indexOf("=") + 1)]));
  }
  async start(component: string, flags: object, values: Map<string, string>): Promise<void> {
    const known = [...values].filter(([name]) => Object.hasOwn(flags, name));
    const command = [COX, component, ...known.map(([name, value]) => `--${name}=${value}`)];
    this.#parts.set(component, { component, command });
    await this.startAgain(component);
  }
  async startAgain(component: string): Promise<void> {
    assert.ok(await this.#supervisor.start(this.#parts.get(component)!));
  }
  /** SIGKILL, and nobody starts it again. */
  kill(component: string): Promise<void> {
    return this.#supervisor.kill(component);
  }
  /** SIGKILL; answers when its supervisor has started another. */
  async killOnce(component: string): Promise<void> {
    const { pid } = await this.#supervisor.state(component);
    assert.ok(pid, `${component} runs`);
    process.kill(pid, "SIGKILL");
    await until(`${component} runs again`, async () => {
      const state = await this.#supervisor.state(component);
      return state.pid !== undefined && state.pid !== pid;
    });
  }
  async restarts(): Promise<Record<string, number>> {
    const states = [...this.#parts.keys()].map((part) => this.#supervisor.state(part));
    return Object.fromEntries((await Promise.all(states)).map(({ component, restarts }) => [component, restarts]));
  }
}

/** Counts for ever; is ready as long as a file is there. */
const COUNTING = container("touch /tmp/ready; i=0; while :; do echo $i; i=$((i + 1)); sleep 0.2; done", {
  readinessProbe: { exec: { command: ["cat", "/tmp/ready"] }, periodSeconds: 1, failureThreshold: 1 },
});

describe("each part as a process of its own", { skip }, () => {
  let at: PodCluster;
  let parts: Parts;
  before(async () => {
    at = await PodCluster.start("parts");
    parts = new Parts(at.cluster);
  });
  after(() => at?.remove());

  const whole = () =>
    until("all Pods are ready", async () => {
      const pods = [...(await at.cluster.pods("app=hello")), ...(await at.cluster.pods("app=counting"))];
      return pods.length === 4 && pods.every((it) => it.ready) && pods;
    });
  const hello = async () => /^Hello from Pod (\S+)/.exec(await get(await at.cluster.nodePortUrl("hello")))?.[1];
  const lookUp = () => at.sh("counting", "timeout 2 nslookup hello.default.svc.cluster.local");
  const count = async () => Number(await at.log("counting", "main", "--tail=1"));

  /** The same containers run as before; and what is asked for now is done. */
  async function untouchedAndAtWork(before: PodSummary[]): Promise<void> {
    assert.deepEqual(await whole(), before);
    const gone = before[0]!.name;
    await at.cluster.kubectl("delete", "pod", gone, "--wait=false");
    const after = await until("another Pod has taken its place", async () => {
      const pods = await whole();
      return pods.every(({ name }) => name !== gone) && pods;
    });
    const others = ({ name }: PodSummary) => before.some((it) => it.name === name);
    assert.deepEqual(after.filter(others), before.slice(1));
  }

  test("together they run an application", async () => {
    const server = await parts.takeOver("server");
    const node = await parts.takeOver("node");
    const folder = server.get("data-dir")!.replace(/\/store$/, "");
    const as = (values: Map<string, string>, user: string) =>
      new Map([...values, ["kubeconfig", `${folder}/${user}.conf`]]);
    const kubeconfig = { kubeconfig: {} };
    await parts.start("apiserver", APISERVER_FLAGS, server);
    await parts.start("controller-manager", CONTROLLER_FLAGS, as(server, "controller-manager"));
    await parts.start("scheduler", kubeconfig, as(server, "scheduler"));
    await parts.start("kubelet", { ...kubeconfig, ...KUBELET_FLAGS }, as(node, "kubelet"));
    await parts.start("proxy", { ...kubeconfig, ...NODE_FLAGS, ...PROXY_FLAGS }, as(node, "kube-proxy"));
    await parts.start("dns", { ...kubeconfig, ...NODE_FLAGS, ...DNS_FLAGS }, as(node, "kube-proxy"));
    await parts.start("routes", { ...kubeconfig, ...NODE_FLAGS, ...ROUTES_FLAGS }, as(node, "kube-proxy"));
    await at.cluster.coxOk("image", "build", "-f", "examples/hello/images/hello.yaml");
    await until("the API answers", async () => (await at.cluster.tryKubectl("get", "namespaces")).code === 0);
    await at.cluster.kubectl("apply", "-f", "examples/hello/");
    await at.create(pod("counting", { containers: [COUNTING] }, { labels: { app: "counting" } }));
    await whole();
    await until("hello answers", hello);
    assert.ok(Object.values(await parts.restarts()).every((restarts) => restarts === 0));
  });

  test("a killed kubelet's containers run on, and the next one looks after them", async () => {
    const before = await whole();
    const counted = await count();
    await parts.killOnce("kubelet");
    await untouchedAndAtWork(before);
    assert.ok((await count()) > counted, "logs are served, and nothing stood still");
    await at.sh("counting", "rm /tmp/ready");
    await at.podWhen("counting", ({ status }) => status.conditions?.some(isNotReady));
    await at.sh("counting", "touch /tmp/ready");
    await whole();
  });

  test("Services answer while the proxy is dead; the next one takes up what has changed", async () => {
    const before = await whole();
    await parts.kill("proxy");
    for (let i = 0; i < 10; i++) await until("hello answers", hello);
    await at.cluster.kubectl("expose", "pod/counting", "--name=later", "--port=80", "--target-port=8080");
    await parts.startAgain("proxy");
    await untouchedAndAtWork(before);
    const names = (await at.cluster.pods("app=hello")).map(({ name }) => name).sort();
    await until("only the Pods there are now answer, and each of them", async () => {
      const answered = new Set(await Promise.all(Array.from({ length: 20 }, hello)));
      return JSON.stringify([...answered].sort()) === JSON.stringify(names);
    });
    const address = await at.cluster.kubectl("get", "service", "later", "-o", "jsonpath={.spec.clusterIP}");
    void at.sh("counting", "mkdir /tmp/w; echo hello >/tmp/w/x; httpd -p 8080 -h /tmp/w");
    await until("a new Service answers", () => at.sh("counting", `timeout 2 wget -qO- http://${address}/x`));
  });

  test("names are answered again after the DNS was killed", async () => {
    const before = await whole();
    await until("names are answered", lookUp);
    await parts.kill("dns");
    await assert.rejects(lookUp());
    await parts.startAgain("dns");
    await until("names are answered again", lookUp);
    await parts.killOnce("dns");
    await until("names are answered once more", lookUp);
    assert.deepEqual(await whole(), before);
  });

  test("a killed containerd leaves the containers be", async () => {
    const before = await whole();
    const { pid } = await at.cluster.component("containerd");
    process.kill(pid, "SIGKILL");
    await until("containerd runs again", async () => (await at.cluster.component("containerd")).pid !== pid);
    await untouchedAndAtWork(before);
    assert.equal((await parts.restarts()).kubelet, 1, "the kubelet went on");
  });
});

const isNotReady = ({ type, status }: { type: string; status: string }) => type === "Ready" && status === "False";
