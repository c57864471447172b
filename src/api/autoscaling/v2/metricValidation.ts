import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldInvalidEach,
  fieldNotSupported,
  fieldRequired,
} from "../../../apimachinery/fieldErrors.ts";
import { parseQuantity } from "../../../apimachinery/quantity.ts";
import { pathSegment } from "../../../apimachinery/validation/names.ts";
import type {
  ContainerResourceMetricSource,
  CrossVersionObjectReference,
  ExternalMetricSource,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
  ObjectMetricSource,
  PodsMetricSource,
  ResourceMetricSource,
} from "./metricSources.ts";

const TYPES = ["ContainerResource", "External", "Object", "Pods", "Resource"];
/** The sources, in the order in which Kubernetes looks at them, with the type that each belongs to. */
const SOURCES = {
  object: "Object",
  external: "External",
  pods: "Pods",
  resource: "Resource",
  containerResource: "ContainerResource",
} as const;
type Source = keyof typeof SOURCES;

export function validateMetric(metric: MetricSpec, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const type = path.child("type");
  if (metric.type === "") errors.push(fieldRequired(type, "must specify a metric source type"));
  const unknown = TYPES.includes(metric.type) ? [] : [fieldNotSupported(type, metric.type, TYPES)];
  const present = (Object.keys(SOURCES) as Source[]).filter((source) => metric[source] !== undefined);
  const expected = (Object.keys(SOURCES) as Source[]).find((source) => SOURCES[source] === metric.type);
  errors.push(...unknown, ...validateSource(metric, present[0], path), ...unknown);
  if (expected !== undefined && metric[expected] === undefined) {
    errors.push(fieldRequired(path.child(expected), "must populate information for the given metric source"));
  }
  if (present.length === 1) return errors;
  const superfluous = present.filter((source) => source !== expected);
  const only = "must populate the given metric source only";
  return [...errors, ...superfluous.map((source) => fieldForbidden(path.child(source), only))];
}

/** Only the first source that is set is looked into. */
function validateSource(metric: MetricSpec, source: Source | undefined, path: FieldPath): FieldError[] {
  if (source === undefined) return [];
  const at = path.child(source);
  switch (source) {
    case "object":
      return validateObject(metric.object!, at);
    case "external":
      return validateExternal(metric.external!, at);
    case "pods":
      return validatePods(metric.pods!, at);
    case "resource":
      return validateResource(metric.resource!, at);
    case "containerResource":
      return validateContainerResource(metric.containerResource!, at);
  }
}

function validateObject({ describedObject, metric, target }: ObjectMetricSource, path: FieldPath): FieldError[] {
  const at = path.child("target");
  const errors = [
    ...validateReference(describedObject, path.child("describedObject")),
    ...validateIdentifier(metric, path.child("metric")),
    ...validateTarget(target, at),
  ];
  if (target.value === undefined && target.averageValue === undefined) {
    errors.push(fieldRequired(at.child("averageValue"), "must set either a target value or averageValue"));
  }
  return errors;
}

function validateExternal({ metric, target }: ExternalMetricSource, path: FieldPath): FieldError[] {
  const at = path.child("target");
  const errors = [...validateIdentifier(metric, path.child("metric")), ...validateTarget(target, at)];
  if (target.value === undefined && target.averageValue === undefined) {
    const either = "must set either a target value for metric or a per-pod target";
    errors.push(fieldRequired(at.child("averageValue"), either));
  }
  if (target.value !== undefined && target.averageValue !== undefined) {
    const both = "may not set both a target value for metric and a per-pod target";
    errors.push(fieldForbidden(at.child("value"), both));
  }
  return errors;
}

function validatePods({ metric, target }: PodsMetricSource, path: FieldPath): FieldError[] {
  const at = path.child("target");
  const errors = [...validateIdentifier(metric, path.child("metric")), ...validateTarget(target, at)];
  if (target.averageValue === undefined || !isPositive(target.averageValue)) {
    errors.push(fieldRequired(at.child("averageValue"), "must specify a positive target averageValue"));
  }
  return errors;
}

function validateResource({ name, target }: ResourceMetricSource, path: FieldPath): FieldError[] {
  const errors = name === "" ? [fieldRequired(path.child("name"), "must specify a resource name")] : [];
  return [...errors, ...validateResourceTarget(target, path.child("target"))];
}

function validateContainerResource(source: ContainerResourceMetricSource, path: FieldPath): FieldError[] {
  const { name, container, target } = source;
  const errors: FieldError[] = [];
  if (name === "") errors.push(fieldRequired(path.child("name"), "must specify a resource name"));
  if (container === "") errors.push(fieldRequired(path.child("container"), "must specify a container"));
  return [...errors, ...validateResourceTarget(target, path.child("target"))];
}

function validateResourceTarget(target: MetricTarget, path: FieldPath): FieldError[] {
  const errors = validateTarget(target, path);
  const { averageUtilization, averageValue } = target;
  if (averageUtilization === undefined && averageValue === undefined) {
    const either = "must set either a target raw value or a target utilization";
    errors.push(fieldRequired(path.child("averageUtilization"), either));
  }
  if (averageUtilization !== undefined && averageValue !== undefined) {
    const both = "may not set both a target raw value and a target utilization";
    errors.push(fieldForbidden(path.child("averageValue"), both));
  }
  return errors;
}

function validateTarget(
  { type, value, averageValue, averageUtilization }: MetricTarget,
  path: FieldPath,
): FieldError[] {
  const errors: FieldError[] = [];
  const at = path.child("type");
  if (type === "") errors.push(fieldRequired(at, "must specify a metric target type"));
  if (!["Utilization", "Value", "AverageValue"].includes(type)) {
    errors.push(fieldInvalid(at, type, "must be either Utilization, Value, or AverageValue"));
  }
  for (const [field, amount] of Object.entries({ value, averageValue })) {
    if (amount !== undefined && !isPositive(amount)) {
      errors.push(fieldInvalid(path.child(field), amount, "must be positive"));
    }
  }
  if (averageUtilization !== undefined && averageUtilization < 1) {
    errors.push(fieldInvalid(path.child("averageUtilization"), averageUtilization, "must be greater than 0"));
  }
  return errors;
}

function validateIdentifier({ name }: MetricIdentifier, path: FieldPath): FieldError[] {
  if (name === "") return [fieldRequired(path.child("name"), "must specify a metric name")];
  return fieldInvalidEach(path.child("name"), name, pathSegment(name));
}

const isPositive = (amount: string): boolean => parseQuantity(amount).nanos > 0n;

/** What names an object: kind and name must be there, and fit into a path. */
export function validateReference(
  { kind, name }: Pick<CrossVersionObjectReference, "kind" | "name">,
  path: FieldPath,
): FieldError[] {
  const check = (field: string, value: string) =>
    value === "" ? [fieldRequired(path.child(field))] : fieldInvalidEach(path.child(field), value, pathSegment(value));
  return [...check("kind", kind), ...check("name", name)];
}
