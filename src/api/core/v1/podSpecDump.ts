import type { ObjectMeta } from "../../../apimachinery/meta.ts";
import { changedLines, internalForm } from "./internalForm.ts";
import { PodSpec } from "./podSpec.ts";
import { PodSecurityContext } from "./securityContext.ts";

/** What the host shares with the Pod stands in its security context inside. */
function dumpPodSpec(spec: PodSpec): unknown {
  const { hostNetwork = false, hostPID = false, hostIPC = false } = spec;
  const context = internalForm(PodSecurityContext, spec.securityContext ?? {}) as object;
  const shared = {
    HostNetwork: hostNetwork,
    HostPID: hostPID,
    HostIPC: hostIPC,
    ShareProcessNamespace: spec.shareProcessNamespace ?? null,
    HostUsers: spec.hostUsers ?? null,
  };
  return { ...(internalForm(PodSpec, spec) as object), SecurityContext: { ...shared, ...context } };
}

const sorted = (map: object) => Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));

/** A template as refusals show it: the fields of its metadata that are set, then its specification. */
export function shownPodTemplate({ metadata, spec }: { metadata: ObjectMeta; spec: PodSpec }): unknown {
  const { labels, annotations, finalizers } = metadata;
  const set = Object.entries({ labels: labels && sorted(labels), annotations: annotations && sorted(annotations) });
  return {
    ...Object.fromEntries(set.filter(([, value]) => value !== undefined)),
    ...(finalizers && { finalizers }),
    Spec: dumpPodSpec(spec),
  };
}

/** The lines in which two specifications differ, with three lines around each. */
export function changesOfPodSpec(old: PodSpec, now: PodSpec): string {
  return changedLines(dumpPodSpec(old), dumpPodSpec(now));
}
