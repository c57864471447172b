import { parseQuantity } from "../../../../apimachinery/quantity.ts";
import type { Container, EphemeralContainer } from "../container.ts";
import type { EnvVar, ObjectFieldSelector } from "../env.ts";
import type { HTTPGetAction, Lifecycle, Probe } from "../probes.ts";
import { pullPolicyFor } from "./image.ts";

/** What a container gets that its author did not say; ephemeral containers the same. */
export function containerDefaults(container: Container | EphemeralContainer): void {
  container.imagePullPolicy ||= pullPolicyFor(container.image ?? "");
  container.terminationMessagePath ||= "/dev/termination-log";
  container.terminationMessagePolicy ||= "File";
  for (const port of container.ports ?? []) port.protocol ||= "TCP";
  for (const variable of container.env ?? []) envDefaults(variable);
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) {
    if (probe !== undefined) probeDefaults(probe);
  }
  if (container.lifecycle !== undefined) lifecycleDefaults(container.lifecycle);
  resourceListDefaults(container.resources?.limits);
  resourceListDefaults(container.resources?.requests);
}

/** Quantities of resources are kept in thousandths: finer ones are rounded up. */
export function resourceListDefaults(resources: Record<string, string> | undefined): void {
  for (const [name, amount] of Object.entries(resources ?? {})) {
    const rounded = parseQuantity(amount).roundUp(-3).toString();
    if (rounded !== amount) resources![name] = rounded;
  }
}

export function fieldRefDefaults(fieldRef: ObjectFieldSelector | undefined): void {
  if (fieldRef !== undefined) fieldRef.apiVersion ||= "v1";
}

function envDefaults(variable: EnvVar): void {
  fieldRefDefaults(variable.valueFrom?.fieldRef);
  const fileKeyRef = variable.valueFrom?.fileKeyRef;
  if (fileKeyRef !== undefined) fileKeyRef.optional ??= false;
}

function httpGetDefaults(httpGet: HTTPGetAction | undefined): void {
  if (httpGet === undefined) return;
  httpGet.path ||= "/";
  httpGet.scheme ||= "HTTP";
}

function probeDefaults(probe: Probe): void {
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
  httpGetDefaults(probe.httpGet);
  if (probe.grpc !== undefined) probe.grpc.service ??= "";
}

function lifecycleDefaults(lifecycle: Lifecycle): void {
  httpGetDefaults(lifecycle.postStart?.httpGet);
  httpGetDefaults(lifecycle.preStop?.httpGet);
}
