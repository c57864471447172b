import { ClusterError } from "../errors.ts";
import type { ClusterConfig, ControlPlaneRecord } from "../layout.ts";

/** The cluster's settings with so many control planes; a cluster keeps the number that it began with. */
export function withControlPlanes(config: ClusterConfig, count: number, isNew: boolean): ClusterConfig {
  const has = config.controlPlanes?.length ?? 1;
  if (count === has) return config;
  if (!isNew) {
    const hint = has === 1 ? "cox etcd migrate moves it to three, with all it holds" : undefined;
    throw new ClusterError(`cluster ${config.name} has ${has} control plane${has === 1 ? "" : "s"}, not ${count}`, {
      hint,
    });
  }
  return { ...config, controlPlanes: planeRecords(count) };
}

export function planeRecords(count: number): ControlPlaneRecord[] {
  return Array.from({ length: count }, (_, i) => ({ name: `control-plane-${i + 1}` }));
}

/** Members that went back to a snapshot and others that did not must not meet. */
export function refuseHalfRestored({ name, restoring }: ClusterConfig): void {
  if (restoring === undefined) return;
  throw new ClusterError(`cluster ${name} was going back to a snapshot when that was interrupted`, {
    hint: `finish it: cox etcd restore FILE --name ${name}`,
  });
}

/** The cluster's settings with an etcd of somebody else's; only the keys to it may change later. */
export function withExternalEtcd(
  config: ClusterConfig,
  etcd: Readonly<Record<string, string>>,
  isNew: boolean,
): ClusterConfig {
  if (isNew) return { ...config, etcd };
  if (config.etcd) return { ...config, etcd: { ...etcd, ...samePrefix(config, etcd) } };
  throw new ClusterError(`cluster ${config.name} has a store of its own already`, {
    hint: "give the new cluster another --name",
  });
}

/** The part of the etcd that is this cluster's stays, or all it holds would be gone from sight. */
function samePrefix(
  { name, etcd: before }: ClusterConfig,
  now: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const prefix = before?.[PREFIX];
  if (now[PREFIX] !== undefined && now[PREFIX] !== prefix)
    throw new ClusterError(
      `cluster ${name} keeps its objects under ${prefix ?? "/registry"} in its etcd, and stays there`,
    );
  return prefix === undefined ? {} : { [PREFIX]: prefix };
}
const PREFIX = "etcd-prefix";
