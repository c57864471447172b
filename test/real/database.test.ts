/**
 * Three replicas of a real database (Redis from Debian's packages) as a StatefulSet with claims on three nodes: its
 * data survives deleted Pods, a killed node, `cox stop` and `cox start`, and a rolling update, and a client finds the
 * primary through a Service.
 */
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { PersistentVolumeClaim, Pod } from "../../src/api/core/v1/index.ts";
import { cannotRun, RealCluster, until } from "./realCluster.ts";

const EXAMPLE = fileURLToPath(new URL("../../examples/redis", import.meta.url));
const PODS = ["redis-0", "redis-1", "redis-2"];
const KEYS = 100;

/** The database as a client inside the cluster sees it. */
class Redis {
  readonly #cluster: RealCluster;
  constructor(cluster: RealCluster) {
    this.#cluster = cluster;
  }
  /** `redis-cli` in one of the Pods; undefined when that fails, as it may while servers come and go. */
  async try(pod: string, ...args: string[]): Promise<string | undefined> {
    const command = ["exec", pod, "-c", "server", "--", "timeout", "5", "redis-cli", ...args];
    const { code, stdout } = await this.#cluster.tryKubectl("--request-timeout=10s", ...command);
    return code === 0 ? stdout.trim() : undefined;
  }
  /** The primary, as the sentinels behind their Service say; asked from any Pod that answers. */
  async primary(): Promise<string | undefined> {
    const ask = ["-h", "redis-sentinel", "-p", "26379", "sentinel", "get-master-addr-by-name", "main"];
    for (const pod of PODS) {
      const name = (await this.try(pod, ...ask))?.split("\n")[0];
      if (name?.endsWith(".redis")) return name.slice(0, -".redis".length);
    }
    return undefined;
  }
  /**
   * Whether every sentinel has it so, and none is still at making it so: one that loses the new primary in the middle
   * of that waits for it for ever.
   */
  async agreed(primary: string): Promise<boolean> {
    const told = await Promise.all(PODS.map((pod) => this.try(pod, "-p", "26379", "sentinel", "master", "main")));
    return told.every((text) => {
      const facts = text?.split("\n") ?? [];
      const fact = (name: string) => facts[facts.indexOf(name) + 1];
      return fact("ip") === `${primary}.redis` && fact("flags") === "master";
    });
  }
  /** Writes a hundred keys to the primary; done when so many others have confirmed them. */
  async write(prefix: string, copies: number): Promise<void> {
    const set = "for i=1,ARGV[1] do redis.call('set', KEYS[1]..':'..i, 'value '..i) end return 1";
    const commands = [`eval "${set}" 1 "${prefix}" ${KEYS}`, `wait ${copies} 4000`];
    const script = `printf '%s\\n' "$@" | timeout 8 redis-cli`;
    await until(
      `writing ${prefix}`,
      async () => {
        const primary = await this.primary();
        if (primary === undefined) return false;
        const command = ["exec", primary, "-c", "server", "--", "sh", "-c", script, "sh", ...commands];
        const { code, stdout } = await this.#cluster.tryKubectl("--request-timeout=15s", ...command);
        return code === 0 && Number(stdout.trim().split("\n").at(-1)) >= copies;
      },
      120_000,
    );
  }
  /** Whether a server has all that was written under these names. */
  async has(pod: string, prefixes: readonly string[]): Promise<boolean> {
    const script =
      "local n=0 for i=1,ARGV[1] do if redis.call('get', KEYS[1]..':'..i) == 'value '..i then n=n+1 end end return n";
    for (const prefix of prefixes) {
      if ((await this.try(pod, "eval_ro", script, "1", prefix, String(KEYS))) !== String(KEYS)) return false;
    }
    return true;
  }
}

const pods = async (cluster: RealCluster) =>
  (await cluster.json<{ items: Pod[] }>("get", "pods", "-l", "app=redis")).items;

const isReady = ({ metadata, status }: Pod) =>
  !metadata.deletionTimestamp && status.conditions?.some(({ type, status }) => type === "Ready" && status === "True");

/** All three are ready, none of them one of those that were before. */
function ready(cluster: RealCluster, before: readonly Pod[] = []): Promise<Pod[]> {
  const old = new Set(before.map(({ metadata }) => metadata.uid));
  return until(
    "three ready servers",
    async () => {
      const now = await pods(cluster).catch(() => []);
      const good = now.filter((pod) => isReady(pod) && !old.has(pod.metadata.uid));
      return good.length === 3 ? good : false;
    },
    240_000,
  );
}

const places = (now: readonly Pod[]) =>
  Object.fromEntries(now.map(({ metadata, spec }) => [metadata.name, spec.nodeName]));

test("a database keeps its data through all that happens to Pods and nodes", { skip: await cannotRun() }, async (t) => {
  const cluster = await RealCluster.prepare("db");
  t.after(() => cluster.remove());
  const redis = new Redis(cluster);
  const written: string[] = [];
  const write = async (prefix: string, copies = 2) => {
    await redis.write(prefix, copies);
    written.push(prefix);
  };
  const allHaveAll = (names = PODS) =>
    until(
      `${written} on ${names}`,
      async () => (await Promise.all(names.map((pod) => redis.has(pod, written)))).every(Boolean),
      120_000,
    );
  let folders: string[] = [];

  await t.test("three servers on three nodes, each with a claim of its own", async () => {
    await cluster.coxOk("up", "--nodes", "3", "-f", EXAMPLE);
    const now = await ready(cluster);
    assert.equal(new Set(Object.values(places(now))).size, 3);
    const claims = await cluster.json<{ items: PersistentVolumeClaim[] }>("get", "pvc");
    assert.deepEqual(
      claims.items.map(({ metadata }) => metadata.name).sort(),
      PODS.map((name) => `data-${name}`),
    );
    assert.ok(claims.items.every(({ status }) => status.phase === "Bound"));
    folders = (await cluster.json<{ items: { spec: { local: { path: string } } }[] }>("get", "pv")).items.map(
      ({ spec }) => spec.local.path,
    );
    assert.ok(folders.every((path) => existsSync(path)));
    await write("first");
    await allHaveAll();
  });

  await t.test("deleted Pods come back to their data, on their nodes", async () => {
    const before = await pods(cluster);
    await cluster.kubectl("delete", "pod", "-l", "app=redis", "--wait=false");
    const now = await ready(cluster, before);
    assert.deepEqual(places(now), places(before));
    await allHaveAll();
    await write("after deletion");
  });

  await t.test("the node of the primary is killed: another takes over, and nothing is lost", async () => {
    const where = places(await pods(cluster));
    const host = (await cluster.json<{ items: { metadata: { name: string } }[] }>("get", "nodes")).items
      .map(({ metadata }) => metadata.name)
      .find((name) => !name.startsWith("node-"));
    const victim = await until(
      "a primary on a machine of its own",
      async () => {
        const primary = await redis.primary();
        if (primary === undefined) return false;
        if (where[primary] !== host) return (await redis.agreed(primary)) && primary;
        await redis.try(primary, "-p", "26379", "sentinel", "failover", "main");
        return false;
      },
      90_000,
    );
    await cluster.coxOk("node", "stop", where[victim]!);
    const heir = await until(
      "a new primary",
      async () => {
        const primary = await redis.primary();
        return primary !== undefined && primary !== victim ? primary : false;
      },
      120_000,
    );
    assert.ok(await redis.has(heir, written), "the new primary has what was confirmed");
    await write("after the kill", 1);
    await cluster.coxOk("node", "start", where[victim]!);
    await ready(cluster);
    await allHaveAll();
  });

  await t.test("the whole cluster is stopped and started", async () => {
    await cluster.coxOk("stop");
    await cluster.coxOk("start");
    await ready(cluster);
    await allHaveAll();
    await write("after the pause");
  });

  await t.test("a rolling update replaces one server at a time", async () => {
    const before = await pods(cluster);
    await cluster.kubectl("set", "env", "statefulset/redis", "VERSION=2");
    await cluster.kubectl("rollout", "status", "statefulset/redis", "--timeout=240s");
    const now = await ready(cluster, before);
    assert.ok(now.every(({ spec }) => spec.containers[0]!.env?.some(({ name }) => name === "VERSION")));
    assert.deepEqual(places(now), places(before));
    await write("after the update");
    await allHaveAll();
  });

  await t.test("claims outlive the StatefulSet; deleted, their folders go with them", async () => {
    await cluster.kubectl("delete", "statefulset", "redis");
    assert.equal((await cluster.json<{ items: unknown[] }>("get", "pvc")).items.length, 3);
    assert.ok(folders.every((path) => existsSync(path)));
    await cluster.kubectl("delete", "pvc", "--all");
    await until("no volumes", async () => (await cluster.json<{ items: unknown[] }>("get", "pv")).items.length === 0);
    assert.deepEqual(
      folders.filter((path) => existsSync(path)),
      [],
    );
  });

  await t.test("down leaves nothing behind", async () => {
    await cluster.coxOk("down");
    assert.equal((await readFile("/proc/self/mountinfo", "utf8")).includes(`/coxswain/${cluster.name}/`), false);
    assert.equal(existsSync(join("/var/lib/coxswain", cluster.name)), false);
  });
});
