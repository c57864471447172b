import assert from "node:assert/strict";
import { test } from "node:test";
import { Node, Pod } from "../api/core/v1/index.ts";
import { normalize } from "../apimachinery/decode.ts";
import { type Random, seededRandom } from "../util/random.ts";
import { decide } from "./cycle.ts";
import { defaultProfile, fakeCluster } from "./fakeCluster.ts";
import { LikePods } from "./likePods.ts";
import { NodeTable } from "./nodeTable.ts";
import { Nominations } from "./nominations.ts";
import { factsOf } from "./podFacts.ts";

function node(name: string, cpu: string): Node {
  const status = { allocatable: { cpu, memory: "4Gi", pods: "6" } };
  return normalize(Node.schema, { apiVersion: "v1", kind: "Node", metadata: { name }, spec: {}, status }) as Node;
}

function pod(name: string, requests: object): Pod {
  const spec = { containers: [{ name: "main", image: "app", resources: { requests } }] };
  return normalize(Pod.schema, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "default" },
    spec,
  }) as Pod;
}

const SORTS = [{ cpu: "100m" }, { cpu: "900m", memory: "64Mi" }, { memory: "2Gi" }, {}, { "example.test/gpu": "1" }];
const any = <T>(random: Random, from: readonly T[]): T => from[Math.floor(random.next() * from.length)]!;

function change(random: Random, table: NodeTable, placed: string[]): void {
  const name = `node-${Math.floor(random.next() * 12)}`;
  const what = random.next();
  if (what < 0.3 && placed.length > 0) table.removePod(placed.shift()!);
  else if (what < 0.4) table.removeNode(name);
  else if (what < 0.7) table.setNode(node(name, any(random, ["1", "2", "4"])));
}

test("what is remembered changes no decision, whatever happens to nodes and Pods", () => {
  const random = seededRandom(7);
  const table = new NodeTable();
  const cluster = fakeCluster(table);
  const placed: string[] = [];
  const remembering = defaultProfile();
  const forgetful = { ...remembering, likePods: undefined };
  const nominations = new Nominations();
  for (let i = 0; i < 12; i++) table.setNode(node(`node-${i}`, "2"));
  let start = 0;
  for (let i = 0; i < 2000; i++) {
    change(random, table, placed);
    const each = pod(`pod-${i}`, any(random, SORTS));
    const input = { pod: factsOf(each), cluster, nominations, start };
    const expected = decide({ ...input, profile: forgetful, random: seededRandom(i) });
    const decision = decide({ ...input, profile: remembering, random: seededRandom(i) });
    assert.deepEqual(decision, expected);
    start = decision.next;
    if (!("nodeName" in decision)) continue;
    table.placePod(each, decision.nodeName);
    placed.push(`default/pod-${i}`);
  }
});

test("a node is asked again only after its row changed", () => {
  const remembered = new LikePods().of(factsOf(pod("a", { cpu: "1" })));
  let asked = 0;
  const ask = () => ++asked;
  assert.equal(remembered.sumAt(100, 1, ask), 1);
  assert.equal(remembered.sumAt(100, 1, ask), 1);
  assert.equal(remembered.sumAt(100, 2, ask), 2);
});

test("Pods that request the same share one memory; of many sorts, the oldest is forgotten", () => {
  const like = new LikePods();
  const of = (name: string, cpu: string) => like.of(factsOf(pod(name, { cpu })));
  const first = of("a", "1m");
  assert.equal(of("b", "1m"), first);
  for (let i = 2; i < 33; i++) of("c", `${i}m`);
  assert.equal(of("d", "1m"), first);
  for (let i = 33; i < 100; i++) of("e", `${i}m`);
  assert.notEqual(of("f", "1m"), first);
});
