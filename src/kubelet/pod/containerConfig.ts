import type { Container, Pod } from "../../api/core/v1/index.ts";
import type { ContainerConfig, Device, LinuxContainerSecurityContext, Mount } from "../../cri/index.ts";
import { expand } from "./environment.ts";
import { logPath } from "./names.ts";
import { containerResources } from "./resources.ts";
import { ANNOTATION, LABEL } from "./runtimePod.ts";
import { containerHash, gracePeriod } from "./spec.ts";

export interface ContainerInput {
  pod: Pod;
  container: Container;
  restartCount: number;
  /** the image's id or digest, as the pull answered */
  imageRef: string;
  environment: ReadonlyMap<string, string>;
  mounts: readonly Mount[];
  devices: readonly Device[];
  cdiDevices: readonly { readonly name: string }[];
  security: LinuxContainerSecurityContext;
  nodeMemory: number;
}

/** What the runtime is told of one container. */
export function containerConfig(input: ContainerInput): ContainerConfig {
  const { pod, container, restartCount, environment } = input;
  const resolve = (text: string) => expand(text, (name) => environment.get(name));
  return {
    metadata: { name: container.name, attempt: restartCount },
    image: { image: input.imageRef, userSpecifiedImage: container.image ?? "" },
    command: (container.command ?? []).map(resolve),
    args: (container.args ?? []).map(resolve),
    workingDir: container.workingDir ?? "",
    envs: [...environment].map(([key, value]) => ({ key, value })),
    mounts: input.mounts,
    devices: input.devices,
    cdiDevices: input.cdiDevices,
    labels: {
      [LABEL.podName]: pod.metadata.name ?? "",
      [LABEL.podNamespace]: pod.metadata.namespace ?? "",
      [LABEL.podUid]: pod.metadata.uid ?? "",
      [LABEL.containerName]: container.name,
    },
    annotations: annotations(pod, container, restartCount),
    logPath: logPath(container.name, restartCount),
    stdin: container.stdin ?? false,
    stdinOnce: container.stdinOnce ?? false,
    tty: container.tty ?? false,
    linux: { resources: containerResources(pod, container, input.nodeMemory), securityContext: input.security },
  };
}

/** What a later kubelet needs to know of the container even when its pod is gone from the API. */
function annotations(pod: Pod, container: Container, restartCount: number): Record<string, string> {
  const preStop = container.lifecycle?.preStop;
  return {
    [ANNOTATION.hash]: containerHash(container),
    [ANNOTATION.restartCount]: String(restartCount),
    [ANNOTATION.terminationMessagePath]: container.terminationMessagePath || "/dev/termination-log",
    [ANNOTATION.terminationMessagePolicy]: container.terminationMessagePolicy || "File",
    [ANNOTATION.podTerminationGracePeriod]: String(gracePeriod(pod)),
    ...(container.resources ? { [ANNOTATION.resources]: JSON.stringify(container.resources) } : {}),
    ...(preStop ? { [ANNOTATION.preStopHandler]: JSON.stringify(preStop) } : {}),
    ...(container.ports?.length ? { [ANNOTATION.ports]: JSON.stringify(container.ports) } : {}),
  };
}
