import assert from "node:assert/strict";
import { readdir, readFile, readlink, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { cannotRun, get, RealCluster, ran, until } from "../realCluster.ts";

const skip = await cannotRun();
/** how the names of this test's clusters begin */
const OWN = `${process.env.COXSWAIN_TEST_PREFIX ?? ""}life`;

/** All that a cluster could leave on a machine. */
async function machine() {
  const lines = async (program: string, ...args: string[]) =>
    (await ran(program, args, process.env)).stdout.split("\n").sort();
  const processes: string[] = [];
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    const command = (await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " ");
    const cgroup = await readFile(`/proc/${pid}/cgroup`, "utf8").catch(() => "");
    // a zombie has no command line; whoever is its parent has yet to notice
    if (command !== "" && new RegExp(`coxswain[-/]${OWN}`).test(command + cgroup)) processes.push(command);
  }
  const cgroups: string[] = [];
  for (const controller of await readdir("/sys/fs/cgroup")) {
    for (const name of await readdir(join("/sys/fs/cgroup", controller)).catch(() => [])) {
      if (name.startsWith("coxswain")) cgroups.push(`${controller}/${name}`);
    }
  }
  return {
    processes: processes.sort(),
    mounts: (await readFile("/proc/self/mountinfo", "utf8"))
      .split("\n")
      .map((line) => line.split(" ").slice(3, 5).join(" "))
      .sort(),
    networkNamespaces: await lines("ip", "netns", "list"),
    links: await links(),
    addresses: await lines("ip", "-o", "-4", "address"),
    nftables: await lines("nft", "list", "tables"),
    iptables: (await lines("iptables-save", "-t", "nat")).filter(
      (line) => line.startsWith("-A") && !/-j CNI-HOSTPORT/.test(line),
    ),
    cgroups: cgroups.sort(),
    cni: await cniResults(),
    runtime: await deadSockets(),
    state: (await readdir("/var/lib/coxswain").catch(() => [])).sort(),
    run: (await readdir("/run/coxswain").catch(() => [])).filter((name) => !name.startsWith(".")).sort(),
  };
}

/** Links by name, each with the bridge it is on. */
async function links(): Promise<string[]> {
  const names = await readdir("/sys/class/net");
  const master = (name: string) => readlink(`/sys/class/net/${name}/master`).then(basename, () => "");
  return Promise.all(names.map(async (name) => `${name} ${await master(name)}`));
}

/** Sockets of containerd's shims that nobody listens on. */
async function deadSockets(): Promise<string[]> {
  const live = await readFile("/proc/net/unix", "utf8");
  return (await readdir("/run/containerd/s").catch(() => [])).filter((name) => !live.includes(name)).sort();
}

/** Files of the CNI library, each with the one of the same Pod that names its network. */
async function cniResults(): Promise<string[]> {
  const files = await readdir("/var/lib/cni/results").catch(() => []);
  const id = (file: string) => /[0-9a-f]{64}/.exec(file)?.[0] ?? file;
  return files.map((file) => `${files.find((other) => other.includes(id(file)) && !/loopback/.test(other))} ${file}`);
}

type Machine = Awaited<ReturnType<typeof machine>>;

/** What there is now that was not there before; other clusters of the machine may come and go meanwhile. */
function added(before: Machine, now: Machine, aspects = Object.keys(before) as (keyof Machine)[]): Partial<Machine> {
  const others = [...before.state, ...now.state].filter((name) => !name.startsWith(OWN));
  const isOthers = (line: string) =>
    others.some((name) => new RegExp(`\\b(cox|coxswain)[-/]${name}\\b|^${name}$`).test(line));
  const more = aspects.map(
    (aspect) => [aspect, now[aspect].filter((line) => !before[aspect].includes(line) && !isOthers(line))] as const,
  );
  return Object.fromEntries(more.filter(([, lines]) => lines.length > 0));
}

describe("a cluster's life", { skip }, () => {
  let cluster: RealCluster;
  before(async () => {
    cluster = await RealCluster.prepare("life");
  });
  after(() => cluster?.remove());

  const answers = async () => /^Hello from Pod/.test(await get(await cluster.nodePortUrl("hello")));

  test("stop keeps the data, start brings all back, down leaves nothing", async () => {
    const before = await machine();
    const kubeconfig = join(cluster.scratch, "kubeconfig");
    const others = "apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nusers: []\n";
    await writeFile(kubeconfig, others);

    await cluster.coxOk("up", "-f", "examples/hello/");
    await until("hello answers", answers);
    await cluster.kubectl("create", "configmap", "kept", "--from-literal=a=1");
    const pods = (await cluster.pods("app=hello")).map((pod) => pod.name).sort();

    await cluster.coxOk("stop");
    const kernel = ["processes", "mounts", "links", "nftables", "iptables", "cgroups", "runtime"] as const;
    assert.deepEqual(added(before, await machine(), [...kernel]), {});
    assert.equal((await cluster.cox("status")).code, 1);

    await cluster.coxOk("start");
    assert.equal(await cluster.kubectl("get", "configmap", "kept", "-o", "jsonpath={.data.a}"), "1");
    await until("hello answers again", answers);
    await until("the same Pods are ready", async () => {
      const now = await cluster.pods("app=hello");
      return now.length === 3 && now.every((pod) => pod.ready && pods.includes(pod.name));
    });

    await cluster.coxOk("down");
    assert.deepEqual(added(before, await machine()), {});
    assert.doesNotMatch(await readFile(kubeconfig, "utf8"), /coxswain/);
    assert.match(await cluster.coxOk("down"), /There is no cluster \S*life/);
  });

  test("down works when everything was killed, and on a cluster that never came up", async () => {
    const before = await machine();
    await cluster.coxOk("up", "-f", "examples/hello/");
    const { components } = JSON.parse((await cluster.cox("status", "-o", "json")).stdout) as {
      components: { pid: number; supervisor: number }[];
    };
    for (const { supervisor } of components) process.kill(supervisor, "SIGKILL");
    for (const { pid } of components) process.kill(pid, "SIGKILL");
    await cluster.coxOk("down");
    assert.deepEqual(added(before, await machine()), {});

    const broken = await cluster.cox("up", "--registry-config", "/nonexistent.yaml");
    assert.equal(broken.code, 1);
    assert.match(broken.stderr, /--registry-config: ENOENT/);
    await cluster.coxOk("down");
    assert.deepEqual(added(before, await machine()), {});
  });

  test("two clusters run side by side and one goes without the other", async () => {
    const other = await RealCluster.prepare("life-2");
    try {
      await cluster.coxOk("up", "-f", "examples/hello/");
      await other.coxOk("up", "-f", "examples/hello/");
      for (const one of [cluster, other]) assert.match(await get(await one.nodePortUrl("hello")), /^Hello/);
      const uid = (it: RealCluster) => it.kubectl("get", "namespace", "kube-system", "-o", "jsonpath={.metadata.uid}");
      assert.notEqual(await uid(cluster), await uid(other));
    } finally {
      await other.remove();
    }
    await until("the first still answers", answers);
    await cluster.coxOk("down");
  });
});
