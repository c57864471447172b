import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldNotFound,
  fieldRequired,
  fieldTooMany,
} from "../../../../apimachinery/fieldErrors.ts";
import { portName, portNumber } from "../../../../apimachinery/validation/names.ts";
import type { Container, ContainerPort, EphemeralContainer } from "../container.ts";
import type { PodSpec } from "../podSpec.ts";
import type { Volume } from "../volumes.ts";
import { validateEnv, validateEnvFrom } from "./env.ts";
import { checked, oneOf, supportedIn, validateLabel, validatePortNumber } from "./fields.ts";
import { validateLifecycle, validateProbes } from "./probes.ts";
import { validateResizePolicy, validateResourceRequirements } from "./resources.ts";
import { validateSecurityContext } from "./securityContext.ts";
import { validateVolumeDevices, validateVolumeMounts } from "./volumeMounts.ts";

/** What a container is checked against. */
export interface PodContext {
  spec: PodSpec;
  volumes: ReadonlyMap<string, Volume>;
  claims: ReadonlySet<string>;
}

const PROTOCOLS = ["SCTP", "TCP", "UDP"];

function validatePorts(ports: readonly ContainerPort[], path: FieldPath): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap(({ name, containerPort, hostPort, protocol }, i) => {
    const at = path.index(i);
    const errors = name ? checked(portName, name, at.child("name")) : [];
    if (name && errors.length === 0) {
      if (names.has(name)) errors.push(fieldDuplicate(at.child("name"), name));
      names.add(name);
    }
    if (containerPort === 0) errors.push(fieldRequired(at.child("containerPort")));
    else errors.push(...validatePortNumber(containerPort, at.child("containerPort")));
    if (hostPort) errors.push(...validatePortNumber(hostPort, at.child("hostPort")));
    return [...errors, ...oneOf(protocol, PROTOCOLS, at.child("protocol"))];
  });
}

/** What holds for containers of every sort. */
function validateCommon(container: Container | EphemeralContainer, context: PodContext, path: FieldPath): FieldError[] {
  const { spec, volumes, claims } = context;
  const name = path.child("name");
  return [
    ...(container.name ? validateLabel(container.name, name) : [fieldRequired(name)]),
    ...(container.image ? [] : [fieldRequired(path.child("image"))]),
    ...oneOf(
      container.terminationMessagePolicy,
      ["File", "FallbackToLogsOnError"],
      path.child("terminationMessagePolicy"),
    ),
    ...validatePorts(container.ports ?? [], path.child("ports")),
    ...validateEnv(container.env ?? [], path.child("env")),
    ...validateEnvFrom(container.envFrom ?? [], path.child("envFrom")),
    ...validateVolumeMounts(container, volumes, path.child("volumeMounts")),
    ...validateVolumeDevices(container, volumes, path.child("volumeDevices")),
    ...oneOf(container.imagePullPolicy, ["Always", "IfNotPresent", "Never"], path.child("imagePullPolicy")),
    ...validateResourceRequirements(container.resources, claims, path.child("resources")),
    ...validateResizePolicy(container.resizePolicy ?? [], spec.restartPolicy ?? "", path.child("resizePolicy")),
    ...validateSecurityContext(container.securityContext, spec.hostUsers !== false, path.child("securityContext")),
  ];
}

const MOST_RULES = 20;
const MOST_CODES = 255;

function validateRestartRules(container: Container, path: FieldPath): FieldError[] {
  const rules = container.restartPolicyRules ?? [];
  const list = path.child("restartPolicyRules");
  if (rules.length === 0) return [];
  const errors: FieldError[] = [];
  if (container.restartPolicy === undefined) {
    const text = "must specify restartPolicy when restartPolicyRules are used";
    errors.push(fieldRequired(path.child("restartPolicy"), text));
  }
  if (rules.length > MOST_RULES) errors.push(fieldTooMany(list, rules.length, MOST_RULES));
  for (const [i, { action, exitCodes }] of rules.entries()) {
    const at = list.index(i);
    errors.push(...oneOf(action, ["Restart", "RestartAllContainers"], at.child("action")));
    if (exitCodes === undefined) {
      errors.push(fieldRequired(at.child("exitCodes"), "must be specified"));
      continue;
    }
    errors.push(...oneOf(exitCodes.operator, ["In", "NotIn"], at.child("exitCodes", "operator")));
    const codes = at.child("exitCodes", "values");
    const values = exitCodes.values ?? [];
    if (values.length === 0) errors.push(fieldInvalid(codes, [], "at least one value is required"));
    if (values.length > MOST_CODES) errors.push(fieldTooMany(codes, values.length, MOST_CODES));
  }
  return errors;
}

function validateRestartPolicy(container: Container, path: FieldPath): FieldError[] {
  const { restartPolicy } = container;
  return [
    ...(restartPolicy === undefined
      ? []
      : supportedIn(restartPolicy, ["Always", "Never", "OnFailure"], path.child("restartPolicy"))),
    ...validateRestartRules(container, path),
  ];
}

/** What serves for as long as the Pod: probes and hooks. */
function validateServing(container: Container, { spec }: PodContext, path: FieldPath): FieldError[] {
  const ending = { grace: spec.terminationGracePeriodSeconds, os: spec.os?.name };
  return [
    ...validateLifecycle(container.lifecycle, ending, path.child("lifecycle")),
    ...validateProbes(container, path),
  ];
}

/** Two containers that run at the same time cannot have the same port of the host. */
function hostPortConflicts(containers: readonly Container[], path: FieldPath, offset = 0): FieldError[] {
  const taken = new Set<string>();
  return containers.flatMap((container, c) =>
    (container.ports ?? []).flatMap(({ protocol, hostIP = "", hostPort = 0 }, p) => {
      if (hostPort === 0 || portNumber(hostPort).length > 0) return [];
      const key = `${protocol}/${hostIP}/${hostPort}`;
      const at = path
        .index(c + offset)
        .child("ports")
        .index(p)
        .child("hostPort");
      if (taken.has(key)) return [fieldDuplicate(at, key)];
      taken.add(key);
      return [];
    }),
  );
}

export function validateContainers(
  containers: readonly Container[],
  context: PodContext,
  path: FieldPath,
): FieldError[] {
  if (containers.length === 0) return [fieldRequired(path)];
  const names = new Set<string>();
  const errors = containers.flatMap((container, i) => {
    const at = path.index(i);
    const found = validateCommon(container, context, at);
    if (names.has(container.name)) found.push(fieldDuplicate(at.child("name"), container.name));
    names.add(container.name);
    return [...found, ...validateServing(container, context, at), ...validateRestartPolicy(container, at)];
  });
  return [...errors, ...hostPortConflicts(containers, path)];
}

const ONLY_SIDECARS = ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] as const;

/** Init containers end before others start, except those that restart always: sidecars. */
export function validateInitContainers(containers: readonly Container[], context: PodContext, path: FieldPath) {
  const names = new Set((context.spec.containers ?? []).map(({ name }) => name));
  return containers.flatMap((container, i) => {
    const at = path.index(i);
    const errors = validateCommon(container, context, at);
    errors.push(...validateRestartPolicy(container, at));
    if (names.has(container.name)) errors.push(fieldDuplicate(at.child("name"), container.name));
    else if (container.name !== "") names.add(container.name);
    errors.push(...hostPortConflicts([container], path, i));
    if (container.restartPolicy === "Always") return [...errors, ...validateServing(container, context, at)];
    for (const field of ONLY_SIDECARS) {
      if (container[field] === undefined) continue;
      errors.push(fieldForbidden(at.child(field), "may not be set for init containers without restartPolicy=Always"));
    }
    return errors;
  });
}

const NOT_EPHEMERAL = [
  "ports",
  "livenessProbe",
  "readinessProbe",
  "startupProbe",
  "lifecycle",
  "resizePolicy",
  "restartPolicy",
  "restartPolicyRules",
] as const;
const EPHEMERAL_TEXT = "cannot be set for an Ephemeral Container";

function validateEphemeral(container: EphemeralContainer, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  const { limits, requests, claims } = container.resources ?? {};
  if (limits || requests || claims) errors.push(fieldForbidden(path.child("resources"), EPHEMERAL_TEXT));
  for (const field of NOT_EPHEMERAL) {
    if (container[field] !== undefined) errors.push(fieldForbidden(path.child(field), EPHEMERAL_TEXT));
  }
  for (const [i, mount] of (container.volumeMounts ?? []).entries()) {
    const at = path.child("volumeMounts").index(i);
    if (mount.subPath) errors.push(fieldForbidden(at.child("subPath"), EPHEMERAL_TEXT));
    if (mount.subPathExpr) errors.push(fieldForbidden(at.child("subPathExpr"), EPHEMERAL_TEXT));
  }
  return errors;
}

export function validateEphemeralContainers(
  containers: readonly EphemeralContainer[],
  context: PodContext,
  path: FieldPath,
): FieldError[] {
  const regular = context.spec.containers ?? [];
  const { initContainers = [] } = context.spec;
  const others = new Set([...regular, ...initContainers].map(({ name }) => name));
  const names = new Set(others);
  return containers.flatMap((container, i) => {
    const at = path.index(i);
    const errors = [...validateCommon(container, context, at), ...validateImageText(container, at)];
    if (names.has(container.name)) errors.push(fieldDuplicate(at.child("name"), container.name));
    names.add(container.name);
    const target = container.targetContainerName;
    if (target && !others.has(target)) errors.push(fieldNotFound(at.child("targetContainerName"), target));
    return [...errors, ...validateEphemeral(container, at)];
  });
}

/** Checked in Pods only: templates were once accepted with it. */
export function validateImageText({ image = "" }: { image?: string }, path: FieldPath): FieldError[] {
  if (image.trim() === image) return [];
  return [fieldInvalid(path.child("image"), image, "must not have leading or trailing whitespace")];
}
