import { PersistentVolume, PersistentVolumeClaim, type Pod } from "../../api/core/v1/index.ts";
import { CSIDriver, CSINode, CSIStorageCapacity, StorageClass, VolumeAttachment } from "../../api/storage/v1/index.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import type { Informers } from "../../client/informer.ts";

/** The kinds that say where volumes are and may be. */
export const VOLUME_KINDS = [
  PersistentVolume,
  PersistentVolumeClaim,
  StorageClass,
  CSINode,
  CSIDriver,
  CSIStorageCapacity,
  VolumeAttachment,
] as unknown as readonly Kind[];

const BY_CLASS = "storageClass";
const BY_NODE = "nodeName";

/** A claim of a Pod: by name, or the one that is to be made for its ephemeral volume. */
export interface ClaimUse {
  readonly name: string;
  readonly isEphemeral: boolean;
}

/** What is known about volumes, with the bindings that were decided and are not yet seen. */
export class VolumeView {
  readonly #informers: Informers;
  /** claims ("namespace/name") that volumes are held for, by volume */
  readonly #held = new Map<string, string>();

  constructor(informers: Informers) {
    this.#informers = informers;
    informers.informer(PersistentVolume).addIndex(BY_CLASS, ({ spec }) => [spec.storageClassName ?? ""]);
    informers.informer(VolumeAttachment).addIndex(BY_NODE, ({ spec }) => [spec.nodeName]);
  }
  claim(namespace: string, name: string): PersistentVolumeClaim | undefined {
    return this.#informers.informer(PersistentVolumeClaim).get({ namespace, name });
  }
  volume(name: string): PersistentVolume | undefined {
    return this.#cluster(PersistentVolume, name);
  }
  storageClass(name: string): StorageClass | undefined {
    return this.#cluster(StorageClass, name);
  }
  csiNode(name: string): CSINode | undefined {
    return this.#cluster(CSINode, name);
  }
  csiDriver(name: string): CSIDriver | undefined {
    return this.#cluster(CSIDriver, name);
  }
  volumesOfClass(name: string): readonly PersistentVolume[] {
    return this.#informers.informer(PersistentVolume).byIndex(BY_CLASS, name);
  }
  capacities(): readonly CSIStorageCapacity[] {
    return this.#informers.informer(CSIStorageCapacity).list();
  }
  attachmentsOn(node: string): readonly VolumeAttachment[] {
    return this.#informers.informer(VolumeAttachment).byIndex(BY_NODE, node);
  }

  /** The claim that a volume is held for. */
  heldFor(volume: string): string | undefined {
    return this.#held.get(volume);
  }
  hold(volume: string, claim: string): void {
    this.#held.set(volume, claim);
  }
  letGo(volume: string): void {
    this.#held.delete(volume);
  }

  #cluster<T extends KubernetesObject>(kind: Kind<T>, name: string): T | undefined {
    return this.#informers.informer(kind).get({ name });
  }
}

export function claimUses({ metadata, spec }: Pod): ClaimUse[] {
  return (spec.volumes ?? []).flatMap((volume): ClaimUse[] => {
    const name = volume.persistentVolumeClaim?.claimName;
    if (name) return [{ name, isEphemeral: false }];
    return volume.ephemeral ? [{ name: `${metadata.name}-${volume.name}`, isEphemeral: true }] : [];
  });
}

const BIND_COMPLETED = "pv.kubernetes.io/bind-completed";
const SELECTED_NODE = "volume.kubernetes.io/selected-node";
const BETA_CLASS = "volume.beta.kubernetes.io/storage-class";

export const isBound = ({ metadata, spec }: PersistentVolumeClaim): boolean =>
  Boolean(spec.volumeName) && metadata.annotations?.[BIND_COMPLETED] !== undefined;

export const selectedNode = ({ metadata }: PersistentVolumeClaim): string | undefined =>
  metadata.annotations?.[SELECTED_NODE];

export const className = ({ metadata, spec }: PersistentVolumeClaim): string =>
  metadata.annotations?.[BETA_CLASS] ?? spec.storageClassName ?? "";
export { SELECTED_NODE };
