import { Command, InvalidArgumentError, Option } from "commander";
import { parseDuration } from "./print.ts";

export interface CommonOptions {
  name: string;
  output: "text" | "json";
}
export interface UpOptions extends CommonOptions {
  file: string[];
  /** what to do about host packages that are missing */
  install: "ask" | "yes" | "no";
  registryConfig?: string;
  /** what leads Service addresses to Pods */
  proxyMode?: "nftables" | "iptables";
  /** addresses of both IP families, for a new cluster */
  dualStack?: boolean;
  /** at least how many nodes */
  nodes?: number;
  /** what each node is to have of this host */
  nodeCpu?: string;
  nodeMemory?: string;
  /** how many control planes a new cluster is to have */
  controlPlanes?: number;
  /** an etcd that others look after */
  etcdServers?: string;
  etcdCafile?: string;
  etcdCertfile?: string;
  etcdKeyfile?: string;
  etcdPrefix?: string;
  /** how many nodes only pretend */
  simulatedNodes?: number;
  /** how many nodes are made as Pods need them, and go when they are idle */
  autoscaleNodes?: { min: number; max: number };
  /** how long a node is idle before it goes, in ms */
  autoscaleIdle?: number;
  /** for what was applied to become ready, in ms */
  timeout: number;
}
export interface LogsOptions extends CommonOptions {
  node?: string;
  follow: boolean;
  tail: number;
}
export interface NodeAddOptions extends CommonOptions {
  count?: number;
  /** what each is to have of this host */
  nodeCpu?: string;
  nodeMemory?: string;
  /** key=value */
  label: string[];
}
export interface JoinOptions {
  token: string;
  caCertHash?: string;
  name?: string;
  nodeName?: string;
  nodeIp?: string;
  label: string[];
  install: boolean;
  output: "text" | "json";
}
export interface TokenOptions extends CommonOptions {
  /** ms; 0: for ever */
  ttl: number;
  description: string;
}
export interface BuildOptions extends CommonOptions {
  root?: string;
  entrypoint: string[];
  cmd: string[];
  env: string[];
  workdir?: string;
  user?: string;
  label: string[];
  tag: string[];
  file?: string;
  out?: string;
}

/** What each command does; `cmd/cox.ts` has them. Each answers the exit code. */
export interface Operations {
  up(options: UpOptions): Promise<number>;
  status(options: CommonOptions): Promise<number>;
  logs(component: string | undefined, options: LogsOptions): Promise<number>;
  kubeconfig(options: CommonOptions): Promise<number>;
  kubectl(args: string[], options: { name: string }): Promise<number>;
  imageLoad(files: string[], options: CommonOptions): Promise<number>;
  imageList(options: CommonOptions): Promise<number>;
  imageBuild(options: BuildOptions): Promise<number>;
  nodeAdd(names: string[], options: NodeAddOptions): Promise<number>;
  nodeRemove(names: string[], options: CommonOptions & { grace: number }): Promise<number>;
  nodeStop(names: string[], options: CommonOptions & { grace?: number }): Promise<number>;
  nodeStart(names: string[], options: CommonOptions): Promise<number>;
  nodeConnect(names: string[], connected: boolean, options: CommonOptions): Promise<number>;
  nodeList(options: CommonOptions): Promise<number>;
  etcdSnapshot(file: string, options: CommonOptions): Promise<number>;
  etcdRestore(file: string, options: CommonOptions): Promise<number>;
  etcdDefragment(options: CommonOptions): Promise<number>;
  etcdMigrate(options: CommonOptions & { controlPlanes: number }): Promise<number>;
  etcdMemberList(options: CommonOptions): Promise<number>;
  etcdMemberReplace(name: string, options: CommonOptions): Promise<number>;
  join(server: string, options: JoinOptions): Promise<number>;
  tokenCreate(options: TokenOptions): Promise<number>;
  tokenList(options: CommonOptions): Promise<number>;
  tokenDelete(tokens: string[], options: CommonOptions): Promise<number>;
  stop(options: CommonOptions & { grace: number }): Promise<number>;
  start(options: CommonOptions): Promise<number>;
  down(options: CommonOptions & { all: boolean }): Promise<number>;
}

export const PROCESS_COMMANDS: Readonly<Record<string, string>> = {
  server: "API server, controllers and scheduler in one process",
  "node-agents": "kubelet, proxy, DNS and routes in one process",
  apiserver: "the API server",
  "controller-manager": "the controllers",
  scheduler: "the scheduler",
  kubelet: "the node agent",
  proxy: "Service addresses by nftables",
  dns: "names of Services and Pods",
  routes: "routes to other nodes' Pods",
  balancer: "the address of several API servers",
};

const collect = (value: string, before: string[]) => [...before, value];

/** One argument: a JSON array of words, or words separated by spaces. */
function words(value: string): string[] {
  if (!value.startsWith("[")) return value.split(/\s+/).filter((word) => word !== "");
  try {
    const list: unknown = JSON.parse(value);
    if (Array.isArray(list)) return list.map(String);
  } catch {
    // said below
  }
  throw new InvalidArgumentError('must be words, or a JSON array such as ["/bin/sh","-c","…"].');
}

function duration(value: string): number {
  const ms = parseDuration(value);
  if (ms === undefined) throw new InvalidArgumentError('must be a duration such as "90s" or "5m".');
  return ms;
}

function count(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError("must be a whole number.");
  return Number(value);
}

function nodeCount(value: string): number {
  const n = count(value);
  if (n < 1 || n > MAX_NODES) throw new InvalidArgumentError(`must be from 1 to ${MAX_NODES}.`);
  return n;
}

function nodeRange(value: string): { min: number; max: number } {
  const [, min, max] = /^(\d+):(\d+)$/.exec(value)?.map(Number) ?? [];
  if (min === undefined || max === undefined || min > max || max >= MAX_NODES)
    throw new InvalidArgumentError(`must be min:max, such as 0:3, with max below ${MAX_NODES}.`);
  return { min, max };
}

/** Etcd needs more than half of its members: an even number survives no more than the odd one below. */
function planeCount(value: string): number {
  if (!["1", "3", "5"].includes(value)) throw new InvalidArgumentError("must be 1, 3 or 5.");
  return Number(value);
}

function fleetSize(value: string): number {
  const n = count(value);
  if (n > MAX_SIMULATED) throw new InvalidArgumentError(`must be from 0 to ${MAX_SIMULATED}.`);
  return n;
}

/** as many blocks of Pod addresses as there are for them */
const MAX_SIMULATED = 16_384;
/** the most that one host can run */
const MAX_NODES = 50;

export function createProgram(operations: Operations, version: string, done: (code: Promise<number>) => void): Command {
  const program = new Command("cox")
    .description("Coxswain: a whole Kubernetes 1.36 cluster on this machine, with real containers")
    .version(version, "-V, --version")
    .showHelpAfterError("(see --help)")
    .enablePositionalOptions();
  const command = (parent: Command, usage: string, description: string) => {
    const added = parent.command(usage).description(description).showHelpAfterError("(see --help)");
    return added.option("--name <name>", "name of the cluster", process.env.COXSWAIN_NAME ?? "coxswain");
  };
  const withOutput = (it: Command) =>
    it.addOption(new Option("-o, --output <format>", "how to print").choices(["text", "json"]).default("text"));

  withOutput(command(program, "up", "start a cluster, installing what is missing, and apply manifests"))
    .option("-f, --file <path>", "a manifest, a folder of them, or - for standard input; may be repeated", collect, [])
    .option("--yes", "install missing host packages without asking (the default when there is no terminal)")
    .option("--no-install", "say what is missing instead of installing it")
    .option("--nodes <n>", "how many nodes the cluster is to have at least; those it has stay", nodeCount)
    .option("--node-cpu <amount>", "what each node has of this host's processors, such as 2 or 500m (all of them)")
    .option("--node-memory <amount>", "what each node has of this host's memory, such as 2Gi (all of it)")
    .option("--control-planes <n>", "how many control planes a new cluster is to have: 1, 3 or 5", planeCount)
    .option("--simulated-nodes <n>", "so many nodes besides that only pretend: they run no containers", fleetSize)
    .option("--autoscale-nodes <min:max>", "so many nodes besides, made when Pods need them", nodeRange)
    .option("--autoscale-idle <duration>", "how long one of those is idle before it goes (10m by default)", duration)
    .addOption(
      new Option("--etcd-servers <urls>", "an etcd that others look after, for a new cluster").conflicts(
        "controlPlanes",
      ),
    )
    .option("--etcd-cafile <file>", "authority of that etcd's certificates")
    .option("--etcd-certfile <file>", "certificate to show to it")
    .option("--etcd-keyfile <file>", "key of that certificate")
    .option("--etcd-prefix <prefix>", "what the keys begin with in that etcd, for several clusters in one (/registry)")
    .option("--registry-config <file>", "mirrors, TLS and credentials of image registries (k3s' registries.yaml)")
    .addOption(
      new Option("--proxy-mode <mode>", "what leads Service addresses to Pods (nftables by default)").choices([
        "nftables",
        "iptables",
      ]),
    )
    .option("--dual-stack", "a new cluster whose Pods and Services have IPv4 and IPv6 addresses")
    .option("--timeout <duration>", "how long to wait for what was applied to become ready", duration, 300_000)
    .action(({ yes, install, ...options }) => {
      done(operations.up({ ...options, install: install === false ? "no" : yes ? "yes" : "ask" }));
    });
  withOutput(command(program, "status", "show the cluster's components and nodes")).action((options) =>
    done(operations.status(options)),
  );
  command(program, "logs", "print the log of a component (all of them when none is named)")
    .argument("[component]", "containerd, server or node; or a part such as kubelet or apiserver")
    .option("--node <name>", "of this node instead of the first")
    .option("-f, --follow", "go on as it grows", false)
    .option("--tail <lines>", "how many last lines", count, 100)
    .action((component, options) => done(operations.logs(component, options)));
  command(program, "kubeconfig", "print a kubeconfig for the cluster").action((options) =>
    done(operations.kubeconfig(options)),
  );
  command(program, "kubectl", "run kubectl against the cluster; options of cox come before the first word")
    .argument("[args...]", "passed to kubectl as they are")
    .passThroughOptions()
    .allowUnknownOption()
    .helpOption("--cox-help", "show this help")
    .action((args, options) => done(operations.kubectl(args, options)));

  const image = program.command("image").description("images in the cluster's container runtime");
  withOutput(command(image, "load", "load image archives (OCI layout or docker save, gzip or not)"))
    .argument("<files...>")
    .action((files, options) => done(operations.imageLoad(files, options)));
  withOutput(command(image, "list", "list the images"))
    .alias("ls")
    .action((options) => done(operations.imageList(options)));
  withOutput(command(image, "build", "build an image from a folder and load it, without Docker"))
    .option("--root <folder>", "the image's file system")
    .option("--entrypoint <command>", "words, or a JSON array", words, [])
    .option("--cmd <arguments>", "words, or a JSON array", words, [])
    .option("--env <NAME=value>", "may be repeated", collect, [])
    .option("--workdir <path>", "where the process starts")
    .option("--user <user>", "uid[:gid] or a name that the image knows")
    .option("--label <NAME=value>", "may be repeated", collect, [])
    .option("-t, --tag <name>", "the image's name; may be repeated", collect, [])
    .option("-f, --file <file>", "an image description instead of the options above (docs/images.md)")
    .option("--out <tar>", "write an OCI archive instead of loading it into the cluster")
    .action((options) => done(operations.imageBuild(options)));

  const node = program.command("node").description("the nodes of the cluster on this host, besides the first");
  withOutput(command(node, "add", "add nodes, each on a machine of its own (namespaces of this host)"))
    .argument("[names...]", "names of the nodes; node-2, node-3, … when left out")
    .option("--count <n>", "how many nodes to add", nodeCount)
    .option("--label <key=value>", "a label of the nodes; may be repeated", collect, [])
    .option("--node-cpu <amount>", "what each has of this host's processors, such as 2 or 500m (as the others have)")
    .option("--node-memory <amount>", "what each has of this host's memory, such as 2Gi (as the others have)")
    .action((names, options) => done(operations.nodeAdd(names, options)));
  withOutput(command(node, "remove", "end the nodes' Pods, and take the nodes away with all they had"))
    .argument("<names...>")
    .option("--grace <duration>", "how long Pods may take to end by themselves", duration, 30_000)
    .action((names, options) => done(operations.nodeRemove(names, options)));
  withOutput(command(node, "stop", "cut the nodes' power: containers and agents end at once"))
    .argument("<names...>")
    .option("--grace <duration>", "stop containers in order first, each with so long to end by itself", duration)
    .action((names, options) => done(operations.nodeStop(names, options)));
  withOutput(command(node, "start", "start stopped nodes"))
    .argument("<names...>")
    .action((names, options) => done(operations.nodeStart(names, options)));
  withOutput(command(node, "disconnect", "cut the nodes off from the network; all on them goes on"))
    .argument("<names...>")
    .action((names, options) => done(operations.nodeConnect(names, false, options)));
  withOutput(command(node, "connect", "give disconnected nodes their network back"))
    .argument("<names...>")
    .action((names, options) => done(operations.nodeConnect(names, true, options)));
  withOutput(command(node, "list", "list the nodes"))
    .alias("ls")
    .action((options) => done(operations.nodeList(options)));

  const etcd = program.command("etcd").description("the store of a cluster with several control planes");
  withOutput(command(etcd, "snapshot", "write all that the store holds to a file"))
    .argument("<file>")
    .action((file, options) => done(operations.etcdSnapshot(file, options)));
  withOutput(command(etcd, "restore", "go back to a snapshot; what was written since is lost"))
    .argument("<file>")
    .action((file, options) => done(operations.etcdRestore(file, options)));
  withOutput(command(etcd, "defrag", "give back unused room, and let a store that was full take writes again")).action(
    (options) => done(operations.etcdDefragment(options)),
  );
  withOutput(command(etcd, "migrate", "move a cluster with an embedded store to etcd and several control planes"))
    .option("--control-planes <n>", "how many: 3 or 5", planeCount, 3)
    .action((options) => done(operations.etcdMigrate(options)));
  const member = etcd.command("member").description("the members of the store");
  withOutput(command(member, "list", "list the members, each by its own account"))
    .alias("ls")
    .action((options) => done(operations.etcdMemberList(options)));
  withOutput(command(member, "replace", "take a member out with all it had, and put a new one in its place"))
    .argument("<member>", "such as control-plane-2")
    .action((name, options) => done(operations.etcdMemberReplace(name, options)));
  const token = program.command("token").description("tokens with which other machines join the cluster");
  withOutput(command(token, "create", "make a token, and show the command that joins with it"))
    .option("--ttl <duration>", "how long it can be used; 0 for ever", duration, 86_400_000)
    .option("--description <text>", "what it is for", "")
    .action((options) => done(operations.tokenCreate(options)));
  withOutput(command(token, "list", "list the tokens, without their secret halves"))
    .alias("ls")
    .action((options) => done(operations.tokenList(options)));
  withOutput(command(token, "delete", "delete tokens, each named by what is before the dot"))
    .argument("<tokens...>")
    .action((tokens, options) => done(operations.tokenDelete(tokens, options)));
  withOutput(program.command("join"))
    .description("make this machine a node of a cluster elsewhere (cox token create shows how)")
    .showHelpAfterError("(see --help)")
    .argument("<server>", "the API server: host, host:port or https://host:port")
    .requiredOption("--token <token>", "a bootstrap token of the cluster")
    .option("--ca-cert-hash <hash>", "what the cluster's authority must hash to, as sha256:…")
    .option("--name <name>", "what to call the cluster on this machine (default: as it is called there)")
    .option("--node-name <name>", "the node's name (default: this machine's)")
    .option("--node-ip <address>", "the address by which the cluster reaches this machine")
    .option("--label <key=value>", "a label of the node; may be repeated", collect, [])
    .option("--no-install", "say what is missing on this machine instead of installing it")
    .action((server, options) => done(operations.join(server, options)));

  withOutput(command(program, "stop", "stop the cluster; its data stays"))
    .option("--grace <duration>", "how long containers may take to end by themselves", duration, 10_000)
    .action((options) => done(operations.stop(options)));
  withOutput(command(program, "start", "start a stopped cluster")).action((options) => done(operations.start(options)));
  withOutput(command(program, "down", "remove the cluster and all its data"))
    .option("--all", "all clusters of this machine", false)
    .action((options) => done(operations.down(options)));

  // these never come here (cmd/cox.ts runs them at once); they are listed for --help
  for (const [name, description] of Object.entries(PROCESS_COMMANDS))
    program.command(name).description(`run ${description}`);
  return program;
}
