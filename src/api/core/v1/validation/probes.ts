import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldInvalidEach,
  fieldRequired,
} from "../../../../apimachinery/fieldErrors.ts";
import { httpHeaderName } from "../../../../apimachinery/validation/names.ts";
import type {
  ExecAction,
  GRPCAction,
  HTTPGetAction,
  Lifecycle,
  Probe,
  SleepAction,
  TCPSocketAction,
} from "../probes.ts";
import { nonNegative, oneOf, supportedIn, validatePort } from "./fields.ts";
import { SIGNALS } from "./signals.ts";

interface Handler {
  exec?: ExecAction;
  httpGet?: HTTPGetAction;
  tcpSocket?: TCPSocketAction;
  grpc?: GRPCAction;
  sleep?: SleepAction;
}

function validateHttpGet(httpGet: HTTPGetAction, path: FieldPath): FieldError[] {
  return [
    ...(httpGet.path ? [] : [fieldRequired(path.child("path"))]),
    ...validatePort(httpGet.port, path.child("port")),
    ...supportedIn(httpGet.scheme ?? "", ["HTTP", "HTTPS"], path.child("scheme")),
    ...(httpGet.httpHeaders ?? []).flatMap(({ name }) =>
      fieldInvalidEach(path.child("httpHeaders"), name, httpHeaderName(name)),
    ),
  ];
}

function validateSleep({ seconds }: SleepAction, grace: number | undefined, path: FieldPath): FieldError[] {
  if (seconds >= 0 && (grace === undefined || seconds <= grace)) return [];
  return [
    fieldInvalid(path, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${grace ?? 0})`),
  ];
}

const HANDLERS = ["exec", "httpGet", "tcpSocket", "grpc", "sleep"] as const;

/** Exactly one way to act; `grace` is how long the Pod has to end. */
function validateHandler(handler: Handler, grace: number | undefined, path: FieldPath): FieldError[] {
  const used = HANDLERS.filter((name) => handler[name] !== undefined);
  if (used.length === 0) return [fieldRequired(path, "must specify a handler type")];
  const more = used
    .slice(1)
    .map((name) => fieldForbidden(path.child(name), "may not specify more than 1 handler type"));
  return [...validateAction(handler, used[0]!, grace, path), ...more];
}

function validateAction(
  handler: Handler,
  name: keyof Handler,
  grace: number | undefined,
  path: FieldPath,
): FieldError[] {
  switch (name) {
    case "exec":
      return handler.exec!.command?.length ? [] : [fieldRequired(path.child("exec", "command"))];
    case "httpGet":
      return validateHttpGet(handler.httpGet!, path.child("httpGet"));
    case "tcpSocket":
    case "grpc":
      return validatePort(handler[name]!.port, path.child(name, "port"));
    case "sleep":
      return validateSleep(handler.sleep!, grace, path.child("sleep"));
  }
}

function validateProbe(probe: Probe, path: FieldPath): FieldError[] {
  const errors = validateHandler(probe, undefined, path);
  for (const field of [
    "initialDelaySeconds",
    "timeoutSeconds",
    "periodSeconds",
    "successThreshold",
    "failureThreshold",
  ] as const) {
    errors.push(...nonNegative(probe[field], path.child(field)));
  }
  const grace = probe.terminationGracePeriodSeconds;
  if (grace !== undefined && grace <= 0) {
    errors.push(fieldInvalid(path.child("terminationGracePeriodSeconds"), grace, "must be greater than 0"));
  }
  return errors;
}

/** Liveness and startup probes: one success must be enough. */
function validateOneSuccess(probe: Probe | undefined, path: FieldPath): FieldError[] {
  if (probe === undefined) return [];
  const errors = validateProbe(probe, path);
  if (probe.successThreshold !== 1) {
    errors.push(fieldInvalid(path.child("successThreshold"), probe.successThreshold ?? 0, "must be 1"));
  }
  return errors;
}

function validateReadiness(probe: Probe | undefined, path: FieldPath): FieldError[] {
  if (probe === undefined) return [];
  const errors = validateProbe(probe, path);
  if (probe.terminationGracePeriodSeconds !== undefined) {
    const at = path.child("terminationGracePeriodSeconds");
    errors.push(fieldInvalid(at, probe.terminationGracePeriodSeconds, "must not be set for readinessProbes"));
  }
  return errors;
}

export interface Probed {
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  startupProbe?: Probe;
}
export function validateProbes(container: Probed, path: FieldPath): FieldError[] {
  return [
    ...validateOneSuccess(container.livenessProbe, path.child("livenessProbe")),
    ...validateReadiness(container.readinessProbe, path.child("readinessProbe")),
    ...validateOneSuccess(container.startupProbe, path.child("startupProbe")),
  ];
}

export function validateLifecycle(
  lifecycle: Lifecycle | undefined,
  { grace, os }: { grace: number | undefined; os: string | undefined },
  path: FieldPath,
): FieldError[] {
  if (lifecycle === undefined) return [];
  const { postStart, preStop, stopSignal } = lifecycle;
  const errors: FieldError[] = [];
  if (postStart) errors.push(...validateHandler(postStart, grace, path.child("postStart")));
  if (preStop) errors.push(...validateHandler(preStop, grace, path.child("preStop")));
  if (stopSignal === undefined) return errors;
  const at = path.child("stopSignal");
  if (os === undefined) {
    return [...errors, fieldForbidden(at, "may not be set for containers with empty `spec.os.name`")];
  }
  return [...errors, ...oneOf(stopSignal, os === "windows" ? ["SIGKILL", "SIGTERM"] : SIGNALS, at)];
}
