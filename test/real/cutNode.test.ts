/** A node that is cut off from the network, while all on it goes on: who takes over, and who must not. */
import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { container, type Json, PodCluster } from "./podFixture.ts";
import { cannotRun, type RealCluster, until } from "./realCluster.ts";

const skip = await cannotRun();
const CUT = "node-2";

/** Says five times a second, in a file that all nodes share, that this Pod lives. */
const BEAT = `
  trap 'exit 0' TERM
  while :; do echo "$NAME $ID $(cut -d' ' -f1 /proc/uptime)" >> /beats/log; sleep 0.2 & wait $!; done`;

const fromPod = (name: string, fieldPath: string): Json => ({ name, valueFrom: { fieldRef: { fieldPath } } });

/** A Pod is given five seconds on a node that is lost, instead of five minutes. */
const TOLERATIONS = ["not-ready", "unreachable"].map((key) => ({
  key: `node.kubernetes.io/${key}`,
  operator: "Exists",
  effect: "NoExecute",
  tolerationSeconds: 5,
}));

interface Found {
  name: string;
  uid: string;
  node: string;
  ready: boolean;
  leaving: boolean;
}

describe("a node is cut off", { skip }, () => {
  let cluster: RealCluster;
  let pods: PodCluster;
  let beats: string;
  before(async () => {
    pods = await PodCluster.start("cut", "--nodes", "2");
    cluster = pods.cluster;
    beats = join(cluster.scratch, "beats");
    await mkdir(beats);
  });
  after(() => pods?.remove());

  const workload = (kind: string, name: string, replicas: number, more: Json = {}): Json => ({
    apiVersion: "apps/v1",
    kind,
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          terminationGracePeriodSeconds: 1,
          tolerations: TOLERATIONS,
          topologySpreadConstraints: [
            {
              maxSkew: 1,
              topologyKey: "kubernetes.io/hostname",
              whenUnsatisfiable: "ScheduleAnyway",
              labelSelector: { matchLabels: { app: name } },
            },
          ],
          containers: [
            container(BEAT, {
              env: [fromPod("NAME", "metadata.name"), fromPod("ID", "metadata.uid")],
              volumeMounts: [{ name: "beats", mountPath: "/beats" }],
            }),
          ],
          volumes: [{ name: "beats", hostPath: { path: beats } }],
        },
      },
      ...more,
    },
  });
  const found = async (app: string): Promise<Found[]> => {
    const { items } = await cluster.json<{ items: Json[] }>("get", "pods", "-l", `app=${app}`);
    return items.map((item) => {
      const { metadata, spec, status } = item as { metadata: Json; spec: Json; status: Json };
      const conditions = (status.conditions ?? []) as { type: string; status: string }[];
      return {
        name: metadata.name as string,
        uid: metadata.uid as string,
        node: spec.nodeName as string,
        ready: conditions.some((c) => c.type === "Ready" && c.status === "True"),
        leaving: metadata.deletionTimestamp !== undefined,
      };
    });
  };
  const serving = async (app: string) => (await found(app)).filter(({ ready, leaving }) => ready && !leaving);

  /** When each life of a name began and ended, in seconds since the machine started. */
  const lives = async (name: string): Promise<{ id: string; from: number; to: number }[]> => {
    const spans = new Map<string, { from: number; to: number }>();
    for (const line of (await readFile(join(beats, "log"), "utf8")).split("\n")) {
      const [who, id = "", at] = line.split(" ");
      if (who !== name) continue;
      const time = Number(at);
      const span = spans.get(id) ?? { from: time, to: time };
      spans.set(id, { from: Math.min(span.from, time), to: Math.max(span.to, time) });
    }
    return [...spans].map(([id, span]) => ({ id, ...span })).sort((a, b) => a.from - b.from);
  };

  test("its Pods run elsewhere; an identity is never twice alive; on its return it is cleaned up", async () => {
    const list = [workload("Deployment", "web", 2), workload("StatefulSet", "db", 2, { serviceName: "db" })];
    await cluster.kubectlInput(JSON.stringify({ apiVersion: "v1", kind: "List", items: list }), "apply", "-f", "-");
    const settled = await until("all Pods run, one of each on either node", async () => {
      const all = [...(await serving("web")), ...(await serving("db"))];
      return all.length === 4 && all.filter(({ node }) => node === CUT).length === 2 && all;
    });
    const stranded = settled.filter(({ node }) => node === CUT);
    const member = stranded.find(({ name }) => name.startsWith("db-"))!;

    await cluster.coxOk("node", "disconnect", CUT);
    const elsewhere = await until(
      "the Deployment's Pods run elsewhere",
      async () => {
        const there = await serving("web");
        return there.length === 2 && there.every(({ node }) => node !== CUT) && there;
      },
      120_000,
    );
    assert.ok(elsewhere.every(({ uid }) => !stranded.some((pod) => pod.uid === uid)));
    // The member is to go. But nobody can say that it has, and it has not: it goes on beating.
    const still = (await found("db")).find(({ name }) => name === member.name);
    assert.deepEqual([still?.uid, still?.leaving], [member.uid, true]);
    const before = (await lives(member.name)).at(-1)!;
    const later = await until("the member is heard of again", async () => {
      const now = (await lives(member.name)).at(-1)!;
      return now.to > before.to && now;
    });
    assert.equal(later.id, member.uid);

    await cluster.coxOk("node", "connect", CUT);
    const replaced = await until(
      "the member is replaced",
      async () => (await serving("db")).find(({ name, uid }) => name === member.name && uid !== member.uid),
      120_000,
    );
    await until("nothing of the old remains", async () => {
      const all = [...(await found("web")), ...(await found("db"))];
      return !all.some(({ uid }) => stranded.some((pod) => pod.uid === uid));
    });
    const [first, second, ...others] = await until("the new member beats", async () => {
      const all = await lives(member.name);
      return all.length > 1 && all;
    });
    assert.deepEqual([first?.id, second?.id, others], [member.uid, replaced.uid, []]);
    assert.ok(first!.to < second!.from, `${member.name} lived twice: until ${first!.to} and from ${second!.from}`);
    // What was replaced elsewhere has ended on its node, too.
    const ended = stranded.find(({ name }) => name.startsWith("web-"))!;
    const last = (await lives(ended.name)).at(-1)!.to;
    await until("the new member has gone on for longer", async () => (await lives(member.name)).at(-1)!.to > last + 2);
    assert.equal((await lives(ended.name)).at(-1)!.to, last);
  });
});
