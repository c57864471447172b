import {
  type Container,
  type ContainerState,
  type ContainerStatus,
  isTerminal,
  type Pod,
  type PodCondition,
  type PodStatus,
} from "../api/core/v1/index.ts";
import { formatTime, parseTime } from "../apimachinery/time.ts";
import type { PodBehaviour } from "./behaviour.ts";

/** What a simulated kubelet does with a Pod next. */
export type PodAction =
  | { do: "write"; status: PodStatus }
  /** its containers have ended: the object may go */
  | { do: "remove" }
  | { do: "wait"; ms: number }
  | { do: "nothing" };

export interface PodPlace {
  hostIP: string;
  podIP: string;
  /** when the Pod came to the node, in ms */
  since: number;
}

const FIRST_BACKOFF = 10_000;
const LAST_BACKOFF = 300_000;

const waitUntil = (at: number, now: number): PodAction =>
  at === Number.POSITIVE_INFINITY ? { do: "nothing" } : { do: "wait", ms: Math.max(1, at - now) };

/** Decides from the Pod as it is and the time; all memory is in the Pod's own status. */
export function nextAction(pod: Pod, place: PodPlace, behaviour: PodBehaviour, now: number): PodAction {
  const { phase } = pod.status;
  if (pod.metadata.deletionTimestamp) return stop(pod, behaviour, now);
  if (isTerminal(pod)) return { do: "nothing" };
  if (phase !== "Running") return start(pod, place, behaviour, now);
  return run(pod, behaviour, now);
}

function stop(pod: Pod, behaviour: PodBehaviour, now: number): PodAction {
  const { deletionTimestamp = "", deletionGracePeriodSeconds = 0 } = pod.metadata;
  const asked = parseTime(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
  const at = Math.min(asked + behaviour.stopDelay, parseTime(deletionTimestamp));
  if (at > now) return waitUntil(at, now);
  // Whoever holds the object still waits to see how its containers ended.
  const held = (pod.metadata.finalizers ?? []).length > 0 && pod.status.phase === "Running";
  return held ? { do: "write", status: stopped(pod, now) } : { do: "remove" };
}

const TERMINATED = 143; // 128 and the number of SIGTERM

function stopped(pod: Pod, now: number): PodStatus {
  const finishedAt = formatTime(now);
  const containerStatuses = pod.status.containerStatuses?.map((status) => {
    const { startedAt = finishedAt } = status.state?.running ?? {};
    const terminated = { exitCode: TERMINATED, reason: "Error", startedAt, finishedAt };
    return { ...status, ready: false, started: false, state: status.state?.terminated ? status.state : { terminated } };
  });
  return { ...pod.status, phase: "Failed", containerStatuses, conditions: conditions(pod, false, now) };
}

function start(pod: Pod, place: PodPlace, behaviour: PodBehaviour, now: number): PodAction {
  const at = place.since + behaviour.startDelay;
  if (at > now) return waitUntil(at, now);
  if (behaviour.imageMissing) return pullFails(pod, place, now);
  const ready = behaviour.readyDelay === 0;
  const startedAt = formatTime(now);
  const status: PodStatus = {
    ...pod.status,
    phase: "Running",
    ...addresses(place),
    startTime: pod.status.startTime ?? startedAt,
    initContainerStatuses: pod.spec.initContainers?.map((c) => initStatus(c, startedAt)),
    containerStatuses: pod.spec.containers.map((c) => containerStatus(c, { running: { startedAt } }, ready, 0)),
  };
  return { do: "write", status: { ...status, conditions: conditions(pod, ready, now) } };
}

function addresses({ hostIP, podIP }: PodPlace) {
  return { hostIP, hostIPs: [{ ip: hostIP }], podIP, podIPs: [{ ip: podIP }] };
}

function pullFails(pod: Pod, { hostIP }: PodPlace, now: number): PodAction {
  if (pod.status.containerStatuses?.length) return { do: "nothing" };
  const state = (image: string) => ({
    waiting: { reason: "ImagePullBackOff", message: `Back-off pulling image "${image}"` },
  });
  const containerStatuses = pod.spec.containers.map((c) => containerStatus(c, state(c.image ?? ""), false, 0));
  const status = { ...pod.status, phase: "Pending", hostIP, hostIPs: [{ ip: hostIP }], startTime: formatTime(now) };
  return { do: "write", status: { ...status, containerStatuses, conditions: conditions(pod, false, now) } };
}

function run(pod: Pod, behaviour: PodBehaviour, now: number): PodAction {
  const first = pod.status.containerStatuses?.[0];
  const startedAt = first?.state?.running?.startedAt;
  if (!startedAt) return restart(pod, behaviour, now);
  const began = parseTime(startedAt);
  if (began + behaviour.exitAfter <= now) return exit(pod, behaviour, startedAt, now);
  const readyAt = began + behaviour.readyDelay;
  if (!first?.ready && readyAt <= now) return becomeReady(pod, now);
  const next = Math.min(first?.ready ? Number.POSITIVE_INFINITY : readyAt, began + behaviour.exitAfter);
  return waitUntil(next, now);
}

function becomeReady(pod: Pod, now: number): PodAction {
  const containerStatuses = pod.status.containerStatuses?.map((status) => ({ ...status, ready: true, started: true }));
  return { do: "write", status: { ...pod.status, containerStatuses, conditions: conditions(pod, true, now) } };
}

function exit(pod: Pod, { exitCode }: PodBehaviour, startedAt: string, now: number): PodAction {
  const reason = exitCode === 0 ? "Completed" : "Error";
  const terminated = { exitCode, reason, startedAt, finishedAt: formatTime(now) };
  const policy = pod.spec.restartPolicy ?? "Always";
  const again = policy === "Always" || (policy === "OnFailure" && exitCode !== 0);
  const waiting = { reason: "CrashLoopBackOff", message: "back-off restarting failed container" };
  const containerStatuses = pod.status.containerStatuses?.map((status) => ({
    ...status,
    ready: false,
    started: false,
    state: again ? { waiting } : { terminated },
    lastState: again ? { terminated } : status.lastState,
  }));
  const phase = again ? "Running" : exitCode === 0 ? "Succeeded" : "Failed";
  return { do: "write", status: { ...pod.status, phase, containerStatuses, conditions: conditions(pod, false, now) } };
}

function restart(pod: Pod, behaviour: PodBehaviour, now: number): PodAction {
  const first = pod.status.containerStatuses?.[0];
  const finishedAt = first?.lastState?.terminated?.finishedAt;
  const backoff = Math.min(LAST_BACKOFF, FIRST_BACKOFF * 2 ** (first?.restartCount ?? 0));
  const at = (finishedAt ? parseTime(finishedAt) : now) + backoff;
  if (at > now) return waitUntil(at, now);
  const ready = behaviour.readyDelay === 0;
  const containerStatuses = pod.status.containerStatuses?.map((status) => ({
    ...status,
    ready,
    started: true,
    restartCount: status.restartCount + 1,
    state: { running: { startedAt: formatTime(now) } },
  }));
  return { do: "write", status: { ...pod.status, containerStatuses, conditions: conditions(pod, ready, now) } };
}

function initStatus(container: Container, at: string): ContainerStatus {
  const terminated = { exitCode: 0, reason: "Completed", startedAt: at, finishedAt: at };
  return containerStatus(container, { terminated }, true, 0);
}

function containerStatus(
  container: Container,
  state: ContainerState,
  ready: boolean,
  restartCount: number,
): ContainerStatus {
  const image = container.image ?? "";
  const started = state.running !== undefined;
  return {
    name: container.name,
    state,
    lastState: {},
    ready,
    restartCount,
    image,
    imageID: image,
    started,
  } as ContainerStatus;
}

/** The Pod's conditions with their transition times kept where nothing changed. */
function conditions(pod: Pod, ready: boolean, now: number): PodCondition[] {
  const wanted = {
    PodReadyToStartContainers: true,
    Initialized: true,
    Ready: ready,
    ContainersReady: ready,
    PodScheduled: true,
  };
  const old = pod.status.conditions ?? [];
  const others = old.filter((condition) => !(condition.type in wanted));
  const ours = Object.entries(wanted).map(([type, value]) => {
    const status = value ? "True" : "False";
    const known = old.find((condition) => condition.type === type);
    if (known?.status === status) return known;
    const reason = value ? {} : { reason: "ContainersNotReady", message: "containers with unready status" };
    return { type, status, lastTransitionTime: formatTime(now), ...reason } as PodCondition;
  });
  return [...others, ...ours];
}
