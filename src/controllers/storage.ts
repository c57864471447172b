import { type ObjectReference, type PersistentVolume, PersistentVolumeClaim, type Pod } from "../api/core/v1/index.ts";
import type { ObjectMeta } from "../apimachinery/meta.ts";
import { parseQuantity, type Quantity } from "../apimachinery/quantity.ts";

/** What volumes and claims say about each other, besides their fields. */
export const BIND_COMPLETED = "pv.kubernetes.io/bind-completed";
export const BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller";
export const PROVISIONED_BY = "pv.kubernetes.io/provisioned-by";
export const STORAGE_PROVISIONER = "volume.kubernetes.io/storage-provisioner";
export const BETA_STORAGE_PROVISIONER = "volume.beta.kubernetes.io/storage-provisioner";
export const SELECTED_NODE = "volume.kubernetes.io/selected-node";
const CLASS_BEFORE_FIELDS = "volume.beta.kubernetes.io/storage-class";

const YES = "yes";

export const hasAnnotation = ({ metadata }: { metadata: ObjectMeta }, name: string): boolean =>
  metadata.annotations?.[name] !== undefined;

/** A copy with annotations set, or taken away where the value is undefined. */
export function annotated<T extends { metadata: ObjectMeta }>(
  object: T,
  changes: Record<string, string | undefined>,
): T {
  const annotations = { ...object.metadata.annotations };
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) delete annotations[name];
    else annotations[name] = value;
  }
  return { ...object, metadata: { ...object.metadata, annotations } };
}

export const marked = (name: string): Record<string, string> => ({ [name]: YES });

/** The class that a volume or claim names; the annotation is older than the field, and wins. */
export const classOf = (object: PersistentVolume | PersistentVolumeClaim): string =>
  object.metadata.annotations?.[CLASS_BEFORE_FIELDS] ?? object.spec.storageClassName ?? "";

export const isWithoutClass = (claim: PersistentVolumeClaim): boolean =>
  claim.spec.storageClassName === undefined && !hasAnnotation(claim, CLASS_BEFORE_FIELDS);

export const capacityOf = (volume: PersistentVolume): Quantity => parseQuantity(volume.spec.capacity?.storage ?? "0");

export const requestOf = (claim: PersistentVolumeClaim): Quantity =>
  parseQuantity(claim.spec.resources?.requests?.storage ?? "0");

/** The volume is for this claim: said by name only (by its maker), or fully. */
export function isFor(volume: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const { claimRef } = volume.spec;
  if (!claimRef || claimRef.name !== metadata.name || claimRef.namespace !== metadata.namespace) return false;
  return !claimRef.uid || claimRef.uid === metadata.uid;
}

export function referenceTo({ metadata }: PersistentVolumeClaim): ObjectReference {
  const { namespace, name, uid, resourceVersion } = metadata;
  const { apiVersion, kind } = PersistentVolumeClaim;
  return { kind, namespace, name, uid, apiVersion, resourceVersion };
}

export const claimKey = ({ namespace, name }: { namespace?: string; name?: string }): string => `${namespace}/${name}`;

/** Index values of volumes by the claim that they are for: "namespace/name". */
export const byClaim = ({ spec: { claimRef } }: PersistentVolume): string[] => (claimRef ? [claimKey(claimRef)] : []);

/** The names of the claims that a Pod uses, those made for its ephemeral volumes among them. */
export function claimsOf({ metadata, spec }: Pod): string[] {
  return (spec.volumes ?? []).flatMap(({ name, persistentVolumeClaim, ephemeral }) => {
    if (persistentVolumeClaim) return [persistentVolumeClaim.claimName];
    return ephemeral ? [ephemeralClaimName(metadata.name ?? "", name)] : [];
  });
}

export const ephemeralClaimName = (pod: string, volume: string): string => `${pod}-${volume}`;

/** Index values of Pods by the claims that they use: "namespace/name". */
export const byUsedClaims = (pod: Pod): string[] =>
  claimsOf(pod).map((name) => claimKey({ namespace: pod.metadata.namespace, name }));
