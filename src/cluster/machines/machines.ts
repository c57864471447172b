import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ClusterError } from "../errors.ts";
import { type ClusterConfig, clusterNetwork, clusterPaths, linkName } from "../layout.ts";
import { run, tryRun } from "../run.ts";
import { removeBridge, removeTables, unmountBelow } from "../teardown.ts";
import { claimAddress, claimedAddresses, releaseAddress } from "./addresses.ts";
import { ensureMachineNetwork, forwardLoopback, ipBatch, linkAddress } from "./network.ts";

/** A machine of its own on this host: a network namespace, joined to the host and the other machines by a bridge. */
export interface Machine {
  name: string;
  /** its IPv4 address, the same for as long as the machine exists */
  address: string;
  /** of a cluster with both IP families; it follows from the other */
  ipv6?: string;
  /** the file on which its network namespace is mounted, so that it lives without a process */
  netns: string;
}

/** The machine's own end of the cable. */
const LINK = "eth0";

/** It is a router for its Pods; and some of its loopback is the host's (loopback.ts). */
const SYSCTLS = `cd /proc/sys/net/ipv4; echo 1 >ip_forward; echo 1 >conf/${LINK}/route_localnet`;
const SYSCTLS_IPV6 = "; echo 1 >/proc/sys/net/ipv6/conf/all/forwarding";

/** Makes a machine, or what is missing of it (after a stop of the cluster: all but its address). */
export async function createMachine(config: ClusterConfig, name: string): Promise<Machine> {
  const { machines, ipv6 } = clusterNetwork(config.name, config.index);
  await ensureMachineNetwork(config);
  const machine = describe(config, name, await claimAddress(addresses(config), machines.prefix, name));
  await ensureNamespace(machine.netns);
  await plugIn(config, machine);
  await ipBatch(
    [
      "link set lo up",
      `address replace ${machine.address}/16 dev ${LINK}`,
      `link set ${LINK} up`,
      `route replace default via ${machines.gateway} dev ${LINK}`,
      // the host's node is a neighbour on this link too: no router stands between
      ...(config.nodeIP === machines.gateway ? [] : [`route replace ${config.nodeIP} dev ${LINK}`]),
      ...(machine.ipv6
        ? [
            `address replace ${machine.ipv6}/64 dev ${LINK} nodad`,
            `route replace default via ${ipv6.machines.gateway} dev ${LINK}`,
          ]
        : []),
    ],
    inMachine(machine, []),
  );
  const [program, ...args] = inMachine(machine, ["sh", "-c", machine.ipv6 ? SYSCTLS + SYSCTLS_IPV6 : SYSCTLS]);
  await run(program!, args);
  await forwardLoopback(config, inMachine(machine, []));
  return machine;
}

/** Unplugs a machine and forgets its address. Its processes must have ended before. */
export async function removeMachine(config: ClusterConfig, name: string): Promise<void> {
  await powerOff(config, name);
  await releaseAddress(addresses(config), name);
}

/** Takes away all but the address, as a machine without power keeps its name in the books. */
export async function powerOff(config: ClusterConfig, name: string): Promise<void> {
  const { netns } = describe(config, name, "");
  await tryRun("ip", ["link", "delete", cableOf(config, name)]);
  await tryRun("umount", ["--lazy", netns]);
  await rm(join(netns, ".."), { recursive: true, force: true });
}

/** Takes every machine's network away, by name alone: for `cox stop` and `cox down`. */
export async function powerOffAll(name: string, index: number): Promise<void> {
  const { machines } = clusterNetwork(name, index);
  await unmountBelow([join(clusterPaths(name).run, "machines")]);
  await removeBridge(machines.bridge);
  await removeTables(machines.nftTable);
}

/** All machines that have an address, running or not, by name. */
export async function listMachines(config: ClusterConfig): Promise<Machine[]> {
  const claims = await claimedAddresses(addresses(config));
  return [...claims].map(([name, address]) => describe(config, name, address)).sort(byName);
}

/** Pulls the cable: no packet passes until `restoreMachine`. */
export async function cutMachine(config: ClusterConfig, name: string): Promise<void> {
  await setCable(config, name, "down");
}
export async function restoreMachine(config: ClusterConfig, name: string): Promise<void> {
  await setCable(config, name, "up");
}

/** The command line that runs `command` on the machine's network. */
export function inMachine(machine: Machine, command: readonly string[]): string[] {
  return ["nsenter", `--net=${machine.netns}`, ...(command.length > 0 ? ["--", ...command] : [])];
}

const byName = (a: Machine, b: Machine) => a.name.localeCompare(b.name, "en", { numeric: true });

function describe(config: ClusterConfig, name: string, address: string): Machine {
  const { ipv6 } = clusterNetwork(config.name, config.index);
  return {
    ...{ name, address },
    ...(config.dualStack && { ipv6: `${ipv6.machines.prefix}${address.slice(address.lastIndexOf(".") + 1)}` }),
    netns: join(clusterPaths(config.name).run, "machines", name, "net"),
  };
}

const addresses = (config: ClusterConfig) => join(clusterPaths(config.name).state, "machines");

/** The host's end of the machine's cable, plugged into the bridge. */
const cableOf = (config: ClusterConfig, machine: string) => linkName(`${config.name}/${machine}`);

async function setCable(config: ClusterConfig, name: string, state: "up" | "down"): Promise<void> {
  const { code } = await tryRun("ip", ["link", "set", cableOf(config, name), state]);
  if (code !== 0) throw new ClusterError(`cluster ${config.name} has no running machine ${name}`);
}

/** Mounts a new network namespace on the file, unless there is one already. */
async function ensureNamespace(path: string): Promise<void> {
  if ((await tryRun("nsenter", [`--net=${path}`, "true"])).code === 0) return;
  await mkdir(join(path, ".."), { recursive: true });
  await writeFile(path, "");
  await run("unshare", [`--net=${path}`, "true"]);
}

async function plugIn(config: ClusterConfig, machine: Machine): Promise<void> {
  const { bridge } = clusterNetwork(config.name, config.index).machines;
  const cable = cableOf(config, machine.name);
  if ((await tryRun("ip", ["link", "show", cable])).code !== 0) {
    const peer = `peer name ${LINK} address ${linkAddress(cable)} netns ${machine.netns}`;
    await ipBatch([`link add ${cable} type veth ${peer}`]);
  }
  // By a port of this host, a node's Pods reach Pods of that very node: back out where they came in, which the bridge
  // refuses once its filter has turned them around.
  await ipBatch([`link set ${cable} master ${bridge} up`, `link set ${cable} type bridge_slave hairpin on`]);
}
