import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigurationError, parseConfiguration } from "./parse.ts";
import { pluginsAt } from "./pluginSets.ts";

const HEAD = "apiVersion: kubescheduler.config.k8s.io/v1\nkind: KubeSchedulerConfiguration\n";
const read = (text: string) => parseConfiguration(HEAD + text);

function refused(text: string, ...lines: string[]): void {
  assert.throws(
    () => read(text),
    (error: unknown) => {
      assert.ok(error instanceof ConfigurationError, String(error));
      assert.deepEqual(error.message.split("\n"), lines);
      return true;
    },
  );
}

test("without anything said, one profile has all plug-ins in their order", () => {
  const { profiles, podInitialBackoffSeconds, podMaxBackoffSeconds } = read("");
  assert.deepEqual([podInitialBackoffSeconds, podMaxBackoffSeconds], [1, 10]);
  assert.deepEqual(
    profiles.map(({ schedulerName }) => schedulerName),
    ["default-scheduler"],
  );
  const scores = pluginsAt("score", profiles[0]!.plugins);
  assert.deepEqual(
    scores.filter(({ weight }) => weight > 1).map(({ name, weight }) => `${name} ${weight}`),
    ["TaintToleration 3", "NodeAffinity 2", "PodTopologySpread 2", "InterPodAffinity 2"],
  );
});

test("profiles switch plug-ins off and on, weigh them, and give them arguments", () => {
  const { profiles } = read(`
profiles:
- schedulerName: default-scheduler
- schedulerName: packer
  percentageOfNodesToScore: 100
  plugins:
    multiPoint: {disabled: [{name: ImageLocality}]}
    score:
      disabled: [{name: "*"}]
      enabled: [{name: NodeResourcesFit, weight: 10}]
  pluginConfig:
  - name: NodeResourcesFit
    args:
      apiVersion: kubescheduler.config.k8s.io/v1
      kind: NodeResourcesFitArgs
      scoringStrategy: {type: MostAllocated, resources: [{name: cpu, weight: 3}]}
`);
  const packer = profiles[1]!;
  assert.deepEqual(pluginsAt("score", packer.plugins), [{ name: "NodeResourcesFit", weight: 10 }]);
  assert.ok(!pluginsAt("filter", packer.plugins).some(({ name }) => name === "ImageLocality"));
  assert.ok(pluginsAt("filter", packer.plugins).some(({ name }) => name === "TaintToleration"));
  assert.equal(packer.args.NodeResourcesFit?.scoringStrategy?.type, "MostAllocated");
  assert.equal(packer.percentageOfNodesToScore, 100);
});

test("wrong configurations are refused with the fields' paths", () => {
  refused("bogus: 1", 'strict decoding error: unknown field "bogus"');
  refused(
    "parallelism: 0\npodMaxBackoffSeconds: 0\npercentageOfNodesToScore: 101",
    "percentageOfNodesToScore: Invalid value: 101: not in valid range [0-100]",
    "parallelism: Invalid value: 0: should be an integer value greater than zero",
    "podMaxBackoffSeconds: Invalid value: 0: must be greater than or equal to PodInitialBackoffSeconds",
  );
  refused(
    "profiles: [{schedulerName: a}, {schedulerName: a}, {}]",
    "profiles[2].schedulerName: Required value",
    'profiles[1].schedulerName: Duplicate value: "a"',
  );
  refused(
    "profiles: [{plugins: {filter: {enabled: [{name: Nope}]}, bind: {disabled: [{name: '*'}]}}}]",
    'profiles[0].plugins.filter.enabled[0].name: Not found: "Nope"',
    "profiles[0].plugins.bind: Required value: at least one bind plugin is needed: DefaultBinder",
  );
  refused("extenders: [{urlPrefix: 'http://x'}]", "extenders: Forbidden: extenders are not supported");
});

const withArgs = (name: string, args: string) => `profiles: [{pluginConfig: [{name: ${name}, args: ${args}}]}]`;
const AT = "profiles[0].pluginConfig[0].args";

test("wrong arguments are refused with the fields' paths", () => {
  refused(
    withArgs("InterPodAffinity", "{hardPodAffinityWeight: 101}"),
    `${AT}.hardPodAffinityWeight: Invalid value: 101: not in valid range [0-100]`,
  );
  refused(withArgs("NodeName", "{a: 1}"), `${AT}: Forbidden: NodeName takes none`);
  refused(withArgs("NodeAffinity", "{added: 1}"), `${AT}: strict decoding error: unknown field "added"`);
  refused(
    withArgs("NodeResourcesFit", "{scoringStrategy: {type: Best, resources: [{name: cpu, weight: 101}]}}"),
    `${AT}.scoringStrategy.type: Unsupported value: "Best": supported values: "LeastAllocated", "MostAllocated", "RequestedToCapacityRatio"`,
    `${AT}.scoringStrategy.resources[0].weight: Invalid value: 101: resource weight of cpu not in valid range [1, 100]`,
  );
  refused(
    withArgs("NodeResourcesFit", "{scoringStrategy: {type: RequestedToCapacityRatio}}"),
    `${AT}.scoringStrategy.requestedToCapacityRatio.shape: Required value: at least one point must be specified`,
  );
  refused(
    withArgs("PodTopologySpread", "{defaultConstraints: [{maxSkew: 0, topologyKey: zone, whenUnsatisfiable: Never}]}"),
    `${AT}.defaultConstraints[0].maxSkew: Invalid value: 0: not in valid range (0, inf)`,
    `${AT}.defaultConstraints[0].whenUnsatisfiable: Unsupported value: "Never": supported values: "DoNotSchedule", "ScheduleAnyway"`,
    `${AT}.defaultingType: Invalid value: "System": when .defaultConstraints are not empty`,
  );
});

test("what is no configuration is said to be none", () => {
  assert.throws(() => parseConfiguration("- a"), /an object is expected/);
  assert.throws(() => parseConfiguration("apiVersion: v1\nkind: Pod"), /no kind "Pod" is registered for version "v1"/);
});
