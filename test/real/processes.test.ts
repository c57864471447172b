import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { APISERVER_FLAGS } from "../../src/cmd/apiserverWiring.ts";
import { CONTROLLER_FLAGS } from "../../src/cmd/controllerManager.ts";
import { KUBELET_FLAGS } from "../../src/cmd/kubeletWiring.ts";
import { DNS_FLAGS, NODE_FLAGS, PROXY_FLAGS } from "../../src/cmd/serviceWiring.ts";
import { cannotRun, get, RealCluster, until } from "./realCluster.ts";

const skip = await cannotRun();
const COX = fileURLToPath(new URL("../../cox", import.meta.url));

describe("each part as a process of its own", { skip }, () => {
  let cluster: RealCluster;
  const processes: ChildProcess[] = [];
  before(async () => {
    cluster = await RealCluster.prepare("parts");
    await cluster.coxOk("up");
  });
  after(async () => {
    for (const child of processes) child.kill("SIGTERM");
    await Promise.all(processes.map((child) => child.exitCode ?? once(child, "exit")));
    await cluster?.remove();
  });

  /** Ends the supervised process of this name; answers the flags it ran with. */
  async function takeOver(component: string): Promise<Map<string, string>> {
    const state = JSON.parse((await cluster.cox("status", "-o", "json")).stdout);
    const { pid, supervisor } = state.components.find((c: { component: string }) => c.component === component);
    const words = (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0").filter((word) => word.startsWith("--"));
    process.kill(supervisor, "SIGTERM");
    await until(`${component} has ended`, () =>
      readFile(`/proc/${pid}/cmdline`).then(
        (line) => line.length === 0,
        () => true,
      ),
    );
    return new Map(words.map((word) => [word.slice(2).split("=")[0]!, word.slice(word.indexOf("=") + 1)]));
  }
  function start(command: string, flags: object, values: Map<string, string>): void {
    const known = [...values].filter(([name]) => Object.hasOwn(flags, name));
    const args = [command, ...known.map(([name, value]) => `--${name}=${value}`)];
    processes.push(spawn(COX, args, { stdio: ["ignore", "ignore", "inherit"], env: cluster.env }));
  }

  test("together they run an application", async () => {
    const server = await takeOver("server");
    const node = await takeOver("node");
    const folder = server.get("data-dir")!.replace(/\/store$/, "");
    const as = (values: Map<string, string>, user: string) =>
      new Map([...values, ["kubeconfig", `${folder}/${user}.conf`]]);
    start("apiserver", APISERVER_FLAGS, server);
    start("controller-manager", CONTROLLER_FLAGS, as(server, "controller-manager"));
    start("scheduler", { kubeconfig: {} }, as(server, "scheduler"));
    start("kubelet", { kubeconfig: {}, ...KUBELET_FLAGS }, as(node, "kubelet"));
    start("proxy", { kubeconfig: {}, ...NODE_FLAGS, ...PROXY_FLAGS }, as(node, "kube-proxy"));
    start("dns", { kubeconfig: {}, ...NODE_FLAGS, ...DNS_FLAGS }, as(node, "kube-proxy"));
    await cluster.coxOk("image", "build", "-f", "examples/hello/images/hello.yaml");
    await until("the API answers", async () => (await cluster.tryKubectl("get", "namespaces")).code === 0);
    await cluster.kubectl("apply", "-f", "examples/hello/");
    await cluster.kubectl("rollout", "status", "deployment/hello", "--timeout=60s");
    await until("hello answers", async () => /^Hello from Pod/.test(await get(await cluster.nodePortUrl("hello"))));
    assert.ok(processes.every((child) => child.exitCode === null));
  });
});
