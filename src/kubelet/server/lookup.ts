import type { Pod } from "../../api/core/v1/index.ts";
import type { RuntimeContainer } from "../pod/runtimePod.ts";
import { containerNamed } from "../pod/spec.ts";
import { HttpError, type ServerContext } from "./server.ts";

/** A pod of this node by namespace and name (of several, the one that is not ending). */
export function findPod({ workers }: ServerContext, namespace: string, name: string): Pod {
  const pods = workers.pods().filter((it) => it.metadata.namespace === namespace && it.metadata.name === name);
  const pod = pods.find((it) => !it.metadata.deletionTimestamp) ?? pods[0];
  if (!pod) throw new HttpError(404, `pod "${name}" not found`);
  return pod;
}

/** The runs of one container, newest first. */
export function runsOf(context: ServerContext, pod: Pod, container: string): RuntimeContainer[] {
  if (!containerNamed(pod, container)) {
    throw new HttpError(400, `container ${container} is not valid for pod ${pod.metadata.name}`);
  }
  const runtime = context.node.cache.get(pod.metadata.uid!);
  return (runtime?.containers ?? []).filter((it) => it.name === container);
}

export function runningContainer(context: ServerContext, pod: Pod, container: string): RuntimeContainer {
  const run = runsOf(context, pod, container)[0];
  if (run?.state !== "running") throw new HttpError(404, `container not found ("${container}")`);
  return run;
}
