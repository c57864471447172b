import type { CrossVersionObjectReference, MetricIdentifier } from "../../api/autoscaling/v2/index.ts";
import { PodMetrics } from "../../api/metrics/v1beta1/index.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { parseQuantity } from "../../apimachinery/quantity.ts";
import { labelSelector } from "../../apimachinery/selectors.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { parseDuration, parseTime } from "../../apimachinery/time.ts";
import type { Client } from "../../client/index.ts";
import type { Sample, Samples } from "./samples.ts";

/** Where metrics come from: the APIs for resources, custom and external metrics. Every failure says which did not answer. */

const milli = (quantity: string): number => parseQuantity(quantity).milliNumber();

/** What the selected Pods use of a resource, all their containers or one of them. */
export async function resourceSamples(
  client: Client,
  of: { namespace: string; selector: string; resource: string; container?: string },
): Promise<Samples> {
  const { namespace, selector, resource, container } = of;
  const { items } = await client.list(PodMetrics, { namespace, labelSelector: selector }).catch((error: Error) => {
    throw new Error(`unable to fetch metrics from resource metrics API: ${error.message}`);
  });
  if (items.length === 0) throw new Error("no metrics returned from resource metrics API");
  return new Map(items.flatMap((pod) => sampleOf(pod, resource, container)));
}

/** A Pod of which a container does not report the resource has no sample. */
function sampleOf(pod: PodMetrics, resource: string, container: string | undefined): [string, Sample][] {
  const { name = "", namespace } = pod.metadata;
  const counted = pod.containers.filter((one) => container === undefined || one.name === container);
  if (container !== undefined && counted.length === 0) {
    throw new Error(`container ${container} not present in metrics for pod ${namespace}/${name}`);
  }
  if (counted.some(({ usage }) => usage[resource] === undefined)) return [];
  const value = counted.reduce((sum, { usage }) => sum + milli(usage[resource]!), 0);
  const window = Number(parseDuration(pod.window) / 1_000_000n);
  return [[name, { value, time: parseTime(pod.timestamp), window }]];
}

interface MetricValue {
  describedObject: { name: string };
  timestamp: string;
  windowSeconds?: number;
  value: string;
}
type MetricValueList = KubernetesObject & { items: readonly MetricValue[] };

const CUSTOM = "custom.metrics.k8s.io";
const NOT_REGISTERED = `no custom metrics API (${CUSTOM}) registered`;
const DEFAULT_WINDOW = 60_000;

/** A metric that each of the selected Pods has. */
export async function podSamples(
  client: Client,
  of: { namespace: string; selector: string; metric: MetricIdentifier },
): Promise<Samples> {
  const { namespace, selector, metric } = of;
  const items = await customMetric(client, { resource: "pods", namespace, name: "*", selector, metric });
  if (items.length === 0) throw new Error("no metrics returned from custom metrics API");
  return new Map(
    items.map(({ describedObject, value, timestamp, windowSeconds }) => {
      const window = windowSeconds === undefined ? DEFAULT_WINDOW : windowSeconds * 1000;
      return [describedObject.name, { value: milli(value), time: parseTime(timestamp), window }];
    }),
  );
}

/** A metric of one object; `resource` is its kind's, such as "deployments.apps". */
export async function objectValue(
  client: Client,
  of: { namespace: string; resource: string; object: CrossVersionObjectReference; metric: MetricIdentifier },
): Promise<number> {
  const { namespace, resource, object, metric } = of;
  const [value] = await customMetric(client, { resource, namespace, name: object.name, metric });
  if (!value) throw new Error("no metrics returned from custom metrics API");
  return milli(value.value);
}

async function customMetric(
  client: Client,
  of: { resource: string; namespace: string; name: string; selector?: string; metric: MetricIdentifier },
): Promise<readonly MetricValue[]> {
  const { resource, namespace, name, selector, metric } = of;
  const query = {
    ...(selector && { labelSelector: selector }),
    ...(metric.selector && { metricLabelSelector: labelSelector(metric.selector).toString() }),
  };
  for (const version of ["v1beta2", "v1beta1"]) {
    const ofNamespace = resource === "namespaces"; // the autoscaler's own, whose metrics are not one of its objects'
    const kind = metricsKind(CUSTOM, version, ofNamespace ? "metrics" : resource);
    const key = { namespace, name: ofNamespace ? metric.name : name };
    try {
      const list = await client.get(kind, key, { query, ...(!ofNamespace && { subresource: metric.name }) });
      return (list as MetricValueList).items;
    } catch (error) {
      if (isAbsent(error)) continue;
      throw new Error(`unable to fetch metrics from custom metrics API: ${(error as Error).message}`);
    }
  }
  throw new Error(`unable to fetch metrics from custom metrics API: ${NOT_REGISTERED}`);
}

/** The path itself is unknown, rather than the object or metric that it names. */
const isAbsent = (error: unknown): boolean =>
  isNotFound(error) && !(error as { status?: { details?: { name?: string } } }).status?.details?.name;

/** The sum of an external metric's series. */
export async function externalValue(client: Client, namespace: string, metric: MetricIdentifier): Promise<number> {
  const group = "external.metrics.k8s.io";
  const kind = metricsKind(group, "v1beta1", metric.name);
  const selector = metric.selector && labelSelector(metric.selector).toString();
  const list = await client.list(kind, { namespace, labelSelector: selector }).catch((error: Error) => {
    const message = isAbsent(error)
      ? `the server could not find the requested resource (get ${metric.name}.${group})`
      : error.message;
    throw new Error(`unable to fetch metrics from external metrics API: ${message}`);
  });
  const items = list.items as unknown as readonly MetricValue[];
  if (items.length === 0) throw new Error("no metrics returned from external metrics API");
  return items.reduce((sum, { value }) => sum + milli(value), 0);
}

/** These APIs are served by whoever has the metrics; what stands where a resource's name does is up to them. */
function metricsKind(group: string, version: string, plural: string): Kind {
  const kind = "MetricValueList";
  const names = { apiVersion: `${group}/${version}`, kind, plural, singular: "", resource: `${plural}.${group}` };
  return { group, version, ...names, scope: "Namespaced", verbs: ["get", "list"], columns: [] } as unknown as Kind;
}
