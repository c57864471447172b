import type { Container, LifecycleHandler, Pod } from "../../api/core/v1/index.ts";
import { isRuntimeNotFound } from "../../cri/index.ts";
import { runHook } from "./hooks.ts";
import type { NodeServices } from "./node.ts";
import { ANNOTATION, type RuntimeContainer, type RuntimePod } from "./runtimePod.ts";
import { containerNamed, isSidecar } from "./spec.ts";

/** After a hook has used up the time there was, a container still gets this long. */
const LEAST_GRACE = 2;

export interface KillRequest {
  pod: Pod | undefined;
  runtime: RuntimePod;
  container: RuntimeContainer;
  /** seconds */
  grace: number;
  message: string;
  /** aborting it cuts a preStop hook short */
  signal: AbortSignal;
}

/** Ends one container: preStop hook, stop signal, and SIGKILL when its time is over. */
export async function killContainer(node: NodeServices, request: KillRequest): Promise<void> {
  const { pod, container, message } = request;
  if (pod) node.recorder.event(pod, "Normal", "Killing", message, { fieldPath: `spec.containers{${container.name}}` });
  const hook = preStopOf(request);
  let grace = request.grace;
  if (hook && grace > 0) grace = Math.max(LEAST_GRACE, grace - (await preStop(node, request, hook)));
  await node.cri.stopContainer(container.id, Math.ceil(grace)).catch((error: unknown) => {
    if (!isRuntimeNotFound(error)) throw error;
  });
}

/** The pod's own word, or (when the pod is gone) what was noted at the container's creation. */
function preStopOf({ pod, container }: KillRequest): LifecycleHandler | undefined {
  if (pod) return containerNamed(pod, container.name)?.lifecycle?.preStop;
  const noted = container.annotations[ANNOTATION.preStopHandler];
  return noted ? (JSON.parse(noted) as LifecycleHandler) : undefined;
}

/** Runs the hook for at most the grace period; answers the seconds it took. */
async function preStop(node: NodeServices, request: KillRequest, hook: LifecycleHandler): Promise<number> {
  const { pod, container, runtime, grace } = request;
  const { clock, cri } = node;
  const begun = clock.now();
  const stop = new AbortController();
  const signal = AbortSignal.any([request.signal, stop.signal]);
  const spec = (pod && containerNamed(pod, container.name)) ?? ({ name: container.name } as Container);
  const podIP = pod?.spec.hostNetwork ? node.hostIPs[0]! : (runtime.sandboxes[0]?.ips[0] ?? "");
  const target = { pod: pod as Pod, container: spec, containerId: container.id, podIP };
  const timeUp = clock.pause(grace * 1000, signal);
  try {
    await Promise.race([runHook(hook, target, { cri, clock, signal }), timeUp]);
  } catch (error) {
    if (pod && !signal.aborted) {
      node.recorder.event(pod, "Warning", "FailedPreStopHook", "PreStopHook failed", {
        fieldPath: `spec.containers{${container.name}}`,
      });
    }
    node.logger.debug("preStop hook failed", { container: container.name, error });
  } finally {
    stop.abort();
  }
  return (clock.now() - begun) / 1000;
}

/** Ends all containers of a pod: first those that do its work, then its sidecars in reverse order; all within `grace`. */
export async function killAll(
  node: NodeServices,
  { pod, runtime, grace, signal }: { pod: Pod | undefined; runtime: RuntimePod; grace: number; signal: AbortSignal },
): Promise<void> {
  const deadline = node.clock.now() + grace * 1000;
  const alive = runtime.containers.filter((it) => it.state === "running" || it.state === "unknown");
  const order = (pod?.spec.initContainers ?? []).filter(isSidecar).map((it) => it.name);
  const kill = (container: RuntimeContainer, seconds: number) =>
    killContainer(node, {
      pod,
      runtime,
      container,
      grace: seconds,
      message: `Stopping container ${container.name}`,
      signal,
    });
  await Promise.all(alive.filter((it) => !order.includes(it.name)).map((it) => kill(it, grace)));
  for (const name of order.toReversed()) {
    const left = Math.min(grace, Math.max(LEAST_GRACE, (deadline - node.clock.now()) / 1000));
    await Promise.all(alive.filter((it) => it.name === name).map((it) => kill(it, left)));
  }
}
