import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import { type Applied, applyManifests } from "../cli/apply.ts";
import { UserError } from "../cli/errors.ts";
import { findKubectl, runKubectl } from "../cli/kubectl.ts";
import { type Manifest, readManifests } from "../cli/manifests.ts";
import { duration, table } from "../cli/print.ts";
import type { CommonOptions, LogsOptions, Operations, UpOptions } from "../cli/program.ts";
import type { Progress } from "../cli/progress.ts";
import { reachLines, reachServices } from "../cli/reach.ts";
import { explain, whenReady } from "../cli/readiness.ts";
import type { Transport } from "../client/transport.ts";
import { whenNodeReady } from "../cluster/api.ts";
import { componentOf, expectedComponents } from "../cluster/components.ts";
import { clusterNames, readCluster } from "../cluster/config.ts";
import { ETCD_REQUIREMENTS, HOST_REQUIREMENTS, type Requirement } from "../cluster/host.ts";
import { imageRequirements, imageSpec, readImageFiles } from "../cluster/images/imageFile.ts";
import { buildImage } from "../cluster/images/ociImage.ts";
import { startJoined } from "../cluster/joining/join.ts";
import { type ClusterConfig, clusterNetwork, clusterPaths } from "../cluster/layout.ts";
import {
  adminAccess,
  existingCluster,
  removeCluster,
  startCluster,
  stopCluster,
  supervisorOf,
  withAdmin,
} from "../cluster/lifecycle.ts";
import { followFile, lastLines } from "../cluster/logs.ts";
import { capacityFor } from "../cluster/nodes/capacity.ts";
import { workerComponents } from "../cluster/nodes/node.ts";
import { workerRecord } from "../cluster/nodes/records.ts";
import { installRequirements } from "../cluster/packages.ts";
import { whenPodsRunAgain } from "../cluster/podsAgain.ts";
import { checkHost } from "../cluster/prepare.ts";
import { clusterStatus } from "../cluster/status.ts";
import { realClock as clock } from "../util/clock.ts";
import { alone, locked, progressOf } from "./alone.ts";
import { defragment, memberList, memberReplace } from "./etcd/members.ts";
import { migrate } from "./etcd/migrate.ts";
import { restore, snapshot } from "./etcd/snapshot.ts";
import { imageOperations } from "./imageOperations.ts";
import { joinOperations } from "./joinOperations.ts";
import { nodeOperations } from "./nodeOperations.ts";
import { print } from "./output.ts";

const SECONDS = 1000;
const MINUTES = 60 * SECONDS;

async function up(options: UpOptions): Promise<number> {
  await checkHost();
  const progress = progressOf(options);
  const manifests = await readManifests(options.file, process.stdin);
  if ((await readCluster(options.name))?.joined)
    throw new UserError(`${options.name} is joined to a cluster elsewhere`, { hint: "cox start starts its node" });
  const config = await locked(options.name, () => makeReady(options, progress));
  // the lock is free while we wait: what was applied may need a node that somebody adds
  const applied = await withAdmin(options.name, (api) =>
    applyAndWait(api, config, manifests, options.timeout, progress),
  );
  report(config, applied, options, progress);
  return 0;
}

async function makeReady(options: UpOptions, progress: Progress): Promise<ClusterConfig> {
  const capacity = capacityFor({ cpu: options.nodeCpu, memory: options.nodeMemory });
  const described = (await Promise.all(options.file.filter((path) => path !== "-").map(readImageFiles))).flat();
  await progress.step("Host", { timeout: 15 * MINUTES }, async ({ note, signal }) => {
    const several = (options.controlPlanes ?? 1) > 1 ? ETCD_REQUIREMENTS : [];
    const wanted = [...HOST_REQUIREMENTS, ...several, ...imageRequirements(described.map((d) => d.description))];
    const confirm = (missing: readonly Requirement[]) => mayInstall(missing, options.install, progress);
    await installRequirements(wanted, { confirm, note, signal });
  });
  const images = await Promise.all(
    described.map(async ({ file, description }) => buildImage(await imageSpec(description, file))),
  );
  return startCluster(options.name, {
    ...{ steps: progress, clock, images },
    nodes: options.nodes,
    controlPlanes: options.controlPlanes,
    etcd: externalEtcd(options),
    proxyMode: options.proxyMode,
    capacity,
    dualStack: options.dualStack,
    simulatedNodes: options.simulatedNodes,
    autoscale: options.autoscaleNodes && { ...options.autoscaleNodes, idle: options.autoscaleIdle ?? 10 * MINUTES },
    registryConfig: options.registryConfig && resolve(options.registryConfig),
  });
}

/** The API server's flags for an etcd that others look after. */
function externalEtcd(options: UpOptions): Record<string, string> | undefined {
  if (options.etcdServers === undefined) return undefined;
  const files = {
    "etcd-cafile": options.etcdCafile,
    "etcd-certfile": options.etcdCertfile,
    "etcd-keyfile": options.etcdKeyfile,
  };
  const given = Object.entries(files).flatMap(([flag, file]) => (file === undefined ? [] : [[flag, resolve(file)]]));
  const prefix = options.etcdPrefix === undefined ? {} : { "etcd-prefix": options.etcdPrefix };
  return { "etcd-servers": options.etcdServers, ...prefix, ...Object.fromEntries(given) };
}

async function mayInstall(
  missing: readonly Requirement[],
  install: UpOptions["install"],
  progress: Progress,
): Promise<boolean> {
  progress.say("\nThis machine lacks:");
  for (const { package: name, why } of missing) progress.say(`  ${name.padEnd(28)} ${why}`);
  if (install === "no") return false;
  if (install === "yes" || !process.stdin.isTTY || !process.stderr.isTTY) {
    progress.say("Installing with apt-get.");
    return true;
  }
  const ask = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await ask.question("Install with apt-get? [Y/n] ");
  ask.close();
  return /^(y|yes|)$/i.test(answer.trim());
}

async function applyAndWait(
  api: Transport,
  config: ClusterConfig,
  manifests: readonly Manifest[],
  timeout: number,
  progress: Progress,
): Promise<Applied[]> {
  let applied: Applied[] = [];
  if (manifests.length > 0) {
    await progress.step("Apply", { timeout: 60 * SECONDS, component: "server" }, async ({ note, signal }) => {
      applied = await applyManifests(api, manifests, { signal, note });
      note(`${applied.length} objects`);
    });
  }
  const nodes = [config.nodeName, ...(config.nodes ?? []).filter((node) => !node.stopped).map((node) => node.name)];
  await progress.step("Node", { timeout: 60 * SECONDS, component: "node" }, async ({ note, signal }) => {
    await Promise.all(nodes.map((node) => whenNodeReady(api, node, { clock, note, signal })));
    note(nodes.length === 1 ? `${nodes[0]} is ready` : `${nodes.join(", ")} are ready`);
  });
  if (applied.length === 0) return applied;
  try {
    await progress.step("Ready", { timeout }, ({ note, signal }) => whenReady(api, applied, { clock, note, signal }));
  } catch (error) {
    const reasons = await explain(api, applied);
    throw new UserError((error as Error).message, { hint: reasons.join("\n"), cause: error });
  }
  return applied;
}

function report(config: ClusterConfig, applied: readonly Applied[], options: UpOptions, progress: Progress): void {
  const network = clusterNetwork(config.name, config.index);
  const services = reachServices(applied, config.nodeIP, network.clusterDomain);
  const elapsed = progress.elapsed;
  const state = {
    name: config.name,
    context: network.context,
    kubeconfig: config.kubeconfig?.file,
    elapsed,
    steps: progress.timings,
    services,
  };
  print(state, options, () => {
    const lines = [
      `Cluster ${config.name} is up after ${(elapsed / 1000).toFixed(1)} s; kubectl's context is ${network.context}.`,
      ...reachLines(services),
    ];
    return `${lines.join("\n")}\n`;
  });
}

async function status(options: CommonOptions): Promise<number> {
  const state = await clusterStatus(options.name, clock);
  print(state, options, () => {
    const { components, nodes } = state;
    const rows = components.map((c) => [
      c.component,
      c.phase,
      String(c.pid ?? "-"),
      c.restarts === 0 ? "0" : `${c.restarts} (last exit code ${c.lastExit})`,
      c.phase === "stopped" ? "-" : duration(c.seconds),
    ]);
    return [
      `Cluster ${state.name} is ${state.state}\n`,
      `API server  ${state.server}\nContext     ${state.context} in ${state.kubeconfig?.replace(homedir(), "~") ?? "no kubeconfig"}\nFolder      ${state.folder}\n\n`,
      table(["COMPONENT", "STATE", "PID", "RESTARTS", "SINCE"], rows),
      ...(nodes.length > 0
        ? [
            "\n",
            table(
              ["NODE", "READY"],
              nodes.map((n) => [n.name, n.ready ? "yes" : `no: ${n.message ?? "?"}`]),
            ),
          ]
        : []),
    ].join("");
  });
  return state.state === "running" ? 0 : 1;
}

/** The same components of another node, or those that are a node's own. */
function ofNode(components: readonly string[], config: ClusterConfig, node: string | undefined): readonly string[] {
  if (node === undefined || node === config.nodeName) return components;
  const own = Object.values(workerComponents(workerRecord(config, node).name));
  if (components.length > 1) return own;
  return [own.includes(components[0]!) ? components[0]! : `${components[0]}-${node}`];
}

async function logs(part: string | undefined, options: LogsOptions): Promise<number> {
  const config = await existingCluster(options.name);
  const known = expectedComponents(config);
  const component = part === undefined ? undefined : componentOf(part, known);
  if (part !== undefined && !component)
    throw new UserError(`there is no component ${part}`, { hint: `components are ${known.join(", ")}` });
  const shown = ofNode(component ? [component] : known, config, options.node);
  const supervisor = supervisorOf(options.name, clock);
  for (const name of shown) {
    if (shown.length > 1) process.stdout.write(`==> ${name} <==\n`);
    for (const line of await lastLines(supervisor.logFile(name), options.tail)) process.stdout.write(`${line}\n`);
  }
  if (!options.follow) return 0;
  const ending = new AbortController();
  process.once("SIGINT", () => ending.abort());
  process.once("SIGTERM", () => ending.abort());
  const write = (text: string) => void process.stdout.write(text);
  await Promise.all(shown.map((name) => followFile(supervisor.logFile(name), write, ending.signal)));
  return 0;
}

/** Containers ended with the stop; those of Pods that are to run for ever are started again by their kubelets. */
async function waitForPods(config: ClusterConfig, since: number, progress: Progress): Promise<void> {
  const nodes = [config.nodeName, ...(config.nodes ?? []).filter((node) => !node.stopped).map((node) => node.name)];
  const waiting = await progress.step("Pods", { timeout: 60 * SECONDS }, async ({ note, signal }) => {
    const options = { since, patience: 30 * SECONDS, clock, note, signal };
    const left = await withAdmin(config.name, (api) => whenPodsRunAgain(api, nodes, options));
    note(left.length === 0 ? "all run again" : `${left.length} do not run yet`);
    return left;
  });
  for (const pod of waiting.slice(0, 10)) progress.say(`  ${pod} does not run yet (kubectl describe tells why)`);
}

/** A joined machine has its node to start, and nothing else. */
async function restartJoined(config: ClusterConfig, options: CommonOptions, progress: Progress): Promise<number> {
  await startJoined(config, progress, clock);
  print({ name: config.name, elapsed: progress.elapsed }, options, () => `Node ${config.nodeName} runs again.\n`);
  return 0;
}

async function down(options: CommonOptions & { all: boolean }): Promise<number> {
  const names = options.all ? await clusterNames() : [options.name];
  const removed: string[] = [];
  for (const name of names) {
    await alone({ ...options, name }, async (progress) => {
      if (await removeCluster(name, { steps: progress, clock })) removed.push(name);
    });
  }
  print({ removed }, options, () => {
    if (removed.length === 0) return options.all ? "There is no cluster.\n" : `There is no cluster ${options.name}.\n`;
    return `Removed ${removed.join(", ")}; nothing of it remains.\n`;
  });
  return 0;
}

export const operations: Operations = {
  up,
  status,
  logs,
  down,
  ...imageOperations,
  ...nodeOperations,
  etcdSnapshot: snapshot,
  etcdRestore: restore,
  etcdDefragment: defragment,
  etcdMigrate: migrate,
  etcdMemberList: memberList,
  etcdMemberReplace: memberReplace,
  ...joinOperations,
  async kubeconfig(options) {
    await existingCluster(options.name);
    await adminAccess(options.name);
    process.stdout.write(await readFile(clusterPaths(options.name).kubeconfig("admin"), "utf8"));
    return 0;
  },
  async kubectl(args, { name }) {
    await existingCluster(name);
    await adminAccess(name);
    const program = await findKubectl((text) => void process.stderr.write(`cox: ${text}\n`));
    return runKubectl(program, args, clusterPaths(name).kubeconfig("admin"));
  },
  async start(options) {
    await checkHost();
    await existingCluster(options.name);
    return alone(options, async (progress) => {
      const known = await existingCluster(options.name);
      if (known.joined) return restartJoined(known, options, progress);
      const wasUp = (await supervisorOf(options.name, clock).state("node")).phase === "running";
      const since = clock.now();
      const config = await startCluster(options.name, { steps: progress, clock, images: [] });
      await withAdmin(options.name, (api) => applyAndWait(api, config, [], 0, progress));
      if (!wasUp) await waitForPods(config, since, progress);
      print(
        { name: config.name, elapsed: progress.elapsed, steps: progress.timings },
        options,
        () => `Cluster ${config.name} runs again.\n`,
      );
      return 0;
    });
  },
  async stop(options) {
    return alone(options, async (progress) => {
      await stopCluster(options.name, { steps: progress, clock, grace: Math.ceil(options.grace / 1000) });
      print(
        { name: options.name, state: "stopped" },
        options,
        () => `Cluster ${options.name} is stopped; cox start goes on with it.\n`,
      );
      return 0;
    });
  },
};
