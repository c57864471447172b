import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { loadKubeconfig } from "../../../src/client/index.ts";
import { NO_ETCD } from "../../../src/store/etcd/privateEtcd.ts";
import { Faults } from "../../chaos/faults.ts";
import { Load } from "../../chaos/load.ts";
import { ROUNDS, round } from "../../chaos/trouble.ts";
import { checkHistory } from "../../linearizability/checker.ts";
import { cannotRun, RealCluster, until } from "../realCluster.ts";

const skip = NO_ETCD || (await cannotRun());
/** COXSWAIN_CHAOS_ROUNDS=30 for the whole of it. */
const COUNT = Number(process.env.COXSWAIN_CHAOS_ROUNDS ?? 8);
const RESUMED_WITHIN = 10_000;
const CLIENTS = 6;

describe("three control planes under constant writes", { skip }, () => {
  let cluster: RealCluster;
  let faults: Faults;
  let load: Load;
  before(async () => {
    cluster = await RealCluster.prepare("planes");
    await cluster.coxOk("up", "--control-planes", "3");
    faults = await Faults.of(cluster);
    load = new Load(await loadKubeconfig(String(cluster.env.KUBECONFIG)), CLIENTS);
    await load.start(faults.machines.map((machine) => faults.serverOf(machine)));
  });
  after(async () => {
    await load?.stopWriting();
    await load?.stopWatching();
    faults?.close();
    await cluster?.remove();
  });

  test("writes resume, whatever is killed, stopped or cut off", { timeout: 60_000 * COUNT }, async (t) => {
    for (let i = 0; i < COUNT; i++) {
      const trouble = ROUNDS[i % ROUNDS.length]!;
      const what = `${trouble.victim} ${trouble.harm}`;
      const waited = await round(faults, load, trouble, i);
      t.diagnostic(`round ${i + 1}, ${what}: the last client wrote again after ${(waited / 1000).toFixed(1)} s`);
      assert.ok(waited < RESUMED_WITHIN, `${what}: ${waited} ms`);
    }
  });

  test("controllers act after all that", { timeout: 90_000 }, async () => {
    await cluster.kubectl("create", "namespace", "afterwards");
    await until(
      "the namespace gets its account",
      async () => (await cluster.tryKubectl("get", "serviceaccount", "default", "-n", "afterwards")).code === 0,
    );
  });

  test("nothing acknowledged is lost", async (t) => {
    await load.stopWriting();
    t.diagnostic(`${load.successes.length} writes acknowledged, ${load.unknown} calls of unknown outcome`);
    assert.deepEqual(await load.lost(), []);
    assert.ok(load.created.size > 50);
  });

  test("watches of every server have seen every change once, in order", async (t) => {
    const steps = await load.steps();
    const behind = () =>
      load.watches.flatMap(({ name, steps: seen, revision, resumed }) =>
        [...steps]
          .filter(([register, step]) => seen.get(register)?.at(-1) !== step)
          .map(
            ([register, step]) =>
              `${name} at ${revision}, resumed ${resumed}: ${register} ${seen.get(register)?.at(-1)} of ${step}`,
          ),
      );
    await until("all watches have caught up", async () => behind().length === 0).catch((error: Error) => {
      throw new Error(`${error.message}: ${behind().join("; ")}`);
    });
    for (const { name, steps: seen, resumed, relisted } of load.watches) {
      t.diagnostic(`${name}: resumed ${resumed} times`);
      assert.equal(relisted, 0, `${name} could always go on from where it was`);
      for (const [register, step] of steps) {
        assert.deepEqual(
          seen.get(register),
          Array.from({ length: step }, (_, i) => i + 1),
          `${name}: ${register}`,
        );
      }
    }
  });

  test("what clients were told could have come from one copy", (t) => {
    const operations = [...load.history.values()].reduce((sum, one) => sum + one.length, 0);
    t.diagnostic(`${operations} operations on ${load.history.size} registers`);
    for (const [name, verdict] of checkHistory(load.history)) {
      assert.ok(verdict.linearizable, `${name}: ${JSON.stringify(verdict)}`);
    }
  });
});
