import { mkdir, readFile, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { isNotFound, StatusError } from "../../apimachinery/status.ts";
import { httpsTransport } from "../../client/https.ts";
import type { Transport } from "../../client/transport.ts";
import type { Clock } from "../../util/clock.ts";
import { whenNodeReady } from "../api.ts";
import { clusterNames, freeIndex, readCluster, updateFile, writeCluster } from "../config.ts";
import { ClusterError } from "../errors.ts";
import { hostAddress, hostNodeName } from "../host.ts";
import { kubeconfigText } from "../kubeconfig.ts";
import { type ClusterConfig, clusterPaths, type JoinedCluster } from "../layout.ts";
import { type Steps, supervisorOf } from "../lifecycle.ts";
import { withMachineLock } from "../lock.ts";
import { hostNode } from "../nodes/node.ts";
import { startAgents, startRuntime } from "../nodes/workers.ts";
import * as prepare from "../prepare.ts";
import { discover, serverUrl } from "./discovery.ts";
import { checkMembership } from "./options.ts";
import { SETTINGS } from "./permissions.ts";
import { parseToken } from "./tokens.ts";

export interface JoinOptions {
  steps: Steps;
  clock: Clock;
  server: string;
  token: string;
  caCertHash?: string;
  /** the cluster's name on this machine; that which it has elsewhere when left out */
  name?: string;
  nodeName?: string;
  nodeIP?: string;
  labels: Readonly<Record<string, string>>;
}

/** Where this machine is to join, once it is known to be the right place. */
export interface Invitation {
  server: string;
  ca: string;
  settings: Omit<JoinedCluster, "server" | "labels">;
}

/** Finds out about the cluster with no more than a token, and checks that there is room for the node's name. */
export async function acceptInvitation(options: JoinOptions): Promise<Invitation> {
  const token = parseToken(options.token);
  const server = serverUrl(options.server);
  const { ca } = await discover(server, token, options);
  const api = httpsTransport({ server, ca, token: options.token });
  try {
    const map = (await api.request({
      method: "GET",
      path: `/api/v1/namespaces/kube-system/configmaps/${SETTINGS}`,
    })) as {
      data: { settings: string };
    };
    const settings = JSON.parse(map.data.settings) as Invitation["settings"];
    const local = options.name ?? settings.cluster;
    const nodeName = nodeNameOf(options);
    const known = (await Promise.all((await clusterNames()).map(readCluster))).filter((it) => it !== undefined);
    checkMembership({ local, cluster: settings.cluster, server, nodeName }, known);
    if (!known.some(({ name }) => name === local)) await checkNodeName(api, nodeName);
    return { server, ca, settings };
  } catch (error) {
    if (!(error instanceof StatusError) || error.code !== 401) throw error;
    throw new ClusterError(`the cluster does not accept the token ${token.id}: it may have expired meanwhile`);
  } finally {
    await api.close();
  }
}

const nodeNameOf = ({ nodeName }: JoinOptions) => nodeName ?? hostNodeName();

async function checkNodeName(api: Transport, name: string): Promise<void> {
  try {
    await api.request({ method: "GET", path: `/api/v1/nodes/${name}` });
  } catch (error) {
    if (isNotFound(error)) return;
    throw error;
  }
  throw new ClusterError(`the cluster has a node ${name} already`, { hint: "choose another name with --node-name" });
}

/** Makes this machine a node of the cluster, and waits until it is ready. */
export async function joinCluster(options: JoinOptions, { server, ca, settings }: Invitation): Promise<ClusterConfig> {
  const { steps, clock } = options;
  const name = options.name ?? settings.cluster;
  const config = await steps.step("Settings", { timeout: 20_000 }, async ({ note }) => {
    const nodeIP = options.nodeIP ?? (await hostAddress());
    if (!nodeIP) throw new ClusterError("this machine has no address", { hint: "say which to use with --node-ip" });
    const joined = { ...settings, server, labels: options.labels };
    const made = await withMachineLock(clock, async () => {
      const known = await readCluster(name);
      const config: ClusterConfig = {
        ...{ name, index: known?.index ?? (await freeIndex()), nodeIP, joined },
        nodeName: nodeNameOf(options),
        createdAt: known?.createdAt ?? clock.now(),
      };
      await writeCluster(config);
      return config;
    });
    await writeFiles(made, ca, options.token);
    note(`cluster ${settings.cluster} at ${server}`);
    return made;
  });
  await startJoined(config, steps, clock);
  return config;
}

async function writeFiles(config: ClusterConfig, ca: string, token: string): Promise<void> {
  const paths = clusterPaths(config.name);
  const entry = { name: config.joined!.cluster, server: config.joined!.server, ca };
  await mkdir(paths.pki, { recursive: true, mode: 0o700 });
  await writeFile(join(paths.pki, "ca.crt"), ca);
  await updateFile(paths.kubeconfig("kubelet"), kubeconfigText(entry), 0o600);
  await updateFile(paths.kubeconfig("kubelet-bootstrap"), kubeconfigText({ ...entry, token }), 0o600);
}

/** Starts what does not run of a joined node; harmless when all runs. */
export async function startJoined(config: ClusterConfig, steps: Steps, clock: Clock): Promise<void> {
  const supervisor = supervisorOf(config.name, clock);
  const tools = { config, supervisor, clock, programs: await prepare.runtimePrograms() };
  const node = hostNode(config);
  await steps.step("Container runtime", { timeout: 60_000, component: "containerd" }, async () => {
    await prepare.prepareHost(config);
    await startRuntime(tools, node, { built: [] });
  });
  const now = clock.now();
  const since = (await startAgents(tools, node)) ? now : 0;
  await steps.step("Certificate", { timeout: 60_000, component: "node" }, async ({ signal }) => {
    while (!(await ownCredential(config))) await clock.sleep(100, signal);
  });
  await steps.step("Node", { timeout: 60_000, component: "node" }, async ({ note, signal }) => {
    const { pki } = clusterPaths(config.name);
    const credential = await ownCredential(config);
    const ca = await readFile(join(pki, "ca.crt"));
    const api = httpsTransport({ server: config.joined!.server, ca, cert: credential, key: credential });
    try {
      await whenNodeReady(api, config.nodeName, { clock, signal, note, since });
    } finally {
      await api.close();
    }
    note(`${config.nodeName} (${hostname()}) is ready`);
  });
}

/** The kubelet's certificate and key; undefined before it was issued. */
function ownCredential(config: ClusterConfig): Promise<Buffer | undefined> {
  const file = join(clusterPaths(config.name).pki, "kubelet-client-current.pem");
  return readFile(file).catch(() => undefined); // it is not there yet
}
