import assert from "node:assert/strict";
import { test } from "node:test";
import { Node } from "../api/core/v1/index.ts";
import { EndpointSlice } from "../api/discovery/v1/index.ts";
import { isNotFound } from "../apimachinery/status.ts";
import { testCluster } from "../testing/index.ts";
import { silentLogger } from "../util/logger.ts";
import { keepRegistered } from "./registration.ts";

test("each node's DNS is for its own clients; one whose node is lost is taken out, comes back, and goes with its Node", async (t) => {
  const cluster = await testCluster(t, { nodes: ["a", "b"] });
  const ending = new AbortController();
  const common = { client: cluster.client, informers: cluster.informers, clock: cluster.clock, logger: silentLogger };
  const start = (nodeName: string, host: number, signal: AbortSignal) =>
    keepRegistered({ ...common, nodeName, nodeIP: `192.0.2.${host}`, port: 10053 }, signal);
  const endingA = new AbortController();
  const running = [start("a", 1, endingA.signal), start("b", 2, ending.signal)];
  t.after(async () => {
    endingA.abort();
    ending.abort();
    await Promise.all(running);
  });
  const endpoint = async (node: string) =>
    (await cluster.get(EndpointSlice, `kube-dns-${node}`, "kube-system")).endpoints[0]!;
  await cluster.advance("1s");
  assert.deepEqual((await endpoint("a")).hints, { forNodes: [{ name: "a" }] });
  assert.equal((await endpoint("a")).conditions.ready, true);

  cluster.silence("a");
  await cluster.advance("2m");
  assert.equal((await endpoint("a")).conditions.ready, false);
  assert.equal((await endpoint("b")).conditions.ready, true);
  await cluster.join("a");
  await cluster.advance("1m");
  assert.equal((await endpoint("a")).conditions.ready, true);

  endingA.abort();
  cluster.silence("a");
  await cluster.delete(Node, "a");
  await cluster.advance("1m");
  await assert.rejects(endpoint("a"), isNotFound);
});
