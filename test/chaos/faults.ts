import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { readyz } from "../../src/cluster/api.ts";
import { readCluster } from "../../src/cluster/config.ts";
import { BALANCER, clientURL, planeComponentNames } from "../../src/cluster/controlPlanes/planeComponents.ts";
import { planeMachines } from "../../src/cluster/controlPlanes/planes.ts";
import { type ClusterConfig, clusterNetwork, clusterPaths } from "../../src/cluster/layout.ts";
import { cutMachine, type Machine, restoreMachine } from "../../src/cluster/machines/machines.ts";
import { EtcdConnection } from "../../src/store/etcd/connection.ts";
import { STATUS } from "../../src/store/etcd/messages.ts";
import { realClock } from "../../src/util/clock.ts";
import { silentLogger } from "../../src/util/logger.ts";
import { type RealCluster, until } from "../real/realCluster.ts";

export type Victim = "server" | "etcd" | "leader" | "etcd leader" | "address";
export type Harm = "kill" | "stop" | "cut off";

/** Does harm to a cluster's control planes, and undoes it. */
export class Faults {
  readonly machines: readonly Machine[];
  readonly #cluster: RealCluster;
  readonly #config: ClusterConfig;
  readonly #ca: Buffer;
  readonly #etcd: EtcdConnection;

  private constructor(
    cluster: RealCluster,
    config: ClusterConfig,
    machines: readonly Machine[],
    pem: readonly Buffer[],
  ) {
    this.#cluster = cluster;
    this.#config = config;
    this.machines = machines;
    const [ca, etcdCA, cert, key] = pem;
    this.#ca = ca!;
    const tls = { ca: etcdCA!, cert: cert!, key: key! };
    const endpoints = machines.map(clientURL);
    this.#etcd = new EtcdConnection({ endpoints, tls, clock: realClock, logger: silentLogger });
  }
  static async of(cluster: RealCluster): Promise<Faults> {
    const config = (await readCluster(cluster.name))!;
    const { pki } = clusterPaths(cluster.name);
    const files = ["ca.crt", "etcd/ca.crt", "etcd/healthcheck-client.crt", "etcd/healthcheck-client.key"];
    const pem = await Promise.all(files.map((file) => readFile(`${pki}/${file}`)));
    return new Faults(cluster, config, await planeMachines(config), pem);
  }
  close(): void {
    this.#etcd.close();
  }
  serverOf({ address }: Machine): string {
    return `https://${address}:${clusterNetwork(this.#config.name, this.#config.index).apiPort}`;
  }

  /** The machine that a victim is on; `nth` counts where there are several. */
  async find(victim: Victim, nth: number): Promise<Machine> {
    if (victim === "leader") return this.#leader();
    if (victim === "etcd leader") return this.#etcdLeader();
    return this.machines[nth % this.machines.length]!;
  }
  async #leader(): Promise<Machine> {
    const lease = await this.#cluster.json<{ spec: { holderIdentity?: string } }>(
      ...["get", "lease", "kube-controller-manager", "-n", "kube-system"],
    );
    const found = this.machines.find(({ address }) => lease.spec.holderIdentity?.startsWith(`${address}_`));
    assert.ok(found, `${lease.spec.holderIdentity} leads`);
    return found;
  }
  async #etcdLeader(): Promise<Machine> {
    for (const [i, machine] of this.machines.entries()) {
      const status = await this.#etcd.at(i, STATUS, {});
      if (status.leader === status.header!.memberId) return machine;
    }
    throw new Error("no member leads");
  }

  /** Answers how to undo it. */
  async harm(machine: Machine, victim: Victim, harm: Harm): Promise<() => Promise<void>> {
    if (harm === "cut off") {
      await cutMachine(this.#config, machine.name);
      return () => restoreMachine(this.#config, machine.name);
    }
    const { pid } = await this.#cluster.component(componentOf(victim, machine));
    process.kill(pid, harm === "kill" ? "SIGKILL" : "SIGSTOP");
    return async () => {
      if (harm === "stop") process.kill(pid, "SIGCONT");
    };
  }

  /** Until every server is ready and every member follows a leader. */
  async healed(): Promise<void> {
    await until("all servers are ready", async () => {
      const codes = await Promise.all(this.machines.map((machine) => readyz(this.serverOf(machine), this.#ca)));
      return codes.every((code) => code === 200);
    });
    await until("all members are well", async () => {
      const states = await Promise.all(this.machines.map((_, i) => this.#etcd.at(i, STATUS, {})));
      return states.every(({ leader, errors }) => leader !== 0n && errors.length === 0);
    });
  }
}

function componentOf(victim: Victim, { name }: Machine): string {
  if (victim === "address") return BALANCER;
  const { etcd, server } = planeComponentNames(name);
  return victim.startsWith("etcd") ? etcd : server;
}
