import type { Container, ContainerStatus, PodSandbox, PodSandboxStatus } from "../../cri/index.ts";

/** A container as the runtime has it, reduced to what decisions need. Instants are ms since the epoch, 0 when unset. */
export interface RuntimeContainer {
  readonly id: string;
  readonly name: string;
  readonly sandboxId: string;
  readonly state: "created" | "running" | "exited" | "unknown";
  /** how often this container had been started before in its pod */
  readonly restartCount: number;
  readonly hash: string;
  readonly image: string;
  readonly imageRef: string;
  readonly createdAt: number;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly exitCode: number;
  readonly reason: string;
  readonly message: string;
  readonly logPath: string;
  readonly annotations: Readonly<Record<string, string>>;
  readonly user?: { uid: number; gid: number; supplementalGroups: readonly number[] };
}

export interface RuntimeSandbox {
  readonly id: string;
  readonly attempt: number;
  readonly ready: boolean;
  readonly createdAt: number;
  readonly ips: readonly string[];
}

/** Everything the runtime has of one pod; both lists newest first. */
export interface RuntimePod {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly sandboxes: readonly RuntimeSandbox[];
  readonly containers: readonly RuntimeContainer[];
}

export const emptyRuntimePod = (uid: string, name: string, namespace: string): RuntimePod => ({
  uid,
  name,
  namespace,
  sandboxes: [],
  containers: [],
});

/** The labels and annotations by which a restarted kubelet recognises what it made, as Kubernetes' kubelet names them. */
export const LABEL = {
  podName: "io.kubernetes.pod.name",
  podNamespace: "io.kubernetes.pod.namespace",
  podUid: "io.kubernetes.pod.uid",
  containerName: "io.kubernetes.container.name",
} as const;
export const ANNOTATION = {
  hash: "io.kubernetes.container.hash",
  restartCount: "io.kubernetes.container.restartCount",
  terminationMessagePath: "io.kubernetes.container.terminationMessagePath",
  terminationMessagePolicy: "io.kubernetes.container.terminationMessagePolicy",
  podTerminationGracePeriod: "io.kubernetes.pod.terminationGracePeriod",
  preStopHandler: "io.kubernetes.container.preStopHandler",
  ports: "io.kubernetes.container.ports",
  /** what the container was created with; a resize does not reach annotations */
  resources: "io.coxswain.container.resources",
  configSource: "kubernetes.io/config.source",
} as const;

const STATES = {
  CONTAINER_CREATED: "created",
  CONTAINER_RUNNING: "running",
  CONTAINER_EXITED: "exited",
  CONTAINER_UNKNOWN: "unknown",
} as const;

export const stateOf = (container: Pick<Container, "state">) => STATES[container.state];

export function runtimeContainer(sandboxId: string, status: ContainerStatus): RuntimeContainer {
  const linux = status.user?.linux;
  return {
    id: status.id,
    name: status.labels[LABEL.containerName] ?? status.metadata?.name ?? "",
    sandboxId,
    state: stateOf(status),
    restartCount: Number(status.annotations[ANNOTATION.restartCount] ?? status.metadata?.attempt ?? 0),
    hash: status.annotations[ANNOTATION.hash] ?? "",
    image: status.image?.image ?? "",
    imageRef: status.imageRef,
    createdAt: status.createdAt,
    startedAt: Math.max(0, status.startedAt),
    finishedAt: Math.max(0, status.finishedAt),
    exitCode: status.exitCode,
    reason: status.reason,
    message: status.message,
    logPath: status.logPath,
    annotations: status.annotations,
    ...(linux ? { user: linux } : {}),
  };
}

export function runtimeSandbox(sandbox: PodSandbox, status?: PodSandboxStatus): RuntimeSandbox {
  const network = status?.network;
  return {
    id: sandbox.id,
    attempt: sandbox.metadata?.attempt ?? 0,
    ready: sandbox.state === "SANDBOX_READY",
    createdAt: sandbox.createdAt,
    ips: network?.ip ? [network.ip, ...network.additionalIps.map((it) => it.ip)] : [],
  };
}

/** Clocks are coarse: of two made at the same instant, the one of the later attempt is the newer. */
export function newestFirst<T extends { createdAt: number; restartCount?: number; attempt?: number }>(
  items: readonly T[],
): T[] {
  const attempt = (it: T) => it.restartCount ?? it.attempt ?? 0;
  return items.toSorted((a, b) => b.createdAt - a.createdAt || attempt(b) - attempt(a));
}

/** The newest container of this name, in whichever sandbox. */
export function newest(runtime: RuntimePod, name: string): RuntimeContainer | undefined {
  return runtime.containers.find((container) => container.name === name);
}
