import { cox, server } from "../components.ts";
import { type ClusterConfig, clusterNetwork, clusterPaths } from "../layout.ts";
import { inMachine, type Machine } from "../machines/machines.ts";
import type { SupervisedComponent } from "../supervisor.ts";

const CLIENT_PORT = 2379;
const PEER_PORT = 2380;

/** The names of a control plane's supervised processes. */
export function planeComponentNames(name: string): { etcd: string; server: string } {
  return { etcd: `etcd-${name}`, server: `server-${name}` };
}

/** The process behind the cluster's API address, when there are several servers. */
export const BALANCER = "balancer";

export const clientURL = ({ address }: Machine) => `https://${address}:${CLIENT_PORT}`;
export const peerURL = ({ address }: Machine) => `https://${address}:${PEER_PORT}`;

/** Where a member keeps what it knows. */
export function etcdFolder(config: ClusterConfig, name: string): string {
  return `${clusterPaths(config.name).state}/control-planes/${name}/etcd`;
}

/** One member of the cluster's etcd. `joins`: a cluster that runs already. */
export function etcdMember(
  config: ClusterConfig,
  machine: Machine,
  all: readonly Machine[],
  joins: boolean,
): SupervisedComponent {
  const pki = `${clusterPaths(config.name).pki}/etcd`;
  const flags = {
    name: machine.name,
    "data-dir": etcdFolder(config, machine.name),
    "listen-client-urls": clientURL(machine),
    "advertise-client-urls": clientURL(machine),
    "listen-peer-urls": peerURL(machine),
    "initial-advertise-peer-urls": peerURL(machine),
    "initial-cluster": all.map((one) => `${one.name}=${peerURL(one)}`).join(","),
    "initial-cluster-token": config.name,
    "initial-cluster-state": joins ? "existing" : "new",
    "client-cert-auth": "true",
    "cert-file": `${pki}/server-${machine.name}.crt`,
    "key-file": `${pki}/server-${machine.name}.key`,
    "trusted-ca-file": `${pki}/ca.crt`,
    "peer-client-cert-auth": "true",
    "peer-cert-file": `${pki}/peer-${machine.name}.crt`,
    "peer-key-file": `${pki}/peer-${machine.name}.key`,
    "peer-trusted-ca-file": `${pki}/ca.crt`,
    logger: "zap",
    "log-level": "warn",
  };
  const command = ["etcd", ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`)];
  const component = planeComponentNames(machine.name).etcd;
  return { component, command: inMachine(machine, command), env: { ETCD_UNSUPPORTED_ARCH: process.arch } };
}

/** API server, controllers and scheduler of one control plane; its own member of etcd comes first. */
export function planeServer(config: ClusterConfig, machine: Machine, all: readonly Machine[]): SupervisedComponent {
  const { pki } = clusterPaths(config.name);
  const members = [machine, ...all.filter(({ name }) => name !== machine.name)];
  const { command } = server(config, {
    address: machine.address,
    store: {
      "etcd-servers": members.map(clientURL).join(","),
      "etcd-cafile": `${pki}/etcd/ca.crt`,
      "etcd-certfile": `${pki}/apiserver-etcd-client.crt`,
      "etcd-keyfile": `${pki}/apiserver-etcd-client.key`,
    },
  });
  return { component: planeComponentNames(machine.name).server, command: inMachine(machine, command) };
}

/** One address for all API servers. */
export function balancer(config: ClusterConfig, all: readonly Machine[]): SupervisedComponent {
  const { apiPort } = clusterNetwork(config.name, config.index);
  return cox(BALANCER, {
    "bind-address": "0.0.0.0",
    "secure-port": apiPort,
    servers: all.map(({ address }) => `${address}:${apiPort}`).join(","),
    "certificate-authority": `${clusterPaths(config.name).pki}/ca.crt`,
  });
}
