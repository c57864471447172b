import assert from "node:assert/strict";
import { test } from "node:test";
import { ClusterRole, type PolicyRule } from "../../api/rbac/v1/index.ts";
import { testCluster } from "../../testing/index.ts";

const rule = (resource: string): PolicyRule => ({ apiGroups: ["example.com"], resources: [resource], verbs: ["get"] });
const part = (name: string, resource: string): ClusterRole => ({
  apiVersion: ClusterRole.apiVersion,
  kind: ClusterRole.kind,
  metadata: { name, labels: { "example.com/part": "true" } },
  rules: [rule(resource)],
});

test("an aggregated role has the rules of the roles it selects, as they come and go", async (t) => {
  const cluster = await testCluster(t);
  const selectors = [{ matchLabels: { "example.com/part": "true" } }];
  await cluster.create<ClusterRole>({
    apiVersion: ClusterRole.apiVersion,
    kind: ClusterRole.kind,
    metadata: { name: "whole" },
    aggregationRule: { clusterRoleSelectors: selectors },
    rules: [],
  });
  await cluster.create(part("b", "bees"));
  await cluster.create(part("a", "ants"));
  await cluster.create(part("a-again", "ants"));
  await cluster.settle();
  const resources = async () => (await cluster.get(ClusterRole, "whole")).rules?.flatMap((r) => r.resources);
  assert.deepEqual(await resources(), ["ants", "bees"]);
  await cluster.delete(ClusterRole, "b");
  await cluster.settle();
  assert.deepEqual(await resources(), ["ants"]);
});
