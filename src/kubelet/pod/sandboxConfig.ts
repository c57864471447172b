import type { Pod } from "../../api/core/v1/index.ts";
import type { PodSandboxConfig } from "../../cri/index.ts";
import { type DnsInput, podDns } from "./dns.ts";
import { podHostname, podLogDirectory } from "./names.ts";
import { ANNOTATION, LABEL } from "./runtimePod.ts";
import { namespaceOptions, seccomp } from "./security.ts";
import { allContainers } from "./spec.ts";

export interface SandboxInput {
  pod: Pod;
  attempt: number;
  dns: DnsInput;
  podLogsDirectory: string;
  cgroupParent: string;
  seccompDirectory: string;
}

/** What the runtime is told of the pod as a whole. The same for as long as the sandbox lives. */
export function sandboxConfig(input: SandboxInput): PodSandboxConfig {
  const { pod, attempt } = input;
  const { name = "", namespace = "", uid = "" } = pod.metadata;
  return {
    metadata: { name, namespace, uid, attempt },
    // A sandbox in the node's network has the node's host name; runc refuses to set another.
    hostname: pod.spec.hostNetwork ? "" : podHostname(pod, input.dns.clusterDomain).uts,
    logDirectory: podLogDirectory(input.podLogsDirectory, pod),
    dnsConfig: podDns(pod, input.dns),
    portMappings: portMappings(pod),
    labels: {
      ...pod.metadata.labels,
      [LABEL.podName]: name,
      [LABEL.podNamespace]: namespace,
      [LABEL.podUid]: uid,
    },
    annotations: { ...pod.metadata.annotations, [ANNOTATION.configSource]: "api" },
    linux: {
      cgroupParent: input.cgroupParent,
      sysctls: Object.fromEntries((pod.spec.securityContext?.sysctls ?? []).map((it) => [it.name, it.value])),
      securityContext: sandboxSecurity(pod, input.seccompDirectory),
    },
  };
}

function portMappings(pod: Pod): NonNullable<PodSandboxConfig["portMappings"]> {
  if (pod.spec.hostNetwork) return [];
  return allContainers(pod).flatMap((container) =>
    (container.ports ?? [])
      .filter((port) => port.hostPort)
      .map((port) => ({
        protocol: (port.protocol || "TCP") as "TCP" | "UDP" | "SCTP",
        containerPort: port.containerPort,
        hostPort: port.hostPort!,
        hostIp: port.hostIP ?? "",
      })),
  );
}

function sandboxSecurity(pod: Pod, seccompDirectory: string) {
  const shared = pod.spec.securityContext ?? {};
  return {
    namespaceOptions: namespaceOptions(pod),
    privileged: allContainers(pod).some((it) => it.securityContext?.privileged),
    seccomp: shared.seccompProfile
      ? seccomp(shared.seccompProfile, seccompDirectory)
      : ({ profileType: "RuntimeDefault" } as const),
    ...(shared.runAsUser === undefined ? {} : { runAsUser: shared.runAsUser }),
    ...(shared.runAsGroup === undefined || shared.runAsUser === undefined ? {} : { runAsGroup: shared.runAsGroup }),
    supplementalGroups: [
      ...(shared.fsGroup === undefined ? [] : [shared.fsGroup]),
      ...(shared.supplementalGroups ?? []),
    ],
  };
}
