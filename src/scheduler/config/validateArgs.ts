import { validateNodeAffinity } from "../../api/core/v1/validation/affinity.ts";
import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
} from "../../apimachinery/fieldErrors.ts";
import { qualifiedName } from "../../apimachinery/validation/names.ts";
import type { ARGS_SCHEMAS, ArgsOf } from "./schema.ts";

type Validators = { [K in keyof typeof ARGS_SCHEMAS]: (args: ArgsOf<K>, path: FieldPath) => FieldError[] };

function within(
  value: number | undefined,
  [least, most]: [number, number],
  path: FieldPath,
  say: string,
): FieldError[] {
  return value === undefined || (value >= least && value <= most) ? [] : [fieldInvalid(path, value, say)];
}

/** What is wrong with the arguments of each plug-in. */
export const validators: Validators = {
  DefaultPreemption({ minCandidateNodesPercentage: share, minCandidateNodesAbsolute: count }, path) {
    const [atShare, atCount] = [path.child("minCandidateNodesPercentage"), path.child("minCandidateNodesAbsolute")];
    const errors = [
      ...within(share, [0, 100], atShare, "not in valid range [0, 100]"),
      ...within(count, [0, Number.POSITIVE_INFINITY], atCount, "not in valid range [0, inf)"),
    ];
    if (share !== 0 || count !== 0) return errors;
    return [...errors, fieldInvalid(atShare, share, "cannot be zero at the same time as minCandidateNodesAbsolute")];
  },
  InterPodAffinity: ({ hardPodAffinityWeight: weight }, path) =>
    within(weight, [0, 100], path.child("hardPodAffinityWeight"), "not in valid range [0-100]"),
  NodeAffinity: ({ addedAffinity }, path) =>
    addedAffinity ? validateNodeAffinity(addedAffinity, path.child("addedAffinity")) : [],
  NodeResourcesBalancedAllocation({ resources = [] }, path) {
    const at = path.child("resources");
    const weights = resources.flatMap(({ weight }, i) =>
      weight === undefined || weight === 1 ? [] : [fieldInvalid(at.index(i).child("weight"), weight, "must be 1")],
    );
    return [...weights, ...validateUnique(resources, at)];
  },
  NodeResourcesFit: ({ ignoredResources = [], ignoredResourceGroups = [], scoringStrategy }, path) => [
    ...ignoredResources.flatMap((resource, i) =>
      qualifiedName(resource).map((why) => fieldInvalid(path.child("ignoredResources").index(i), resource, why)),
    ),
    ...ignoredResourceGroups.flatMap((group, i) => {
      const at = path.child("ignoredResourceGroups").index(i);
      if (group.includes("/")) return [fieldInvalid(at, group, "resource group name can't contain '/'")];
      return qualifiedName(`${group}/x`).map((why) => fieldInvalid(at, group, why));
    }),
    ...(scoringStrategy ? validateStrategy(scoringStrategy, path.child("scoringStrategy")) : []),
  ],
  PodTopologySpread({ defaultConstraints = [], defaultingType = "System" }, path) {
    const at = path.child("defaultingType");
    if (!["System", "List"].includes(defaultingType))
      return [fieldNotSupported(at, defaultingType, ["System", "List"])];
    const errors = defaultConstraints.flatMap((constraint, i) =>
      validateConstraint(constraint, defaultConstraints.slice(0, i), path.child("defaultConstraints").index(i)),
    );
    if (defaultingType === "System" && defaultConstraints.length > 0) {
      errors.push(fieldInvalid(at, defaultingType, "when .defaultConstraints are not empty"));
    }
    return errors;
  },
  VolumeBinding: ({ bindTimeoutSeconds: seconds, shape = [] }, path) => [
    ...within(
      seconds,
      [1, Number.POSITIVE_INFINITY],
      path.child("bindTimeoutSeconds"),
      "invalid BindTimeoutSeconds, should not be a negative value",
    ),
    ...(shape.length > 0 ? validateShape(shape, path.child("shape")) : []),
  ],
};

interface Weighted {
  name: string;
  weight?: number;
}

function validateUnique(resources: readonly Weighted[], path: FieldPath): FieldError[] {
  return resources.flatMap(({ name }, i) =>
    resources.slice(0, i).some((other) => other.name === name)
      ? [fieldDuplicate(path.index(i).child("name"), name)]
      : [],
  );
}

const STRATEGIES = ["LeastAllocated", "MostAllocated", "RequestedToCapacityRatio"];

function validateStrategy(strategy: NonNullable<ArgsOf<"NodeResourcesFit">["scoringStrategy"]>, path: FieldPath) {
  const { type = "LeastAllocated", resources = [], requestedToCapacityRatio: ratio } = strategy;
  const errors = STRATEGIES.includes(type) ? [] : [fieldNotSupported(path.child("type"), type, STRATEGIES)];
  for (const [i, { name, weight }] of resources.entries()) {
    const say = `resource weight of ${name} not in valid range [1, 100]`;
    errors.push(...within(weight ?? 1, [1, 100], path.child("resources").index(i).child("weight"), say));
  }
  errors.push(...validateUnique(resources, path.child("resources")));
  if (type !== "RequestedToCapacityRatio") return errors;
  return [...errors, ...validateShape(ratio?.shape ?? [], path.child("requestedToCapacityRatio", "shape"))];
}

/** At least one point; from left to right, within the scale. */
function validateShape(shape: readonly { utilization: number; score: number }[], path: FieldPath): FieldError[] {
  if (shape.length === 0) return [fieldRequired(path, "at least one point must be specified")];
  return shape.flatMap(({ utilization, score }, i) => {
    const at = path.index(i);
    const errors = [
      ...within(utilization, [0, 100], at.child("utilization"), "not in valid range [0-100]"),
      ...within(score, [0, 10], at.child("score"), "not in valid range [0-10]"),
    ];
    if (i > 0 && utilization <= shape[i - 1]!.utilization) {
      errors.push(
        fieldInvalid(at.child("utilization"), utilization, "utilization values must be sorted in increasing order"),
      );
    }
    return errors;
  });
}

type Constraint = NonNullable<ArgsOf<"PodTopologySpread">["defaultConstraints"]>[number];

function validateConstraint(constraint: Constraint, earlier: readonly Constraint[], path: FieldPath): FieldError[] {
  const { maxSkew, topologyKey, whenUnsatisfiable, labelSelector } = constraint;
  const errors = maxSkew > 0 ? [] : [fieldInvalid(path.child("maxSkew"), maxSkew, "not in valid range (0, inf)")];
  const at = path.child("topologyKey");
  if (topologyKey === "") errors.push(fieldRequired(at, "can not be empty"));
  else errors.push(...qualifiedName(topologyKey).map((why) => fieldInvalid(at, topologyKey, why)));
  const actions = ["DoNotSchedule", "ScheduleAnyway"];
  if (!actions.includes(whenUnsatisfiable)) {
    errors.push(fieldNotSupported(path.child("whenUnsatisfiable"), whenUnsatisfiable, actions));
  }
  if (labelSelector) {
    const why = "constraint must not define a selector, as they deduced for each pod";
    errors.push(fieldForbidden(path.child("labelSelector"), why));
  }
  if (earlier.some((other) => other.topologyKey === topologyKey && other.whenUnsatisfiable === whenUnsatisfiable)) {
    errors.push(fieldDuplicate(path, `{${topologyKey}, ${whenUnsatisfiable}}`));
  }
  return errors;
}
