import type {
  Container,
  ContainerState,
  ContainerStatus,
  Pod,
  PodCondition,
  PodStatus,
} from "../../api/core/v1/index.ts";
import { formatTime } from "../../apimachinery/time.ts";
import { conditions } from "./conditions.ts";
import { phaseOf } from "./phase.ts";
import type { ResizeState } from "./resizer.ts";
import { qosClass } from "./resources.ts";
import { newest, type RuntimeContainer, type RuntimePod } from "./runtimePod.ts";
import { ephemeralContainers, isSidecar } from "./spec.ts";

export interface StatusInput {
  readonly pod: Pod;
  readonly runtime: RuntimePod;
  readonly now: number;
  readonly hostIPs: readonly string[];
  readonly startTime: string;
  /** why a container that does not run has not been started (again): ErrImagePull, CrashLoopBackOff, … */
  readonly waiting: ReadonlyMap<string, { reason: string; message: string }>;
  /** by container id */
  readonly isStarted: (container: RuntimeContainer) => boolean;
  readonly isReady: (container: RuntimeContainer) => boolean;
  readonly terminationMessage: (container: RuntimeContainer) => string;
  /** the pod is over: no container will be started again */
  readonly terminal: boolean;
  /** what a running container has been given, when that may differ from what its pod is allocated */
  readonly held?: (container: RuntimeContainer) => Container["resources"] | undefined;
  readonly resize?: ResizeState;
  /** why the whole pod has failed: DeadlineExceeded, Evicted, … */
  readonly failure?: { reason: string; message: string };
  /** the node has refused it: no container of it was ever looked at */
  readonly rejected?: boolean;
  /** the node ends it, through no fault of its containers */
  readonly disruption?: { reason: string; message: string };
}

/** The pod's whole status as it should stand in the API. Pure. */
export function podStatus(input: StatusInput): PodStatus {
  const { pod, runtime } = input;
  if (input.rejected && input.failure) return rejectedStatus(input, input.failure);
  const initialized = hasInitialized(input);
  const build = (container: Container) => containerStatus(input, container, initialized);
  const initContainerStatuses = (pod.spec.initContainers ?? []).map(build);
  const containerStatuses = pod.spec.containers.map(build).toSorted(byName);
  const ephemeralContainerStatuses = ephemeralContainers(pod).map(build);
  const phase = phaseOf({
    pod,
    initContainerStatuses,
    containerStatuses,
    terminal: input.terminal,
    failed: !!input.failure,
  });
  const sandbox = runtime.sandboxes[0];
  const podIPs = pod.spec.hostNetwork ? (sandbox ? input.hostIPs : []) : (sandbox?.ips ?? []);
  const kept = podIPs.length > 0 ? podIPs : input.terminal ? (pod.status?.podIPs ?? []).map((it) => it.ip) : [];
  const generation = pod.metadata.generation;
  const status: PodStatus = {
    ...(generation ? { observedGeneration: generation } : {}),
    phase,
    conditions: [],
    ...(input.failure ?? {}),
    hostIP: input.hostIPs[0],
    hostIPs: input.hostIPs.map((ip) => ({ ip })),
    ...(kept.length > 0 ? { podIP: kept[0], podIPs: kept.map((ip) => ({ ip })) } : {}),
    startTime: input.startTime,
    ...(initContainerStatuses.length > 0 ? { initContainerStatuses } : {}),
    containerStatuses,
    ...(ephemeralContainerStatuses.length > 0 ? { ephemeralContainerStatuses } : {}),
    qosClass: qosClass(pod),
  } as PodStatus;
  const hasSandbox = !!sandbox?.ready && (pod.spec.hostNetwork || sandbox.ips.length > 0);
  const { resize, disruption } = input;
  status.conditions = conditions({ pod, status, now: input.now, hasSandbox, resize, disruption }) as PodCondition[];
  return status;
}

function rejectedStatus({ pod, now, startTime }: StatusInput, failure: { reason: string; message: string }): PodStatus {
  const { generation } = pod.metadata;
  const status = {
    ...pod.status,
    ...(generation ? { observedGeneration: generation } : {}),
    phase: "Failed",
    ...failure,
    startTime,
    qosClass: qosClass(pod),
  } as PodStatus;
  return { ...status, conditions: conditions({ pod, status, now, hasSandbox: false }) as PodCondition[] };
}

const byName = (a: ContainerStatus, b: ContainerStatus) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

/** Whether the containers proper may run (or have run) by now. */
function hasInitialized({ pod, runtime, isStarted }: StatusInput): boolean {
  const sandbox = runtime.sandboxes[0]?.id;
  if (pod.spec.containers.some((it) => runtime.containers.some((c) => c.name === it.name))) return true;
  return (pod.spec.initContainers ?? []).every((it) => {
    const last = runtime.containers.find((c) => c.name === it.name && c.sandboxId === sandbox);
    if (!last) return false;
    return isSidecar(it) ? last.state === "running" && isStarted(last) : last.state === "exited" && last.exitCode === 0;
  });
}

function containerStatus(input: StatusInput, container: Container, initialized: boolean): ContainerStatus {
  const { pod, runtime } = input;
  const last = newest(runtime, container.name);
  const isInit = (pod.spec.initContainers ?? []).includes(container);
  const previous = runtime.containers.filter((it) => it.name === container.name)[1];
  const waiting = input.waiting.get(container.name);
  if (!last) return notCreated(input, container, isInit, initialized, waiting);
  const running = last.state === "running";
  let state = stateOf(input, last);
  let lastState: ContainerState = previous?.state === "exited" ? { terminated: terminated(input, previous) } : {};
  if (waiting && last.state === "exited" && !input.terminal) {
    lastState = state;
    state = { waiting };
  } else if (waiting && last.state === "created") {
    state = { waiting };
  }
  const sidecarOrMain = !isInit || isSidecar(container);
  const started = running && (sidecarOrMain ? input.isStarted(last) : true);
  const ready = sidecarOrMain ? started && input.isReady(last) : !!state.terminated && state.terminated.exitCode === 0;
  const mounts = volumeMounts(container);
  return {
    name: container.name,
    state,
    lastState,
    ready,
    restartCount: last.restartCount,
    image: last.image,
    imageID: last.imageRef,
    containerID: `containerd://${last.id}`,
    started,
    ...(running ? resourcesOf(container, input.held?.(last)) : { resources: {} }),
    ...(mounts.length > 0 ? { volumeMounts: mounts } : {}),
    ...(last.user ? { user: { linux: { ...last.user, supplementalGroups: [...last.user.supplementalGroups] } } } : {}),
  } as ContainerStatus;
}

function resourcesOf(container: Container, held = container.resources): Partial<ContainerStatus> {
  const allocated = container.resources?.requests ?? {};
  const { limits, requests } = held ?? {};
  return {
    ...(Object.keys(allocated).length > 0 ? { allocatedResources: { ...allocated } } : {}),
    resources: { ...(limits ? { limits: { ...limits } } : {}), ...(requests ? { requests: { ...requests } } : {}) },
  };
}

function volumeMounts(container: Container): NonNullable<ContainerStatus["volumeMounts"]> {
  return (container.volumeMounts ?? []).map((mount) => ({
    name: mount.name,
    mountPath: mount.mountPath,
    ...(mount.readOnly
      ? { readOnly: true, recursiveReadOnly: mount.recursiveReadOnly === "Enabled" ? "Enabled" : "Disabled" }
      : {}),
  }));
}

/** A container that the runtime does not know: never started, or its remains were cleaned away. */
function notCreated(
  input: StatusInput,
  container: Container,
  isInit: boolean,
  initialized: boolean,
  waiting: { reason: string; message: string } | undefined,
): ContainerStatus {
  const known = [
    ...(input.pod.status?.initContainerStatuses ?? []),
    ...(input.pod.status?.containerStatuses ?? []),
  ].find((it) => it.name === container.name);
  if (known?.state?.terminated && !waiting) return known;
  if (known?.state?.running && input.terminal) return lost(known, input.now);
  const hasInit = (input.pod.spec.initContainers ?? []).length > 0;
  const initializing = isInit || (hasInit && !initialized);
  return {
    name: container.name,
    state: { waiting: waiting ?? { reason: initializing ? "PodInitializing" : "ContainerCreating" } },
    lastState: {},
    ready: false,
    restartCount: known?.restartCount ?? 0,
    image: container.image ?? "",
    imageID: "",
    started: false,
    resources: {},
    ...(volumeMounts(container).length > 0 ? { volumeMounts: volumeMounts(container) } : {}),
  } as ContainerStatus;
}

/** It ran, and the runtime has forgotten it: how it ended cannot be known. */
function lost(known: ContainerStatus, now: number): ContainerStatus {
  return {
    ...known,
    ready: false,
    started: false,
    state: {
      terminated: {
        exitCode: 137,
        reason: "ContainerStatusUnknown",
        message: "The container could not be located when the pod was terminated",
        startedAt: known.state.running?.startedAt ?? formatTime(now),
        finishedAt: formatTime(now),
      },
    },
  };
}

function stateOf(input: StatusInput, container: RuntimeContainer): ContainerState {
  switch (container.state) {
    case "running":
      return { running: { startedAt: formatTime(container.startedAt) } };
    case "exited":
      return { terminated: terminated(input, container) };
    default:
      return { waiting: { reason: "ContainerCreating" } };
  }
}

function terminated(input: StatusInput, container: RuntimeContainer): NonNullable<ContainerState["terminated"]> {
  const message = container.message || input.terminationMessage(container);
  return {
    exitCode: container.exitCode,
    reason: container.reason || (container.exitCode === 0 ? "Completed" : "Error"),
    ...(message ? { message } : {}),
    startedAt: formatTime(container.startedAt),
    finishedAt: formatTime(container.finishedAt),
    containerID: `containerd://${container.id}`,
  };
}
