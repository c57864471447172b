import { isNodeReady, type Node, type PersistentVolume, type PersistentVolumeClaim } from "../../api/core/v1/index.ts";
import {
  LOCAL_PROVISIONER,
  LOCAL_VOLUME_FINALIZER,
  LOCAL_VOLUME_NODE,
  LOCAL_VOLUMES_FOLDER,
  type StorageClass,
} from "../../api/storage/v1/index.ts";
import { PROVISIONED_BY, referenceTo } from "../storage.ts";

const HOSTNAME = "kubernetes.io/hostname";
/** Parameter of a class: each volume has a file system of this type and its own size, instead of a folder. */
const FS_TYPE = "fsType";
const MODES = ["ReadWriteOnce", "ReadWriteOncePod"];

export const hostnameOf = ({ metadata }: Node): string => metadata.labels?.[HOSTNAME] ?? metadata.name ?? "";
export const folderOf = ({ metadata }: Node): string | undefined => metadata.annotations?.[LOCAL_VOLUMES_FOLDER];

/** Why no volume of one node can serve a claim; undefined when one can. */
export function whyImpossible(
  { spec }: PersistentVolumeClaim,
  { parameters }: Pick<StorageClass, "parameters"> = {},
): string | undefined {
  const type = parameters?.[FS_TYPE];
  if (type !== undefined && type !== "ext4") return `parameter ${FS_TYPE}: ${type} is not supported, only ext4`;
  const mode = spec.accessModes?.find((asked) => !MODES.includes(asked));
  if (mode) return `access mode ${mode} is not supported: a local volume serves one node, with ${MODES.join(" or ")}`;
  if (spec.volumeMode === "Block") return "volume mode Block is not supported: a local volume is a folder";
  if (spec.dataSource || spec.dataSourceRef) return "data sources are not supported";
  if (spec.volumeAttributesClassName) return "volume attributes classes are not supported";
  return spec.selector ? "claim.spec.selector is not supported" : undefined;
}

/** Where the class allows volumes: everywhere, or where one of its terms holds. */
export function isAllowed({ allowedTopologies = [] }: StorageClass, { metadata }: Node): boolean {
  if (allowedTopologies.length === 0) return true;
  return allowedTopologies.some(({ matchLabelExpressions = [] }) =>
    matchLabelExpressions.every(({ key, values }) => values.includes(metadata.labels?.[key] ?? "")),
  );
}

/** For claims that do not wait for a Pod: the ready node with the fewest local volumes. */
export function chooseNode(
  storageClass: StorageClass,
  nodes: readonly Node[],
  volumesOn: (hostname: string) => number,
): Node | undefined {
  const ready = nodes.filter(
    (node) => isNodeReady(node) && !node.spec.unschedulable && folderOf(node) && isAllowed(storageClass, node),
  );
  return ready.sort((a, b) => {
    const fewer = volumesOn(hostnameOf(a)) - volumesOn(hostnameOf(b));
    return fewer || ((a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1);
  })[0];
}

export const volumeName = ({ metadata }: PersistentVolumeClaim): string => `pvc-${metadata.uid}`;

/** The volume made for a claim on a node. */
export function localVolume(claim: PersistentVolumeClaim, storageClass: StorageClass, node: Node): PersistentVolume {
  const name = volumeName(claim);
  const hostname = hostnameOf(node);
  const fsType = storageClass.parameters?.[FS_TYPE];
  return {
    metadata: {
      name,
      labels: { [LOCAL_VOLUME_NODE]: hostname },
      annotations: { [PROVISIONED_BY]: LOCAL_PROVISIONER },
      finalizers: [LOCAL_VOLUME_FINALIZER],
    },
    spec: {
      capacity: { storage: claim.spec.resources!.requests!.storage! },
      accessModes: claim.spec.accessModes,
      claimRef: referenceTo(claim),
      persistentVolumeReclaimPolicy: storageClass.reclaimPolicy ?? "Delete",
      storageClassName: storageClass.metadata.name,
      volumeMode: "Filesystem",
      ...(storageClass.mountOptions?.length ? { mountOptions: storageClass.mountOptions } : {}),
      local: { path: `${folderOf(node)}/${name}`, ...(fsType ? { fsType } : {}) },
      nodeAffinity: {
        required: {
          nodeSelectorTerms: [{ matchExpressions: [{ key: HOSTNAME, operator: "In", values: [hostname] }] }],
        },
      },
    },
    status: {},
  } as PersistentVolume;
}
