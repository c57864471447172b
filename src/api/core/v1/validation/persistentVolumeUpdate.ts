import { deepEqual } from "../../../../apimachinery/equal.ts";
import {
  type FieldError,
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  root,
} from "../../../../apimachinery/fieldErrors.ts";
import type { ObjectMeta } from "../../../../apimachinery/meta.ts";
import { changedLines, internalForm } from "../internalForm.ts";
import { type PersistentVolumeSpec, VolumeNodeAffinity } from "../persistentVolumeMessages.ts";
import { PersistentVolumeSource } from "../persistentVolumeSources.ts";

const IMMUTABLE = "field is immutable";

type Sources = Partial<Record<string, unknown>>;

function sourceOf(spec: PersistentVolumeSpec): Sources {
  const all = spec as Sources;
  const used = Object.keys(PersistentVolumeSource.fields).filter((name) => all[name] !== undefined);
  return Object.fromEntries(used.map((name) => [name, all[name]]));
}

export function validatePersistentVolumeUpdate(
  { spec }: { spec: PersistentVolumeSpec },
  { spec: old }: { spec: PersistentVolumeSpec },
): FieldError[] {
  const errors: FieldError[] = [];
  const [now, before] = [sourceOf(withKnownSecret(spec, old)), sourceOf(old)];
  if (!deepEqual(now, before)) {
    const path = root.child("spec", "persistentvolumesource");
    const lines = changedLines(internalForm(PersistentVolumeSource, before), internalForm(PersistentVolumeSource, now));
    errors.push(fieldForbidden(path, `${path} is immutable after creation\n${lines}`));
  }
  if (spec.volumeMode !== old.volumeMode) {
    errors.push(fieldInvalid(root.child("volumeMode"), spec.volumeMode ?? null, IMMUTABLE));
  }
  if (old.nodeAffinity !== undefined && !deepEqual(affinityAsGA(spec, old), old.nodeAffinity)) {
    const shown = spec.nodeAffinity === undefined ? null : internalForm(VolumeNodeAffinity, spec.nodeAffinity);
    const text = `${IMMUTABLE}, except for updating from beta label to GA`;
    errors.push(fieldInvalid(root.child("nodeAffinity"), shown, text));
  }
  if (old.volumeAttributesClassName !== undefined && spec.volumeAttributesClassName === undefined) {
    const path = root.child("spec", "volumeAttributesClassName");
    errors.push(fieldForbidden(path, "update from non-nil value to nil is forbidden"));
  }
  return errors;
}

/** The secret for expansion may be told later. */
function withKnownSecret(spec: PersistentVolumeSpec, old: PersistentVolumeSpec): PersistentVolumeSpec {
  if (!spec.csi || !old.csi || old.csi.controllerExpandSecretRef !== undefined) return spec;
  const { controllerExpandSecretRef: _, ...csi } = spec.csi;
  return { ...spec, csi };
}

const BETA_LABELS: Readonly<Record<string, string>> = {
  "beta.kubernetes.io/os": "kubernetes.io/os",
  "beta.kubernetes.io/arch": "kubernetes.io/arch",
  "beta.kubernetes.io/instance-type": "node.kubernetes.io/instance-type",
  "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
};

/** The new affinity, with keys that replace a beta label by its successor put back. */
function affinityAsGA({ nodeAffinity }: PersistentVolumeSpec, { nodeAffinity: old }: PersistentVolumeSpec) {
  const terms = nodeAffinity?.required?.nodeSelectorTerms ?? [];
  if (terms.length !== old?.required?.nodeSelectorTerms?.length) return nodeAffinity;
  const nodeSelectorTerms = terms.map((term, i) => ({
    ...term,
    ...(term.matchExpressions && {
      matchExpressions: term.matchExpressions.map((one, j) => {
        const before = old.required?.nodeSelectorTerms[i]?.matchExpressions?.[j]?.key ?? "";
        return BETA_LABELS[before] === one.key ? { ...one, key: before } : one;
      }),
    }),
  }));
  return { required: { nodeSelectorTerms } };
}

export function validatePersistentVolumeStatusUpdate({ metadata }: { metadata: ObjectMeta }): FieldError[] {
  return metadata.resourceVersion ? [] : [fieldRequired(root.child("resourceVersion"))];
}
