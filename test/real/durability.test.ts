import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { ConfigMap } from "../../src/api/core/v1/index.ts";
import { createClient, httpsTransport, loadKubeconfig } from "../../src/client/index.ts";
import { realClock } from "../../src/util/clock.ts";
import { cannotRun, RealCluster, until } from "./realCluster.ts";

const skip = await cannotRun();
const ROUNDS = 50;
const WRITERS = 4;

describe("SIGKILL of the control plane under write load", { skip }, () => {
  let cluster: RealCluster;
  before(async () => {
    cluster = await RealCluster.prepare("kill");
    await cluster.coxOk("up");
  });
  after(() => cluster?.remove());

  test(`loses no acknowledged write in ${ROUNDS} rounds`, { timeout: 400_000 }, async (t) => {
    const access = await loadKubeconfig(String(cluster.env.KUBECONFIG));
    const transport = httpsTransport(access);
    const client = createClient(transport);
    t.after(() => transport.close());
    const acknowledged = new Map<string, string>();
    let going = true;
    t.after(() => {
      going = false;
    });
    const writer = async (number: number) => {
      for (let i = 0; going; i++) {
        const name = `w${number}-${i}`;
        try {
          const written = await client.create(ConfigMap, {
            apiVersion: "v1",
            kind: "ConfigMap",
            metadata: { name, namespace: "default" },
            data: { value: String(i) },
          });
          acknowledged.set(name, written.metadata.uid ?? "");
        } catch {
          await realClock.sleep(20); // not acknowledged: it may be there or not
        }
      }
    };
    const writing = Array.from({ length: WRITERS }, (_, number) => writer(number));

    let { pid } = await cluster.component("server");
    for (let round = 1; round <= ROUNDS; round++) {
      const before = acknowledged.size;
      await until("writes go on", async () => acknowledged.size >= before + 20);
      // one that is killed just after its start would be started again ever later
      await until("it has run a while", async () => (await cluster.component("server")).seconds >= 2);
      process.kill(pid, "SIGKILL");
      pid = await until("it runs again", async () => {
        const now = await cluster.component("server").catch(() => undefined);
        return now && now.pid !== pid && now.pid;
      });
    }
    going = false;
    await Promise.all(writing);
    const found = await until("it answers", async () => (await client.list(ConfigMap, { namespace: "default" })).items);
    const uids = new Map(found.map((object) => [object.metadata.name, object.metadata.uid]));
    const lost = [...acknowledged].filter(([name, uid]) => uids.get(name) !== uid);
    assert.deepEqual(lost, []);
    assert.ok(acknowledged.size >= ROUNDS * 20);
  });
});
