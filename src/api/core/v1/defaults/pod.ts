import type { ObjectMeta } from "../../../../apimachinery/meta.ts";
import type { Container, ResourceRequirements } from "../container.ts";
import type { PodSpec, PodTemplateSpec } from "../podSpec.ts";
import type { PodStatus } from "../podStatus.ts";
import { containerDefaults, resourceListDefaults } from "./container.ts";
import { volumeDefaults } from "./volumes.ts";

/** Defaults of a Pod's specification wherever it stands: in a Pod or in a template. */
export function podSpecDefaults(spec: PodSpec): void {
  spec.dnsPolicy ||= "ClusterFirst";
  spec.restartPolicy ||= "Always";
  spec.securityContext ??= {};
  spec.terminationGracePeriodSeconds ??= 30;
  spec.schedulerName ||= "default-scheduler";
  serviceAccountDefaults(spec);
  for (const volume of spec.volumes ?? []) volumeDefaults(volume);
  for (const container of allContainers(spec)) containerDefaults(container);
  for (const container of spec.ephemeralContainers ?? []) containerDefaults(container);
  resourceListDefaults(spec.overhead);
  resourceListDefaults(spec.resources?.limits);
  resourceListDefaults(spec.resources?.requests);
}

export function podTemplateDefaults(template: PodTemplateSpec): void {
  podSpecDefaults(template.spec);
}

/** Defaults that only Pods get, not templates: a template's author may still mean something else. */
export function podDefaults(pod: { metadata: ObjectMeta; spec: PodSpec; status: PodStatus }): void {
  podSpecDefaults(pod.spec);
  for (const container of allContainers(pod.spec)) {
    requestsFromLimits(container);
    if (pod.spec.hostNetwork) hostPorts(container);
  }
  podRequests(pod.spec);
  // less than no time to end is as little as there is
  if ((pod.spec.terminationGracePeriodSeconds ?? 0) < 0) pod.spec.terminationGracePeriodSeconds = 1;
  pod.spec.enableServiceLinks ??= true;
  podStatusDefaults(pod.status);
}

const allContainers = (spec: PodSpec) => [...(spec.initContainers ?? []), ...(spec.containers ?? [])];

/** The old name of the field goes on being written beside the new one. */
function serviceAccountDefaults(spec: PodSpec): void {
  if (!spec.serviceAccountName && spec.serviceAccount) spec.serviceAccountName = spec.serviceAccount;
  else if (spec.serviceAccountName && spec.serviceAccount !== spec.serviceAccountName)
    spec.serviceAccount = spec.serviceAccountName;
}

/** Who sets a limit and no request asks for as much as the limit. */
function requestsFromLimits({ resources }: Container): void {
  if (resources !== undefined) fillRequests(resources);
}

function fillRequests(resources: ResourceRequirements): void {
  const { limits = {}, requests = {} } = resources;
  if (Object.keys(limits).every((name) => requests[name] !== undefined)) return;
  resources.requests = { ...limits, ...requests };
}

/** The same for the Pod's own resources, as far as its containers do not say. */
function podRequests(spec: PodSpec): void {
  const { resources } = spec;
  if (resources?.limits === undefined) return;
  const asked = allContainers(spec).some((c) => Object.keys(c.resources?.requests ?? {}).length > 0);
  if (!asked) fillRequests(resources);
}

/** On the host's network, a container's port is the host's. */
function hostPorts(container: Container): void {
  for (const port of container.ports ?? []) port.hostPort ||= port.containerPort;
}

/** `podIP` and the first of `podIPs` are the same fact; `podIP` wins where they differ. */
function podStatusDefaults(status: PodStatus): void {
  if (status === undefined) return;
  if (status.podIP && status.podIPs?.[0]?.ip !== status.podIP) status.podIPs = [{ ip: status.podIP }];
  else if (!status.podIP && status.podIPs?.[0] !== undefined) status.podIP = status.podIPs[0].ip;
}
