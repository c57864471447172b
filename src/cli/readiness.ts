import type { Transport } from "../client/transport.ts";
import type { Clock } from "../util/clock.ts";
import type { Applied } from "./apply.ts";
import { UserError } from "./errors.ts";
import type { ManifestObject } from "./manifests.ts";

/** Whether an object does what it was applied for: "ready", or what it still waits for. */
export type Readiness = "ready" | { waitsFor: string } | { failed: string };

interface Workload {
  metadata: { generation?: number };
  spec?: { replicas?: number; paused?: boolean };
  status?: {
    observedGeneration?: number;
    replicas?: number;
    updatedReplicas?: number;
    readyReplicas?: number;
    availableReplicas?: number;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
  };
}

interface PodLike {
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  status?: {
    phase?: string;
    reason?: string;
    message?: string;
    conditions?: { type: string; status: string; reason?: string; message?: string }[];
    initContainerStatuses?: ContainerStatus[];
    containerStatuses?: ContainerStatus[];
  };
}
interface ContainerStatus {
  name: string;
  ready?: boolean;
  restartCount?: number;
  state?: { waiting?: { reason?: string; message?: string }; terminated?: { reason?: string; exitCode?: number } };
}

const RULES: Record<string, (object: ManifestObject) => Readiness> = {
  Deployment: (object) => deploymentReadiness(object as unknown as Workload),
  Pod: (object) => podReadiness(object as unknown as PodLike),
};

export function readinessOf(object: ManifestObject): Readiness {
  return RULES[object.kind]?.(object) ?? "ready";
}

/** As `kubectl rollout status` judges. */
function deploymentReadiness({ metadata, spec, status = {} }: Workload): Readiness {
  const wanted = spec?.replicas ?? 1;
  const { replicas = 0, updatedReplicas = 0, availableReplicas = 0 } = status;
  if ((status.observedGeneration ?? 0) < (metadata.generation ?? 0)) return { waitsFor: "the controller to see it" };
  const progressing = status.conditions?.find((condition) => condition.type === "Progressing");
  if (progressing?.reason === "ProgressDeadlineExceeded") return { failed: progressing.message ?? progressing.reason };
  if (spec?.paused) return "ready";
  if (updatedReplicas < wanted) return { waitsFor: `${updatedReplicas} of ${wanted} Pods updated` };
  if (replicas > updatedReplicas) return { waitsFor: `${replicas - updatedReplicas} old Pods to end` };
  if (availableReplicas < wanted) return { waitsFor: `${availableReplicas} of ${wanted} Pods ready` };
  return "ready";
}

function podReadiness(pod: PodLike): Readiness {
  const phase = pod.status?.phase;
  if (phase === "Succeeded") return "ready";
  if (phase === "Failed") return { failed: pod.status?.message ?? podTrouble(pod) ?? "the Pod failed" };
  const ready = pod.status?.conditions?.find((condition) => condition.type === "Ready");
  return ready?.status === "True" ? "ready" : { waitsFor: podTrouble(pod) ?? `phase ${phase ?? "unknown"}` };
}

/** Why a Pod does not run, in a few words; undefined when nothing speaks against it. */
export function podTrouble(pod: PodLike): string | undefined {
  const unscheduled = pod.status?.conditions?.find((c) => c.type === "PodScheduled" && c.status === "False");
  if (unscheduled) return `${unscheduled.reason ?? "not scheduled"}: ${unscheduled.message ?? ""}`;
  const containers = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  for (const { name, state } of containers) {
    const waiting = state?.waiting;
    if (waiting?.reason && !["ContainerCreating", "PodInitializing"].includes(waiting.reason)) {
      return `container ${name}: ${waiting.reason}${waiting.message ? `: ${waiting.message}` : ""}`;
    }
    if (state?.terminated && state.terminated.exitCode !== 0) {
      return `container ${name} ended with exit code ${state.terminated.exitCode}`;
    }
  }
  return undefined;
}

/** Waits, by watch, until all that was applied is ready; fails with the reasons when `signal` aborts. */
export async function whenReady(
  transport: Transport,
  applied: readonly Applied[],
  options: { clock: Clock; signal: AbortSignal; note(text: string): void },
): Promise<void> {
  const waiting = new Map(applied.filter((a) => a.object.kind in RULES).map((a) => [a.path, a.object]));
  const state = new Map<string, string>();
  const show = () => options.note([...state.values()].join(", "));
  await Promise.all(
    [...waiting].map(async ([path, object]) => {
      const label = `${object.kind}/${object.metadata.name}`;
      for await (const seen of follow(transport, path, options)) {
        const readiness = readinessOf(seen);
        if (readiness === "ready") break;
        if ("failed" in readiness)
          throw new UserError(`${label}: ${readiness.failed}`, { hint: await why(transport, path, seen) });
        state.set(path, `${label}: ${readiness.waitsFor}`);
        show();
      }
      state.delete(path);
      show();
    }),
  );
}

/** One object as it is and as it becomes. */
async function* follow(
  transport: Transport,
  path: string,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): AsyncGenerator<ManifestObject> {
  const slash = path.lastIndexOf("/");
  const fieldSelector = `metadata.name=${decodeURIComponent(path.slice(slash + 1))}`;
  for (;;) {
    const object = (await transport.request({ method: "GET", path, signal })) as ManifestObject;
    yield object;
    const resourceVersion = String(object.metadata.resourceVersion);
    const query = { watch: "true", fieldSelector, resourceVersion };
    try {
      for await (const events of transport.watch({ method: "GET", path: path.slice(0, slash), query, signal })) {
        for (const event of events) if (event.type !== "BOOKMARK") yield event.object as ManifestObject;
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Error)) throw error; // else the watch broke: look again
    }
    signal.throwIfAborted();
    await clock.sleep(200, signal);
  }
}

/** What to look at when a workload does not come up: its Pods' troubles, as far as they can be read. */
export async function why(transport: Transport, path: string, object: ManifestObject): Promise<string> {
  const [, prefix] = path.match(/\/namespaces\/([^/]+)\//) ?? [];
  const namespace = prefix ?? "default";
  const look = `cox kubectl -n ${namespace} describe ${object.kind.toLowerCase()} ${object.metadata.name}`;
  const labels = (object.spec as { selector?: { matchLabels?: Record<string, string> } })?.selector?.matchLabels;
  if (!labels) return look;
  const labelSelector = Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(",");
  const query = { labelSelector };
  const list = await transport
    .request({ method: "GET", path: `/api/v1/namespaces/${namespace}/pods`, query })
    .catch(() => undefined);
  const troubles = ((list as { items?: PodLike[] } | undefined)?.items ?? []).flatMap((pod) => {
    const trouble = podTrouble(pod);
    return trouble ? [`Pod ${pod.metadata.name}: ${trouble}`] : [];
  });
  return [...new Set(troubles), look].slice(-4).join("\n");
}

/** The reasons why what was applied is not ready yet. */
export async function explain(transport: Transport, applied: readonly Applied[]): Promise<string[]> {
  const lines: string[] = [];
  for (const { path, object } of applied) {
    if (!(object.kind in RULES)) continue;
    const seen = (await transport.request({ method: "GET", path })) as ManifestObject;
    const readiness = readinessOf(seen);
    if (readiness === "ready") continue;
    const what = "failed" in readiness ? readiness.failed : readiness.waitsFor;
    lines.push(`${object.kind}/${object.metadata.name}: ${what}`, await why(transport, path, seen));
  }
  return lines;
}
