import type { Node, PersistentVolume, PersistentVolumeClaim } from "../../api/core/v1/index.ts";
import type { CSIStorageCapacity, StorageClass } from "../../api/storage/v1/index.ts";
import { parseQuantity } from "../../apimachinery/quantity.ts";
import { labelSelector } from "../../apimachinery/selectors.ts";
import { selectorMatches } from "../plugins/nodeSelection.ts";
import { className, type VolumeView } from "./view.ts";

const NO_PROVISIONER = "kubernetes.io/no-provisioner";
type Labels = Readonly<Record<string, string>>;

const bytes = (quantity: string | undefined) => (quantity === undefined ? 0n : parseQuantity(quantity).value());
export const requested = ({ spec }: PersistentVolumeClaim): bigint => bytes(spec.resources?.requests?.storage);

/** Whether a volume can be reached from the node. */
export function isReachable({ spec }: PersistentVolume, node: Node): boolean {
  const required = spec.nodeAffinity?.required;
  return !required || selectorMatches(required, node);
}

/** The smallest existing volume that the claim could have on this node; one that is meant for it comes first. */
export function findVolume(
  claim: PersistentVolumeClaim,
  node: Node,
  view: VolumeView,
  taken: ReadonlySet<string>,
): PersistentVolume | undefined {
  const key = `${claim.metadata.namespace}/${claim.metadata.name}`;
  let best: PersistentVolume | undefined;
  for (const volume of view.volumesOfClass(className(claim))) {
    const name = volume.metadata.name!;
    const holder = view.heldFor(name);
    if (taken.has(name) || (holder !== undefined && holder !== key)) continue;
    if (!suits(volume, claim) || !isReachable(volume, node)) continue;
    if (volume.spec.claimRef) return volume;
    if (!best || bytes(volume.spec.capacity?.storage) < bytes(best.spec.capacity?.storage)) best = volume;
  }
  return best;
}

function suits(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const { spec, status, metadata } = volume;
  if (metadata.deletionTimestamp) return false;
  if (spec.claimRef ? !isMeantFor(volume, claim) : status?.phase !== "Available") return false;
  const { selector, accessModes = [], volumeMode = "Filesystem", volumeAttributesClassName = "" } = claim.spec;
  return (
    (spec.volumeMode ?? "Filesystem") === volumeMode &&
    (spec.volumeAttributesClassName ?? "") === volumeAttributesClassName &&
    bytes(spec.capacity?.storage) >= requested(claim) &&
    accessModes.every((mode) => spec.accessModes?.includes(mode)) &&
    (!selector || labelSelector(selector).matches(metadata.labels))
  );
}

function isMeantFor({ spec }: PersistentVolume, { metadata }: PersistentVolumeClaim): boolean {
  const { namespace, name, uid } = spec.claimRef ?? {};
  return namespace === metadata.namespace && name === metadata.name && (!uid || uid === metadata.uid);
}

/** Whether a volume of this class could be made for the node: yes, no, or no for want of room. */
export function canProvision(claim: PersistentVolumeClaim, node: Node, view: VolumeView): "yes" | "no" | "no room" {
  const storageClass = view.storageClass(className(claim));
  if (!storageClass?.provisioner || storageClass.provisioner === NO_PROVISIONER) return "no";
  if (!isAllowed(storageClass, node)) return "no";
  return hasRoom(claim, storageClass, node, view) ? "yes" : "no room";
}

function isAllowed({ allowedTopologies = [] }: StorageClass, node: Node): boolean {
  if (allowedTopologies.length === 0) return true;
  const labels = node.metadata.labels ?? {};
  return allowedTopologies.some((term) =>
    (term.matchLabelExpressions ?? []).every(({ key, values }) => labels[key] && (values ?? []).includes(labels[key])),
  );
}

/** Drivers that publish their free space are believed; the others are not asked. */
function hasRoom(claim: PersistentVolumeClaim, { metadata, provisioner }: StorageClass, node: Node, view: VolumeView) {
  if (!view.csiDriver(provisioner)?.spec.storageCapacity) return true;
  const wanted = requested(claim);
  return view
    .capacities()
    .some(
      (capacity) =>
        capacity.storageClassName === metadata.name &&
        (bytes(capacity.maximumVolumeSize) || bytes(capacity.capacity)) >= wanted &&
        covers(capacity, node.metadata.labels ?? {}),
    );
}

function covers({ nodeTopology }: CSIStorageCapacity, labels: Labels): boolean {
  return nodeTopology !== undefined && labelSelector(nodeTopology).matches(labels);
}
