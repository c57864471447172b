import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { allKinds } from "../../api/index.ts";
import { compareVersions } from "./groups.ts";
import { discoveryDocuments, wantsAggregated } from "./index.ts";

const discovery = discoveryDocuments(allKinds, "10.0.0.1:6443");
const oracle = join(import.meta.dirname, "../../../../shared/upstream/discovery");
const skip = !existsSync(oracle) && "the facts about Kubernetes 1.36 are not here";
const fact = (name: string) => JSON.parse(readFileSync(join(oracle, `${name}.json`), "utf8"));

interface Resource {
  name: string;
}
interface Versions {
  versions: { version: string; resources: { resource: string }[] }[];
}

test("lists every declared resource of a group-version as Kubernetes does", { skip }, () => {
  for (const groupVersion of new Set(allKinds.map((kind) => kind.apiVersion))) {
    const ours = discovery.groupVersion(groupVersion) as { resources: Resource[] };
    const file = groupVersion.includes("/") ? `apis__${groupVersion.replace("/", "__")}` : `api__${groupVersion}`;
    const theirs = fact(file) as { resources: Resource[] };
    const plurals = new Set(ours.resources.map(({ name }) => name.split("/")[0]));
    const expected = { ...theirs, resources: theirs.resources.filter(({ name }) => plurals.has(name.split("/")[0])) };
    assert.deepEqual(ours, expected, groupVersion);
  }
});

test("lists declared resources in aggregated discovery as Kubernetes does", { skip }, () => {
  const ours = discovery.aggregatedGroups() as { items: (Versions & { metadata: { name: string } })[] };
  const theirs = fact("aggregated_v2") as typeof ours;
  for (const item of ours.items) {
    const expected = theirs.items.find(({ metadata }) => metadata.name === item.metadata.name)!;
    for (const version of item.versions) {
      const names = new Set(version.resources.map(({ resource }) => resource));
      const same = expected.versions.find((one) => one.version === version.version)!;
      const resources = same.resources.filter(({ resource }) => names.has(resource));
      assert.deepEqual(version, { ...same, resources }, `${item.metadata.name}/${version.version}`);
    }
  }
});

test("lists groups in Kubernetes' order, each with its preferred version", { skip }, () => {
  const ours = discovery.apis() as { groups: { name: string }[] };
  const theirs = fact("apis") as typeof ours;
  const names = ours.groups.map(({ name }) => name);
  assert.deepEqual(
    names,
    theirs.groups.map(({ name }) => name).filter((name) => names.includes(name)),
  );
  assert.equal(discovery.group("nothing.example.com"), undefined);
});

test("prefers stable versions, then newer ones", () => {
  const sorted = ["v1alpha1", "v2", "v1beta1", "v1", "v1beta2", "v10", "odd"].sort((a, b) => compareVersions(b, a));
  assert.deepEqual(sorted, ["v10", "v2", "v1", "v1beta2", "v1beta1", "v1alpha1", "odd"]);
});

test("answers aggregated discovery only to those who ask for it first", () => {
  const v2 = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  assert.equal(wantsAggregated(`${v2},application/json`), true);
  assert.equal(wantsAggregated("application/json"), false);
  assert.equal(wantsAggregated(`application/json, ${v2}`), false);
  assert.equal(
    wantsAggregated(`application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,${v2}`),
    true,
  );
});
