import assert from "node:assert/strict";
import { test } from "node:test";
import { Job } from "../../api/batch/v1/index.ts";
import type { Pod } from "../../api/core/v1/index.ts";
import { serviceUnavailable } from "../../apimachinery/errors.ts";
import { type Client, createInformers } from "../../client/index.ts";
import { job, testCluster } from "../../testing/index.ts";
import { silentLogger } from "../../util/logger.ts";
import { seededRandom } from "../../util/random.ts";
import { jobController } from "./controller.ts";

const WRITES = ["create", "patch", "update", "updateStatus", "delete"];

/** A client that dies with its controller after so many writes, in the middle of whatever that is doing. */
function mortal(client: Client, writes: number, die: () => void): Client {
  let left = writes;
  const guard = (act: (...args: unknown[]) => Promise<unknown>) => {
    return async (...args: unknown[]) => {
      if (left <= 0) throw serviceUnavailable("dead");
      left--;
      const result = await act(...args);
      if (left === 0) die();
      return result;
    };
  };
  return new Proxy(client, {
    get(target, name) {
      const act = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
      if (typeof act !== "function") return act;
      return WRITES.includes(String(name)) ? guard(act.bind(target)) : act.bind(target);
    },
  });
}

for (const completionMode of ["NonIndexed", "Indexed"]) {
  test(`counts each Pod of a ${completionMode} Job once, however often its controller dies`, async (t) => {
    // every other Pod fails
    let made = 0;
    const codes = new Map<string, number>();
    const code = (pod: Pod) => {
      const uid = pod.metadata.uid!;
      if (!codes.has(uid)) codes.set(uid, made++ % 2);
      return codes.get(uid)!;
    };
    const cluster = await testCluster(t, {
      nodes: ["a"],
      controllers: ["serviceaccount", "garbage-collector", "node", "cidrAllocator"],
      behaviour: (pod) => ({ exitAfter: 1000, exitCode: code(pod) }),
    });
    await cluster.create(job("j", { spec: { completionMode, parallelism: 4, completions: 8, backoffLimit: 100 } }));
    for (let life = 1; life < 400; life++) {
      const end = new AbortController();
      const client = mortal(cluster.client, 1 + (life % 7), () => end.abort(new Error("killed")));
      const { clock } = cluster;
      const common = { clock, random: seededRandom(life), logger: silentLogger };
      const informers = createInformers(cluster.client, common);
      const events = { event() {}, flush: async () => {} };
      const runs = Promise.all([
        informers.run(end.signal),
        jobController.run({ ...common, client, informers, events }, end.signal),
      ]);
      await cluster.advance(life % 3 === 0 ? "20s" : "1s");
      end.abort(new Error("killed"));
      await runs.catch(() => {}); // killed
      const { status } = await cluster.get(Job, "j");
      if (status.conditions?.some(({ type }) => type === "Complete")) break;
    }
    const { status } = await cluster.get(Job, "j");
    const ended = (phase: string) => cluster.pods("j").filter((pod) => pod.status.phase === phase).length;
    assert.deepEqual([status.succeeded, status.failed], [8, ended("Failed")]);
    assert.equal(ended("Succeeded"), 8);
    assert.ok(status.conditions?.some(({ type, status }) => type === "Complete" && status === "True"));
    assert.ok(codes.size >= 15);
  });
}
