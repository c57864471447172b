import type { Column } from "../../../../apimachinery/kind.ts";
import { parseTime } from "../../../../apimachinery/time.ts";
import type { ContainerStateTerminated, ContainerStatus } from "../containerStatus.ts";
import { isTerminal } from "../podPhase.ts";
import type { PodLike } from "../validation/pod.ts";
import { ageColumn, nameColumn, orNone, since } from "./shared.ts";

/** What `kubectl get pods` says of a Pod. */
interface Summary {
  ready: number;
  total: number;
  /** one word: the phase, or why the Pod is not what its phase promises */
  status: string;
  restarts: Restarts;
}

interface Restarts {
  count: number;
  /** ms since the epoch of the last end, 0 if never */
  last: number;
}

const none: Restarts = { count: 0, last: 0 };

function addRestarts({ count, last }: Restarts, { restartCount, lastState }: ContainerStatus): Restarts {
  const finished = lastState?.terminated?.finishedAt;
  return { count: count + restartCount, last: finished ? Math.max(last, parseTime(finished)) : last };
}

function endedBecause({ reason, signal, exitCode }: ContainerStateTerminated): string {
  return reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`);
}

const isSidecar = (pod: PodLike, name: string) =>
  pod.spec.initContainers?.some((one) => one.name === name && one.restartPolicy === "Always") === true;

const hasCondition = (pod: PodLike, type: string) =>
  pod.status.conditions?.some((one) => one.type === type && one.status === "True") === true;

interface InitSummary {
  /** set while an init container has not done its work */
  status?: string;
  ready: number;
  restarts: Restarts;
  sidecarRestarts: Restarts;
}

function summarizeInit(pod: PodLike): InitSummary {
  const summary: InitSummary = { ready: 0, restarts: none, sidecarRestarts: none };
  for (const [i, one] of (pod.status.initContainerStatuses ?? []).entries()) {
    const { terminated, waiting } = one.state ?? {};
    const sidecar = isSidecar(pod, one.name);
    summary.restarts = addRestarts(summary.restarts, one);
    if (sidecar) summary.sidecarRestarts = addRestarts(summary.sidecarRestarts, one);
    if (terminated?.exitCode === 0) continue;
    if (sidecar && one.started) {
      if (one.ready) summary.ready++;
      continue;
    }
    if (terminated !== undefined) summary.status = `Init:${endedBecause(terminated)}`;
    else if (waiting?.reason && waiting.reason !== "PodInitializing") summary.status = `Init:${waiting.reason}`;
    else summary.status = `Init:${i}/${pod.spec.initContainers?.length ?? 0}`;
    break;
  }
  return summary;
}

function summarize(pod: PodLike): Summary {
  const init = summarizeInit(pod);
  const gated = pod.status.conditions?.some(
    ({ type, reason }) => type === "PodScheduled" && reason === "SchedulingGated",
  );
  const phase = gated ? "SchedulingGated" : pod.status.reason || pod.status.phase || "";
  const sidecars = (pod.spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always").length;
  const summary: Summary = {
    ready: init.ready,
    total: (pod.spec.containers ?? []).length + sidecars,
    status: init.status ?? phase,
    restarts: init.restarts,
  };
  if (init.status === undefined || hasCondition(pod, "Initialized")) {
    summarizeContainers(pod, summary, init.sidecarRestarts);
  }
  return { ...summary, status: deletedStatus(pod) ?? summary.status };
}

/** The first container with something to say speaks for the Pod. */
function summarizeContainers(pod: PodLike, summary: Summary, restarts: Restarts): void {
  let running = false;
  summary.restarts = restarts;
  for (const one of (pod.status.containerStatuses ?? []).toReversed()) {
    const { waiting, terminated } = one.state ?? {};
    summary.restarts = addRestarts(summary.restarts, one);
    if (waiting?.reason) summary.status = waiting.reason;
    else if (terminated !== undefined) summary.status = endedBecause(terminated);
    else if (one.ready && one.state?.running !== undefined) {
      running = true;
      summary.ready++;
    }
  }
  if (summary.status === "Completed" && running) {
    summary.status = hasCondition(pod, "Ready") ? "Running" : "NotReady";
  }
}

function deletedStatus({ metadata, status }: PodLike): string | undefined {
  if (!metadata.deletionTimestamp) return undefined;
  if (status.reason === "NodeLost") return "Unknown";
  return isTerminal({ status }) ? undefined : "Terminating";
}

/** All cells of one Pod come from one summary; objects are frozen, so it can be kept. */
const summaries = new WeakMap<PodLike, Summary>();
function summaryOf(pod: PodLike): Summary {
  let summary = summaries.get(pod);
  if (summary === undefined) {
    summary = summarize(pod);
    if (Object.isFrozen(pod)) summaries.set(pod, summary);
  }
  return summary;
}

function restartsText({ count, last }: Restarts, now: number): string {
  return count > 0 && last > 0 ? `${count} (${since(new Date(last).toISOString(), now)} ago)` : `${count}`;
}

function readinessGates({ spec, status }: PodLike): string {
  const gates = spec.readinessGates ?? [];
  if (gates.length === 0) return "<none>";
  const holds = ({ conditionType }: { conditionType: string }) =>
    status.conditions?.some(({ type, status }) => type === conditionType && status === "True");
  return `${gates.filter(holds).length}/${gates.length}`;
}

export const podColumns: readonly Column<PodLike>[] = [
  nameColumn,
  {
    name: "Ready",
    type: "string",
    description: "How many of the containers that serve are ready.",
    value: (pod) => `${summaryOf(pod).ready}/${summaryOf(pod).total}`,
  },
  {
    name: "Status",
    type: "string",
    description: "The Pod's phase, or why it is not what the phase promises.",
    value: (pod) => summaryOf(pod).status,
  },
  {
    name: "Restarts",
    type: "string",
    description: "How often containers were restarted, and how long ago the last time.",
    value: (pod, now) => restartsText(summaryOf(pod).restarts, now),
  },
  ageColumn,
  {
    name: "IP",
    type: "string",
    priority: 1,
    description: "The Pod's address.",
    value: ({ status }) => orNone(status.podIPs?.[0]?.ip ?? status.podIP),
  },
  {
    name: "Node",
    type: "string",
    priority: 1,
    description: "The node on which the Pod runs.",
    value: ({ spec }) => orNone(spec.nodeName),
  },
  {
    name: "Nominated Node",
    type: "string",
    priority: 1,
    description: "The node on which room is being made for the Pod.",
    value: ({ status }) => orNone(status.nominatedNodeName),
  },
  {
    name: "Readiness Gates",
    type: "string",
    priority: 1,
    description: "How many of the further conditions for readiness hold.",
    value: readinessGates,
  },
];
