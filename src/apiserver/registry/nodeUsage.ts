import { type Node, Node as NodeKind, type Pod, Pod as PodKind } from "../../api/core/v1/index.ts";
import { NodeMetrics, PodMetrics } from "../../api/metrics/v1beta1/index.ts";
import { notFound } from "../../apimachinery/errors.ts";
import { deepFreeze } from "../../apimachinery/freeze.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { Quantity } from "../../apimachinery/quantity.ts";
import { formatDuration, formatTime } from "../../apimachinery/time.ts";
import { Entry } from "../cache/entry.ts";
import { containerKey } from "../measurements/reading.ts";
import type { NodeUsage, Usage } from "../measurements/usage.ts";
import { type Answer, type Call, objectAnswer } from "../pipeline/call.ts";
import { listEntries } from "./read.ts";
import type { Registry } from "./registry.ts";
import { keyOf, type Strategy } from "./resource.ts";

/** metrics.k8s.io: computed from what the kubelets measure, for the Nodes and Pods that a request selects. */
export const nodeMetricsStrategy: Strategy = {
  answerRead: (call, registry) => answerRead(call, registry, { of: NodeKind, kind: NodeMetrics, measure: nodeMetrics }),
};
export const podMetricsStrategy: Strategy = {
  answerRead: (call, registry) => answerRead(call, registry, { of: PodKind, kind: PodMetrics, measure: podMetrics }),
};

interface Computed<T extends KubernetesObject, M extends KubernetesObject> {
  /** the kind whose objects are measured; selectors are about these */
  of: Kind<T>;
  kind: Kind<M>;
  measure(objects: readonly T[], registry: Registry): Promise<M[]>;
}

async function answerRead<T extends KubernetesObject, M extends KubernetesObject>(
  call: Call,
  registry: Registry,
  computed: Computed<T, M>,
): Promise<Answer> {
  const kind = computed.kind as unknown as Kind;
  const measured = registry.resource(computed.of as unknown as Kind);
  const { namespace, name } = call.info;
  if (call.info.verb === "list") {
    const { entries, metadata } = await listEntries(registry, measured, call);
    const objects = await computed.measure(
      entries.map(({ object }) => object as T),
      registry,
    );
    const { resourceVersion: _, ...rest } = metadata;
    return {
      type: "list",
      kind,
      entries: objects.map((object) => entryOf(kind, object)),
      metadata: rest,
    };
  }
  const key = keyOf(namespace, name);
  const object = measured.cache?.get(key)?.object as T | undefined;
  const [metrics] = object ? await computed.measure([object], registry) : [];
  if (!metrics) throw notFound(named(kind), key);
  return objectAnswer(entryOf(kind, metrics), kind);
}

/** Errors name the resource after its kind, as it shares its plural with what it measures. */
const named = (kind: Kind): Kind => ({
  ...kind,
  plural: kind.kind.toLowerCase(),
  resource: `${kind.kind.toLowerCase()}.${kind.group}`,
});

function entryOf(kind: Kind, object: KubernetesObject): Entry {
  const { namespace = "", name = "" } = object.metadata;
  return new Entry({ kind, key: keyOf(namespace, name), revision: 0, object: deepFreeze(object) });
}

async function nodeMetrics(nodes: readonly Node[], registry: Registry): Promise<NodeMetrics[]> {
  const usages = await measured(
    registry,
    nodes.map(({ metadata }) => metadata.name ?? ""),
  );
  return nodes.flatMap(({ metadata }) => {
    const usage = usages.get(metadata.name ?? "")?.node;
    return usage ? [{ ...head(NodeMetrics, metadata, usage, registry), usage: resources(usage) }] : [];
  });
}

async function podMetrics(pods: readonly Pod[], registry: Registry): Promise<PodMetrics[]> {
  const running = pods.filter(({ spec, status }) => spec.nodeName && status.phase === "Running");
  const usages = await measured(
    registry,
    running.map(({ spec }) => spec.nodeName!),
  );
  return running.flatMap((pod) => {
    const metrics = metricsOf(pod, usages.get(pod.spec.nodeName!), registry);
    return metrics ? [metrics] : [];
  });
}

/** A Pod of which some running container has not been measured yet is left out: half of it would look like little. */
function metricsOf(pod: Pod, usage: NodeUsage | undefined, registry: Registry): PodMetrics | undefined {
  const { name = "", namespace = "" } = pod.metadata;
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status;
  const running = [...containerStatuses, ...initContainerStatuses].filter(({ state }) => state?.running);
  const found = running.map((status) => ({
    name: status.name,
    used: usage?.containers.get(containerKey(namespace, name, status.name)),
  }));
  if (found.length === 0 || found.some(({ used }) => used === undefined)) return undefined;
  const latest = found.map(({ used }) => used!).reduce((a, b) => (a.time >= b.time ? a : b));
  const containers = found.map((one) => ({ name: one.name, usage: resources(one.used!) }));
  return { ...head(PodMetrics, pod.metadata, latest, registry), containers };
}

function head(
  kind: { apiVersion: string; kind: string },
  of: KubernetesObject["metadata"],
  usage: Usage,
  { clock }: Registry,
) {
  const { name, namespace, labels } = of;
  return {
    kind: kind.kind,
    apiVersion: kind.apiVersion,
    metadata: {
      name,
      ...(namespace && { namespace }),
      creationTimestamp: formatTime(clock.now()),
      ...(labels && { labels }),
    },
    timestamp: formatTime(usage.time),
    window: formatDuration(usage.window * 1e6),
  };
}

/** Exact amounts, in the units that metrics-server gives: billionths of a CPU, and Ki of memory. */
const resources = ({ cpu, memory }: Usage): Record<string, string> => ({
  cpu: cpu === 0 ? "0" : `${cpu}n`,
  memory: new Quantity(BigInt(Math.ceil(memory / 1024)) * 1024n * 1_000_000_000n, "BinarySI").toString(),
});

async function measured(registry: Registry, nodes: readonly string[]): Promise<Map<string, NodeUsage>> {
  const all = registry.resource(NodeKind as unknown as Kind).cache!;
  registry.measurements.retain(new Set([...all.current.values()].map(({ key }) => key)));
  return registry.measurements.of(nodes.filter((node) => all.get(node) !== undefined));
}
