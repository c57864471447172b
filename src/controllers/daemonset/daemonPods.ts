import { type ControllerRevision, DaemonSet, TEMPLATE_GENERATION } from "../../api/apps/v1/index.ts";
import type { Affinity, Pod, Toleration } from "../../api/core/v1/index.ts";
import { presentRevisions, REVISION_LABEL } from "../history/revisions.ts";
import { podFromTemplate } from "../podControl.ts";
import { isReady } from "../pods.ts";

const GENERATION_LABEL = "pod-template-generation";

/** A daemon stays where its node has trouble: it may be what mends it. */
const TOLERATED: readonly Toleration[] = [
  ["not-ready", "NoExecute"],
  ["unreachable", "NoExecute"],
  ["disk-pressure", "NoSchedule"],
  ["memory-pressure", "NoSchedule"],
  ["pid-pressure", "NoSchedule"],
  ["unschedulable", "NoSchedule"],
].map(([key, effect]) => ({ key: `node.kubernetes.io/${key}`, operator: "Exists", effect }));
const ON_HOST_NETWORK: Toleration = {
  key: "node.kubernetes.io/network-unavailable",
  operator: "Exists",
  effect: "NoSchedule",
};

/** The tolerations of the template, and those that every daemon has. */
export function daemonTolerations({ template }: DaemonSet["spec"]): Toleration[] {
  const own = template.spec.tolerations ?? [];
  const all = template.spec.hostNetwork ? [...TOLERATED, ON_HOST_NETWORK] : TOLERATED;
  const isSame = (a: Toleration, b: Toleration) =>
    a.key === b.key && a.effect === b.effect && a.operator === b.operator && (a.value ?? "") === (b.value ?? "");
  return [...own, ...all.filter((toleration) => !own.some((one) => isSame(one, toleration)))];
}

/** The Pod for one node: it names the node as the only one, and the scheduler binds it there when it fits. */
export function podFor(set: DaemonSet, node: string, hash: string): Pod {
  const pod = podFromTemplate(DaemonSet, set, set.spec.template);
  const generation = set.metadata.annotations?.[TEMPLATE_GENERATION];
  const labels = {
    ...pod.metadata.labels,
    ...(generation ? { [GENERATION_LABEL]: generation } : {}),
    [REVISION_LABEL]: hash,
  };
  const { affinity } = pod.spec;
  const spec = { ...pod.spec, tolerations: daemonTolerations(set.spec), affinity: onlyOn(node, affinity) };
  return { ...pod, metadata: { ...pod.metadata, labels }, spec };
}

const NAME = "metadata.name";

function onlyOn(node: string, affinity: Affinity | undefined): Affinity {
  const matchFields = [{ key: NAME, operator: "In", values: [node] }];
  const requiredDuringSchedulingIgnoredDuringExecution = { nodeSelectorTerms: [{ matchFields }] };
  return { ...affinity, nodeAffinity: { ...affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution } };
}

/** The node that a daemon's Pod runs on, or is meant for. */
export function nodeOf({ spec }: Pod): string | undefined {
  if (spec.nodeName) return spec.nodeName;
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  const field = required?.nodeSelectorTerms
    .flatMap(({ matchFields = [] }) => matchFields)
    .find(({ key }) => key === NAME);
  return field?.operator === "In" && field.values?.length === 1 ? field.values[0] : undefined;
}

/** Pods by node; those that are meant for none are left out. */
export function byNode(pods: readonly Pod[]): Map<string, Pod[]> {
  const map = new Map<string, Pod[]>();
  for (const pod of pods) {
    const node = nodeOf(pod);
    if (node === undefined) continue;
    const there = map.get(node);
    if (there) there.push(pod);
    else map.set(node, [pod]);
  }
  return map;
}

/** Bound Pods first, then ready ones, then older ones: the first is the one to keep. */
export function oldestFirst(pods: readonly Pod[]): Pod[] {
  const born = ({ metadata }: Pod) => `${metadata.creationTimestamp ?? ""}/${metadata.name ?? ""}`;
  return [...pods].sort(
    (a, b) =>
      Number(Boolean(b.spec.nodeName)) - Number(Boolean(a.spec.nodeName)) ||
      (born(a) < born(b) ? -1 : born(a) > born(b) ? 1 : Number(isReady(b)) - Number(isReady(a))),
  );
}

/** What a Pod of the present template carries. */
export interface Present {
  /** for new Pods */
  hash: string;
  /** all names that the template has as a revision */
  hashes: ReadonlySet<string | undefined>;
  generation: string | undefined;
}

export function present(set: DaemonSet, newest: ControllerRevision, revisions: readonly ControllerRevision[]): Present {
  const hashOf = ({ metadata }: ControllerRevision) => metadata.labels?.[REVISION_LABEL];
  const hashes = new Set([newest, ...presentRevisions(set, revisions)].map(hashOf));
  return { hash: hashOf(newest) ?? "", hashes, generation: set.metadata.annotations?.[TEMPLATE_GENERATION] };
}

export function isUpdated({ metadata: { labels } }: Pod, { hashes, generation }: Present): boolean {
  const hash = labels?.[REVISION_LABEL];
  const sameGeneration = generation !== undefined && labels?.[GENERATION_LABEL] === generation;
  return (hash !== undefined && hashes.has(hash)) || sameGeneration;
}
