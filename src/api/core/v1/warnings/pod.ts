import { root } from "../../../../apimachinery/fieldErrors.ts";
import { labelValue } from "../../../../apimachinery/validation/names.ts";
import type { Affinity, PodAffinity } from "../affinity.ts";
import type { Container } from "../container.ts";
import type { PodSpec } from "../podSpec.ts";
import type { VolumeProjection } from "../projections.ts";
import type { Volume } from "../volumes.ts";

const path = root.child("spec");
const PREFERRED = "preferredDuringSchedulingIgnoredDuringExecution";
const REQUIRED = "requiredDuringSchedulingIgnoredDuringExecution";

/** What is accepted in a Pod, but hardly meant. */
export function podWarnings({ spec }: { spec: PodSpec }): string[] {
  return podSpecWarnings(spec);
}

export function podSpecWarnings(spec: PodSpec): string[] {
  return [
    ...(spec.volumes ?? []).flatMap(volumeWarnings),
    ...(spec.affinity === undefined ? [] : affinityWarnings(spec.affinity)),
    ...spreadWarnings(spec),
    ...(["initContainers", "containers"] as const).flatMap((list) =>
      (spec[list] ?? []).flatMap((container, i) => envWarnings(container, list, i)),
    ),
    ...graceWarnings(spec),
  ];
}

interface File {
  path: string;
  of?: string;
}

function projectedFiles(source: VolumeProjection): File[] {
  const { secret, configMap, downwardAPI, serviceAccountToken, clusterTrustBundle } = source;
  return [
    ...(secret?.items ?? []).map((item) => ({ path: item.path, of: `Secret ${JSON.stringify(secret?.name)}` })),
    ...(configMap?.items ?? []).map((item) => ({
      path: item.path,
      of: `ConfigMap ${JSON.stringify(configMap?.name)}`,
    })),
    ...(downwardAPI?.items ?? []).map((item) => ({ path: item.path, of: "DownwardAPI" })),
    ...(serviceAccountToken ? [{ path: serviceAccountToken.path, of: "ServiceAccountToken" }] : []),
    ...(clusterTrustBundle ? [{ path: clusterTrustBundle.path, of: "ClusterTrustBundle" }] : []),
  ];
}

/** Files of one volume that are the same, or of which one would have to be a folder for the other. */
function overlaps(files: readonly File[], sort: string, volume: string): string[] {
  if (files.length < 2) return [];
  const show = ({ path, of }: File) => (of === undefined ? JSON.stringify(path) : `${JSON.stringify(path)} (${of})`);
  const sorted = [...files].filter(({ path }) => path !== "");
  return sorted.flatMap((file, i) => {
    const other = sorted
      .slice(0, i)
      .find(
        (one) => one.path === file.path || one.path.startsWith(`${file.path}/`) || file.path.startsWith(`${one.path}/`),
      );
    if (other === undefined) return [];
    return [`volume ${JSON.stringify(volume)} (${sort}): overlapping paths: ${show(file)} with ${show(other)}`];
  });
}

const UNSUPPORTED: readonly (keyof Volume)[] = [
  "gitRepo",
  "glusterfs",
  "cephfs",
  "rbd",
  "storageos",
  "quobyte",
  "flocker",
  "photonPersistentDisk",
  "scaleIO",
];

const unsupported = new Set<string>(UNSUPPORTED);

function volumeWarnings(volume: Volume, i: number): string[] {
  const { name, configMap, secret, downwardAPI, projected } = volume;
  const warnings: string[] = [];
  for (const source in volume) {
    if (!unsupported.has(source) || volume[source as keyof Volume] === undefined) continue;
    warnings.push(`${path.child("volumes").index(i).child(source)}: this volume type is not supported any more`);
  }
  const plain = (items: readonly { path: string }[] | undefined) => (items ?? []).map((item) => ({ path: item.path }));
  if (configMap) warnings.push(...overlaps(plain(configMap.items), "ConfigMap", name));
  if (secret) warnings.push(...overlaps(plain(secret.items), "Secret", name));
  if (downwardAPI) warnings.push(...overlaps(plain(downwardAPI.items), "DownwardAPI", name));
  if (!projected) return warnings;
  const sources = projected.sources ?? [];
  const empty = sources.filter((source) => Object.keys(source).length === 0);
  warnings.push(...empty.map(() => `volume ${JSON.stringify(name)} (Projected) has no sources provided`));
  return [...warnings, ...overlaps(sources.flatMap(projectedFiles), "Projected", name)];
}

const affinityWarnings = (affinity: Affinity) => [...nodeAffinityWarnings(affinity), ...podAffinityWarnings(affinity)];

function nodeAffinityWarnings(affinity: Affinity): string[] {
  return (affinity.nodeAffinity?.[PREFERRED] ?? []).flatMap(({ preference }, i) =>
    (preference.matchExpressions ?? []).flatMap(({ values = [] }, e) =>
      values.flatMap((value, v) => {
        const at = path.child("affinity", "nodeAffinity", PREFERRED).index(i).child("preference", "matchExpressions");
        return labelValue(value).map((text) => `${at.index(e).child("values").index(v)}: ${value} is invalid, ${text}`);
      }),
    ),
  );
}

const NULL_SELECTOR = "a null labelSelector results in matching no pod";

function podAffinityWarnings(affinity: Affinity): string[] {
  const of = (name: "podAffinity" | "podAntiAffinity", terms: PodAffinity | undefined) => {
    const at = path.child("affinity", name);
    return [
      ...(terms?.[REQUIRED] ?? []).map((term, i) => ({ term, at: at.child(REQUIRED).index(i) })),
      ...(terms?.[PREFERRED] ?? []).map(({ podAffinityTerm }, i) => ({
        term: podAffinityTerm,
        at: at.child(PREFERRED).index(i).child("podAffinityTerm"),
      })),
    ];
  };
  return [...of("podAffinity", affinity.podAffinity), ...of("podAntiAffinity", affinity.podAntiAffinity)]
    .filter(({ term }) => term.labelSelector === undefined)
    .map(({ at }) => `${at.child("labelSelector")}: ${NULL_SELECTOR}`);
}

function spreadWarnings({ topologySpreadConstraints = [] }: PodSpec): string[] {
  return topologySpreadConstraints.flatMap(({ labelSelector }, i) =>
    labelSelector === undefined
      ? [`${path.child("topologySpreadConstraints").index(i).child("labelSelector")}: ${NULL_SELECTOR}`]
      : [],
  );
}

function envWarnings({ env = [] }: Container, list: string, of: number): string[] {
  if (env.length < 2) return [];
  const seen = new Set<string>();
  return env.flatMap(({ name, value = "" }, i) => {
    const hides = seen.has(name) && !value.includes(`$(${name})`);
    seen.add(name);
    if (!hides) return [];
    return [
      `${path.child(list).index(of).child("env").index(i)}: hides previous definition of ${JSON.stringify(name)}, which may be dropped when using apply`,
    ];
  });
}

function graceWarnings({ terminationGracePeriodSeconds: seconds }: PodSpec): string[] {
  if (seconds === undefined || seconds >= 0) return [];
  return [
    `${path.child("terminationGracePeriodSeconds")}: must be >= 0; negative values are invalid and will be treated as 1`,
  ];
}
