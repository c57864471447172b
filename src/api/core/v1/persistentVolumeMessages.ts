import { type Infer, inline, list, map, message, string, struct, time } from "../../../apimachinery/schema.ts";
import { NodeSelector } from "./affinity.ts";
import { PersistentVolumeSource } from "./persistentVolumeSources.ts";
import { ObjectReference } from "./references.ts";

export const VolumeNodeAffinity = message(
  "io.k8s.api.core.v1.VolumeNodeAffinity",
  {
    required: struct(1, NodeSelector).optional.doc("What a node must fulfil to reach the volume."),
  },
  { doc: "The nodes from which a volume can be reached." },
);
export interface VolumeNodeAffinity extends Infer<typeof VolumeNodeAffinity> {}

export const PersistentVolumeSpec = message(
  "io.k8s.api.core.v1.PersistentVolumeSpec",
  {
    capacity: map(1, "quantity").named("ResourceName").doc("How much it holds: the key storage."),
    persistentVolumeSource: inline(2, PersistentVolumeSource).doc("Where its content is kept."),
    accessModes: list(3, "string")
      .named("PersistentVolumeAccessMode")
      .atomicList.doc(
        "The ways in which it can be mounted: ReadWriteOnce, ReadOnlyMany, ReadWriteMany, ReadWriteOncePod.",
      ),
    claimRef: struct(4, ObjectReference).optional.granularMap.doc("The claim that it serves or is kept for."),
    persistentVolumeReclaimPolicy: string(5)
      .named("PersistentVolumeReclaimPolicy")
      .doc(
        "What becomes of it when its claim is gone: Retain (default for volumes made by hand), Delete (default for provisioned ones), or Recycle (no longer carried out).",
      ),
    storageClassName: string(6).doc("Its storage class; empty: none."),
    mountOptions: list(7, "string").atomicList.doc("Options for mounting it; not checked before it is mounted."),
    volumeMode: string(8).named("PersistentVolumeMode").optional.doc("Filesystem, or Block for a raw device."),
    nodeAffinity: struct(9, VolumeNodeAffinity).optional.doc("The nodes from which it can be reached; absent: all."),
    volumeAttributesClassName: string(10).optional.doc("The class of its attributes that can change while it is used."),
  },
  { doc: "What a PersistentVolume is and whom it serves." },
);
export interface PersistentVolumeSpec extends Infer<typeof PersistentVolumeSpec> {}

export const PersistentVolumeStatus = message(
  "io.k8s.api.core.v1.PersistentVolumeStatus",
  {
    phase: string(1).named("PersistentVolumePhase").doc("Pending, Available, Bound, Released or Failed."),
    message: string(2).doc("A sentence for people on why it is so."),
    reason: string(3).doc("A word for programs when something failed."),
    lastPhaseTransitionTime: time(4).optional.doc("When the phase last changed."),
  },
  { doc: "What became of a PersistentVolume." },
);
export interface PersistentVolumeStatus extends Infer<typeof PersistentVolumeStatus> {}
