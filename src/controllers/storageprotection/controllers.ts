import { PersistentVolume, PersistentVolumeClaim, Pod } from "../../api/core/v1/index.ts";
import { VolumeAttributesClass } from "../../api/storage/v1/index.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { type Client, type Controller, controller, done, watch } from "../../client/index.ts";
import { byUsedClaims, claimKey, claimsOf } from "../storage.ts";

const CLAIM_FINALIZER = "kubernetes.io/pvc-protection";
const VOLUME_FINALIZER = "kubernetes.io/pv-protection";
const CLASS_FINALIZER = "kubernetes.io/vac-protection";

/** Puts the finalizer on what lacks it, and takes it off what is leaving and no longer used. */
async function protect<T extends KubernetesObject>(
  object: T,
  { kind, finalizer, client, isUsed }: Protection<T>,
): Promise<typeof done> {
  const { metadata } = object;
  const finalizers = metadata.finalizers ?? [];
  const has = finalizers.includes(finalizer);
  const leaving = metadata.deletionTimestamp !== undefined;
  if (has !== leaving) return done;
  if (leaving && (await isUsed())) return done;
  const kept = leaving ? finalizers.filter((name) => name !== finalizer) : [...finalizers, finalizer];
  await client.update(kind, { ...object, metadata: { ...metadata, finalizers: kept } });
  return done;
}

interface Protection<T extends KubernetesObject> {
  kind: Kind<T>;
  finalizer: string;
  client: Client;
  isUsed(): boolean | Promise<boolean>;
}

/** A Pod that no node has yet keeps nothing: its kubelet will refuse a claim that is leaving. */
const uses = (pod: Pod, claim: string): boolean => pod.spec.nodeName !== undefined && claimsOf(pod).includes(claim);

/** Keeps a claim while a Pod uses it. */
export const claimProtection: Controller = controller({
  name: "pvc-protection",
  for: PersistentVolumeClaim,
  watches: [
    watch(
      Pod,
      (pod) => claimsOf(pod).map((name) => ({ namespace: pod.metadata.namespace, name })),
      () => false,
    ),
  ],
  prepare: (view) => view.addIndex(Pod, "claim", byUsedClaims),
  reconcile: (claim, { client, view }) =>
    protect(claim, {
      kind: PersistentVolumeClaim,
      finalizer: CLAIM_FINALIZER,
      client,
      async isUsed() {
        const { namespace, name = "" } = claim.metadata;
        const seen = view.byIndex(Pod, "claim", claimKey(claim.metadata));
        if (seen.some((pod) => uses(pod, name))) return true;
        // a Pod may be newer than what is seen
        return (await client.list(Pod, { namespace })).items.some((pod) => uses(pod, name));
      },
    }),
});

/** Keeps a volume while it is bound. */
export const volumeProtection: Controller = controller({
  name: "pv-protection",
  for: PersistentVolume,
  reconcile: (volume, { client }) =>
    protect(volume, {
      kind: PersistentVolume,
      finalizer: VOLUME_FINALIZER,
      client,
      isUsed: () => volume.status.phase === "Bound",
    }),
});

type Attributed = PersistentVolume | PersistentVolumeClaim;
const classKeys = (object: Attributed) => classNames(object).map((name) => ({ name }));

function classNames({ spec, status }: Attributed): string[] {
  const names = [spec.volumeAttributesClassName];
  if ("currentVolumeAttributesClassName" in status) names.push(status.currentVolumeAttributesClassName);
  if ("modifyVolumeStatus" in status) names.push(status.modifyVolumeStatus?.targetVolumeAttributesClassName);
  return names.flatMap((name) => (name ? [name] : []));
}

/** Keeps a class of attributes while a volume or claim names it. */
export const attributesClassProtection: Controller = controller({
  name: "volumeattributesclass-protection",
  for: VolumeAttributesClass,
  watches: [watch(PersistentVolume, classKeys), watch(PersistentVolumeClaim, classKeys)],
  prepare(view) {
    view.addIndex(PersistentVolume, "attributes", classNames);
    view.addIndex(PersistentVolumeClaim, "attributes", classNames);
  },
  reconcile: (object, { client, view }) =>
    protect(object, {
      kind: VolumeAttributesClass,
      finalizer: CLASS_FINALIZER,
      client,
      isUsed: () =>
        [PersistentVolume, PersistentVolumeClaim].some(
          (kind) => view.byIndex(kind as Kind, "attributes", object.metadata.name ?? "").length > 0,
        ),
    }),
});
