import { type HostPort, hostPortsOf, type Pod } from "../api/core/v1/index.ts";
import type { Selector } from "../apimachinery/selectors.ts";
import { type AffinityTerm, type PodTerms, podTerms } from "./podTerms.ts";
import { type Amounts, podRequests, scoredRequests } from "./requests.ts";

export type { HostPort };

/** What the scheduler reads off a Pod once. */
export interface PodFacts {
  readonly pod: Pod;
  /** "namespace/name" */
  readonly key: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly priority: number;
  readonly isTerminating: boolean;
  readonly requests: Amounts;
  readonly scoredCpu: number;
  readonly scoredMemory: number;
  readonly hostPorts: readonly HostPort[];
  /** rules about other Pods; undefined: none */
  readonly terms: PodTerms | undefined;
  /** "namespace/name" of each claim that it uses */
  readonly claims: readonly string[];
}

export type { AffinityTerm, Selector };

const facts = new WeakMap<Pod, PodFacts>();
const NONE: Readonly<Record<string, string>> = {};

/** The facts of a Pod; Pods are frozen, so they are gathered once. */
export function factsOf(pod: Pod): PodFacts {
  let known = facts.get(pod);
  if (!known) {
    known = gather(pod);
    facts.set(pod, known);
  }
  return known;
}

export function keyOfPod({ metadata }: Pod): string {
  return `${metadata.namespace}/${metadata.name}`;
}

function gather(pod: Pod): PodFacts {
  const requests = podRequests(pod);
  const scored = scoredRequests(pod, requests);
  return {
    pod,
    key: keyOfPod(pod),
    namespace: pod.metadata.namespace ?? "",
    labels: pod.metadata.labels ?? NONE,
    priority: pod.spec.priority ?? 0,
    isTerminating: pod.metadata.deletionTimestamp !== undefined,
    requests,
    scoredCpu: scored.cpu,
    scoredMemory: scored.memory,
    hostPorts: hostPortsOf(pod),
    terms: podTerms(pod),
    claims: claimsOf(pod),
  };
}

/** Claims by name, and those that are made for the Pod's own ephemeral volumes. */
function claimsOf({ metadata, spec }: Pod): string[] {
  const claims: string[] = [];
  for (const volume of spec.volumes ?? []) {
    const claim = volume.persistentVolumeClaim?.claimName;
    if (claim) claims.push(`${metadata.namespace}/${claim}`);
    else if (volume.ephemeral) claims.push(`${metadata.namespace}/${metadata.name}-${volume.name}`);
  }
  return claims;
}
