import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "../../api/core/v1/index.ts";
import type { PodDisruptionBudget } from "../../api/policy/v1/index.ts";
import { holdsNode, staysBehind } from "./drainRules.ts";

const RULES = { localStorageHolds: true, systemPodsHold: true };

interface Of {
  owner?: string;
  namespace?: string;
  annotations?: Record<string, string>;
  volumes?: object[];
  phase?: string;
}
const pod = ({ owner = "ReplicaSet", namespace = "default", annotations, volumes, phase = "Running" }: Of = {}): Pod =>
  ({
    metadata: {
      name: "web",
      namespace,
      labels: { app: "web" },
      annotations,
      ownerReferences: owner ? [{ kind: owner, controller: true }] : [],
    },
    spec: { volumes },
    status: { phase },
  }) as unknown as Pod;
const budget = (disruptionsAllowed: number, namespace = "default") =>
  ({
    metadata: { namespace },
    spec: { selector: { matchLabels: { app: "web" } } },
    status: { disruptionsAllowed },
  }) as unknown as PodDisruptionBudget;

const SAFE = "cluster-autoscaler.kubernetes.io/safe-to-evict";
const SAFE_VOLUMES = "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes";
const cache = { name: "cache", emptyDir: {} };

const cases: [string, Of, string | undefined, PodDisruptionBudget[]?][] = [
  ["of a ReplicaSet", {}, undefined],
  ["of a StatefulSet", { owner: "StatefulSet" }, undefined],
  ["of a Job", { owner: "Job" }, undefined],
  ["without a controller", { owner: "" }, "pod is not replicated"],
  ["of a controller that nobody knows", { owner: "Rollout" }, "pod is not replicated"],
  ["that is said to be safe", { owner: "", annotations: { [SAFE]: "true" } }, undefined],
  ["that is said not to be safe", { annotations: { [SAFE]: "false" } }, "pod annotated as not safe to evict"],
  ["with a folder of its own", { volumes: [cache] }, "pod with local storage"],
  ["with a folder of the node", { volumes: [{ name: "data", hostPath: { path: "/" } }] }, "pod with local storage"],
  ["with a folder in memory", { volumes: [{ name: "cache", emptyDir: { medium: "Memory" } }] }, undefined],
  ["whose folder is no loss", { volumes: [cache], annotations: { [SAFE_VOLUMES]: "tmp,cache" } }, undefined],
  ["of the system", { namespace: "kube-system" }, "non-daemonset kube-system pod without budget"],
  ["of the system that a budget covers", { namespace: "kube-system" }, undefined, [budget(1, "kube-system")]],
  ["whose budget allows it", {}, undefined, [budget(1)]],
  ["whose budget is used", {}, "not enough pod disruption budget", [budget(0)]],
  ["of a budget elsewhere", {}, undefined, [budget(0, "other")]],
  [
    "that is safe but whose budget is used",
    { annotations: { [SAFE]: "true" } },
    "not enough pod disruption budget",
    [budget(0)],
  ],
];
for (const [what, of, reason, budgets = []] of cases) {
  test(`a Pod ${what} ${reason ? "holds" : "does not hold"} its node`, () => {
    assert.equal(holdsNode(pod(of), budgets, RULES), reason);
  });
}

test("flags let go of Pods with local volumes and of the system's", () => {
  const free = { localStorageHolds: false, systemPodsHold: false };
  assert.equal(holdsNode(pod({ namespace: "kube-system", volumes: [cache] }), [], free), undefined);
});

test("daemons, static Pods and what is over stay behind", () => {
  const mirror = { "kubernetes.io/config.mirror": "hash" };
  const behind = [pod({ owner: "DaemonSet" }), pod({ annotations: mirror }), pod({ phase: "Succeeded" })];
  assert.deepEqual(behind.map(staysBehind), [true, true, true]);
  assert.equal(staysBehind(pod()), false);
});
