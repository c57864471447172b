import { StatefulSet } from "../../api/apps/v1/index.ts";
import type { Pod, PodTemplateSpec } from "../../api/core/v1/index.ts";
import { REVISION_LABEL } from "../history/revisions.ts";
import { podFromTemplate } from "../podControl.ts";
import { withClaimVolumes } from "./claims.ts";

const POD_NAME = "statefulset.kubernetes.io/pod-name";
const POD_INDEX = "apps.kubernetes.io/pod-index";

export const firstOrdinal = ({ spec }: StatefulSet): number => spec.ordinals?.start ?? 0;
export const replicasOf = ({ spec }: StatefulSet): number => spec.replicas ?? 1;

export function inRange(set: StatefulSet, ordinal: number): boolean {
  return ordinal >= firstOrdinal(set) && ordinal < firstOrdinal(set) + replicasOf(set);
}

export const podName = (set: StatefulSet, ordinal: number): string => `${set.metadata.name}-${ordinal}`;

/** The number in a name like "web-3"; undefined when the name is not one of this set's. */
export function ordinalOf(set: StatefulSet, { metadata: { name = "" } }: Pod): number | undefined {
  const prefix = `${set.metadata.name}-`;
  if (!name.startsWith(prefix) || !/^\d+$/.test(name.slice(prefix.length))) return undefined;
  const ordinal = Number(name.slice(prefix.length));
  return ordinal <= 0x7fffffff ? ordinal : undefined;
}

export const revisionOf = ({ metadata }: Pod): string | undefined => metadata.labels?.[REVISION_LABEL];

/** The Pod with this number, made from a revision's template. */
export function podFor(set: StatefulSet, ordinal: number, template: PodTemplateSpec, revision: string): Pod {
  const pod = podFromTemplate(StatefulSet, set, template);
  const name = podName(set, ordinal);
  const { serviceName } = set.spec;
  const labels = { ...pod.metadata.labels, ...identityLabels(name, ordinal), [REVISION_LABEL]: revision };
  return {
    ...pod,
    metadata: { ...pod.metadata, name, labels },
    spec: {
      ...withClaimVolumes(set, pod.spec, ordinal),
      hostname: name,
      ...(serviceName ? { subdomain: serviceName } : {}),
    },
  };
}

function identityLabels(name: string, ordinal: number): Record<string, string> {
  return { [POD_NAME]: name, [POD_INDEX]: String(ordinal) };
}

/** The Pod with the labels that tell who it is, should somebody have taken them away; the same Pod if none is missing. */
export function withIdentity(pod: Pod, ordinal: number): Pod {
  const { name = "", labels } = pod.metadata;
  const wanted = Object.entries(identityLabels(name, ordinal));
  if (wanted.every(([key, value]) => labels?.[key] === value)) return pod;
  return { ...pod, metadata: { ...pod.metadata, labels: { ...labels, ...Object.fromEntries(wanted) } } };
}
