import { deepEqual } from "../../../../apimachinery/equal.ts";
import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldRequired,
  root,
} from "../../../../apimachinery/fieldErrors.ts";
import { inclusiveRange } from "../../../../apimachinery/validation/names.ts";
import type { NodeSelector } from "../affinity.ts";
import type { Container } from "../container.ts";
import type { PodSchedulingGate, PodSpec, Toleration } from "../podSpec.ts";
import { changesOfPodSpec } from "../podSpecDump.ts";
import type { PodLike } from "./pod.ts";
import { validateTolerations } from "./scheduling.ts";

const spec = root.child("spec");
const MAY_CHANGE = [
  "`spec.containers[*].image`",
  "`spec.initContainers[*].image`",
  "`spec.activeDeadlineSeconds`",
  "`spec.tolerations` (only additions to existing tolerations)",
  "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
].join(",");

/** A Pod's containers run as they were asked for: little of the specification can change. */
export function validatePodUpdate(pod: PodLike, old: PodLike): FieldError[] {
  for (const list of ["containers", "initContainers"] as const) {
    const { errors, counts } = validateImages(pod.spec[list] ?? [], old.spec[list] ?? [], spec.child(list));
    if (errors.length > 0 || !counts) return errors;
  }
  const deadline = validateDeadline(pod.spec, old.spec);
  if (deadline.stop) return deadline.errors;
  const errors = [
    ...deadline.errors,
    ...validateAddedTolerations(pod.spec.tolerations ?? [], old.spec.tolerations ?? [], spec.child("tolerations")),
    ...validateRemovedGates(
      pod.spec.schedulingGates ?? [],
      old.spec.schedulingGates ?? [],
      spec.child("schedulingGates"),
    ),
  ];
  return deepEqual(pod.spec, old.spec) ? errors : [...errors, ...validateRest(pod.spec, old.spec)];
}

function validateImages(containers: readonly Container[], old: readonly Container[], path: FieldPath) {
  if (containers.length !== old.length) {
    return { counts: false, errors: [fieldForbidden(path, "pod updates may not add or remove containers")] };
  }
  // an empty image is told by the checks that every Pod passes, too
  const errors = containers.flatMap(({ image }, i) => (image ? [] : [fieldRequired(path.index(i).child("image"))]));
  return { counts: true, errors };
}

const LONGEST = 2147483647;

function validateDeadline(now: PodSpec, old: PodSpec): { errors: FieldError[]; stop: boolean } {
  const path = spec.child("activeDeadlineSeconds");
  const [next, before] = [now.activeDeadlineSeconds, old.activeDeadlineSeconds];
  if (next === undefined) {
    if (before === undefined) return { errors: [], stop: false };
    return { errors: [fieldInvalid(path, null, "must not update from a positive integer to nil value")], stop: false };
  }
  if (next < 0 || next > LONGEST) return { errors: [fieldInvalid(path, next, inclusiveRange(0, LONGEST))], stop: true };
  if (before !== undefined && before < next) {
    return { errors: [fieldInvalid(path, next, "must be less than or equal to previous value")], stop: true };
  }
  return { errors: [], stop: false };
}

/** Old tolerations stay, but for their seconds; new ones may come. */
function validateAddedTolerations(
  now: readonly Toleration[],
  old: readonly Toleration[],
  path: FieldPath,
): FieldError[] {
  const kept = old.every((one) =>
    now.some((other) =>
      deepEqual({ ...one, tolerationSeconds: undefined }, { ...other, tolerationSeconds: undefined }),
    ),
  );
  if (!kept) return [fieldForbidden(path, "existing toleration can not be modified except its tolerationSeconds")];
  return validateTolerations(now, path);
}

function validateRemovedGates(now: readonly PodSchedulingGate[], old: readonly PodSchedulingGate[], path: FieldPath) {
  const known = new Set(old.map(({ name }) => name));
  return now.flatMap(({ name }, i) => {
    if (known.has(name)) return [];
    return [fieldForbidden(path.index(i), `only deletion is allowed, but found new scheduling gate '${name}'`)];
  });
}

/** `now` as it would be, had what may change not changed. */
function withoutChanges(now: PodSpec, old: PodSpec): PodSpec {
  const images = (list: readonly Container[] | undefined, before: readonly Container[] | undefined) =>
    list?.map((container, i) => ({ ...container, image: before?.[i]?.image }));
  const rest: PodSpec = {
    ...now,
    containers: images(now.containers, old.containers) ?? now.containers,
    initContainers: images(now.initContainers, old.initContainers),
    activeDeadlineSeconds: old.activeDeadlineSeconds,
    tolerations: old.tolerations,
    schedulingGates: old.schedulingGates,
  };
  const wasNegative = (old.terminationGracePeriodSeconds ?? 0) < 0;
  if (wasNegative && now.terminationGracePeriodSeconds === 1) {
    rest.terminationGracePeriodSeconds = old.terminationGracePeriodSeconds;
  }
  return rest;
}

const without = <T extends object>(object: T): T =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T;

function validateRest(now: PodSpec, old: PodSpec): FieldError[] {
  let rest = without(withoutChanges(now, old));
  const errors: FieldError[] = [];
  if (old.schedulingGates?.length) {
    errors.push(...validateGated(rest, old));
    rest = without({ ...rest, nodeSelector: old.nodeSelector, affinity: nodeAffinityOf(rest, old) });
  }
  if (deepEqual(rest, old)) return errors;
  const changes = changesOfPodSpec(old, rest);
  return [...errors, fieldForbidden(spec, `pod updates may not change fields other than ${MAY_CHANGE}\n${changes}`)];
}

/** The affinity of `now` with the node affinity of `old`. */
function nodeAffinityOf(now: PodSpec, old: PodSpec): PodSpec["affinity"] {
  const affinity = without({ ...now.affinity, nodeAffinity: old.affinity?.nodeAffinity });
  return Object.keys(affinity).length === 0 && old.affinity === undefined ? undefined : affinity;
}

/** A Pod that the scheduler may not see yet can still be narrowed to fewer nodes. */
function validateGated(now: PodSpec, old: PodSpec): FieldError[] {
  const errors: FieldError[] = [];
  const [labels, before] = [now.nodeSelector ?? {}, old.nodeSelector ?? {}];
  if (Object.entries(before).some(([key, value]) => labels[key] !== value)) {
    const text = "only additions to spec.nodeSelector are allowed (no deletions or mutations)";
    errors.push(fieldInvalid(spec.child("nodeSelector"), labels, text));
  }
  const field = "requiredDuringSchedulingIgnoredDuringExecution";
  const path = spec.child("affinity", "nodeAffinity", field);
  const [required, was] = [now.affinity?.nodeAffinity?.[field], old.affinity?.nodeAffinity?.[field]];
  if (was === undefined) return errors;
  if (required === undefined) return [...errors, fieldInvalid(path, null, "cannot be removed")];
  return [...errors, ...validateNarrowed(required, was, path.child("nodeSelectorTerms"))];
}

function validateNarrowed(now: NodeSelector, old: NodeSelector, path: FieldPath): FieldError[] {
  if (now.nodeSelectorTerms.length !== old.nodeSelectorTerms.length) {
    return [
      fieldInvalid(
        path,
        now.nodeSelectorTerms,
        "no additions/deletions to non-empty NodeSelectorTerms list are allowed",
      ),
    ];
  }
  return old.nodeSelectorTerms.flatMap((term, i) => {
    const next = now.nodeSelectorTerms[i]!;
    const empty = !term.matchExpressions?.length && !term.matchFields?.length;
    const kept = (["matchExpressions", "matchFields"] as const).every((list) =>
      (term[list] ?? []).every((one) => (next[list] ?? []).some((other) => deepEqual(one, other))),
    );
    if (kept && !(empty && !deepEqual(term, next))) return [];
    const text = "only additions are allowed (no mutations or deletions)";
    return [fieldInvalid(path.index(i), next, text)];
  });
}
