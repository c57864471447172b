import type { MetricSpec, MetricStatus, MetricTarget, MetricValueStatus } from "../../api/autoscaling/v2/index.ts";
import type { Pod } from "../../api/core/v1/index.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { LabelSelector } from "../../apimachinery/meta.ts";
import { parseQuantity, Quantity } from "../../apimachinery/quantity.ts";
import type { Client } from "../../client/index.ts";
import { externalValue, objectValue, podSamples, resourceSamples } from "./metrics.ts";
import {
  type Proposal,
  type Question,
  replicasForAverage,
  replicasForShare,
  replicasForUtilization,
  replicasForValue,
  type Tolerances,
} from "./replicas.ts";
import { requestsOf } from "./requests.ts";
import type { Starting } from "./samples.ts";

/** What is known of the target when its metrics are looked at. */
export interface Target {
  readonly namespace: string;
  readonly selector: string;
  readonly pods: readonly Pod[];
  /** replicas that are wanted, and that there are */
  readonly wanted: number;
  readonly found: number;
  readonly tolerances: Tolerances;
  readonly starting: Starting;
  readonly now: number;
}

export interface MetricAnswer {
  readonly replicas: number;
  /** the metric in words, for messages */
  readonly name: string;
  readonly status: MetricStatus;
}

/** A metric that could not be read: `reason` is that of the condition, the message what the condition says. */
export class MetricFailure extends Error {
  readonly reason: string;
  /** what the failed computation as a whole says */
  readonly within: string;
  constructor(reason: string, within: string, cause: unknown) {
    super((cause as Error).message);
    this.reason = reason;
    this.within = `${within}: ${this.message}`;
  }
}

interface Ask {
  readonly client: Client;
  readonly target: Target;
  readonly kinds: readonly Kind[];
}

const milli = (quantity: string): number => parseQuantity(quantity).milliNumber();
const amount = (thousandths: number): string =>
  new Quantity(BigInt(Math.round(thousandths)) * 1_000_000n, "DecimalSI").toString();

/** What one metric asks for. Throws MetricFailure. */
export async function askMetric(spec: MetricSpec, ask: Ask): Promise<MetricAnswer> {
  const { reason, within, answer } = SOURCES[spec.type] ?? unknown(spec);
  try {
    return await answer(spec, ask);
  } catch (error) {
    throw new MetricFailure(reason, within(spec), error);
  }
}

interface Source {
  reason: string;
  within(spec: MetricSpec): string;
  answer(spec: MetricSpec, ask: Ask): Promise<MetricAnswer>;
}

const SOURCES: Readonly<Record<string, Source>> = {
  Resource: {
    reason: "FailedGetResourceMetric",
    within: ({ resource }) => `failed to get ${resource?.name} resource metric value`,
    async answer(spec, ask) {
      const { name, target } = spec.resource!;
      const { proposal, ...words } = await resource(ask, name, target, undefined);
      const current = resourceStatus(proposal);
      return { replicas: proposal.replicas, ...words, status: { type: "Resource", resource: { name, current } } };
    },
  },
  ContainerResource: {
    reason: "FailedGetContainerResourceMetric",
    within: ({ containerResource }) => `failed to get ${containerResource?.name} container metric value`,
    async answer(spec, ask) {
      const { name, target, container } = spec.containerResource!;
      const { proposal, ...words } = await resource(ask, name, target, container);
      const status = { type: spec.type, containerResource: { name, container, current: resourceStatus(proposal) } };
      return { replicas: proposal.replicas, ...words, status };
    },
  },
  Pods: { reason: "FailedGetPodsMetric", within: () => "failed to get pods metric value", answer: pods },
  Object: { reason: "FailedGetObjectMetric", within: () => "failed to get object metric value", answer: object },
  External: {
    reason: "FailedGetExternalMetric",
    within: ({ external: source }) => `failed to get ${source?.metric.name} external metric value`,
    answer: external,
  },
};

const unknown = ({ type }: MetricSpec): Source => ({
  reason: "InvalidMetricSourceType",
  within: () => "",
  answer: () => Promise.reject(new Error(`unknown metric source type ${JSON.stringify(type)}`)),
});

const question = ({ target }: Ask, resourceName?: string): Question => ({
  pods: target.pods,
  current: target.wanted,
  tolerances: target.tolerances,
  starting: target.starting,
  now: target.now,
  ...(resourceName !== undefined && { resource: resourceName }),
});

async function resource(ask: Ask, name: string, target: MetricTarget, container: string | undefined) {
  const { client, target: of } = ask;
  const byAmount = target.averageValue !== undefined;
  try {
    const samples = await resourceSamples(client, { ...of, resource: name, container }).catch((error: Error) => {
      throw new Error(`unable to get metrics for resource ${name}: ${error.message}`);
    });
    if (byAmount) {
      const proposal = replicasForAverage(question(ask, name), samples, milli(target.averageValue!));
      return { proposal, name: `${name} resource` };
    }
    const requests = () => requestsOf(of.pods, name, container);
    const proposal = replicasForUtilization(question(ask, name), samples, requests, target.averageUtilization ?? 0);
    return { proposal, name: `${name} resource utilization (percentage of request)` };
  } catch (error) {
    throw new Error(`failed to get ${name} ${byAmount ? "usage" : "utilization"}: ${(error as Error).message}`);
  }
}

const resourceStatus = ({ usage, utilization }: Proposal): MetricValueStatus => ({
  averageValue: amount(usage),
  ...(utilization !== undefined && { averageUtilization: utilization }),
});

async function pods({ pods: source, type }: MetricSpec, ask: Ask): Promise<MetricAnswer> {
  const { metric, target } = source!;
  const samples = await podSamples(ask.client, { ...ask.target, metric }).catch((error: Error) => {
    throw new Error(`unable to get metric ${metric.name}: ${error.message}`);
  });
  const { replicas, usage } = replicasForAverage(question(ask), samples, milli(target.averageValue ?? "0"));
  const status = { type, pods: { metric, current: { averageValue: amount(usage) } } };
  return { replicas, name: `pods metric ${metric.name}`, status };
}

async function object({ object: source, type }: MetricSpec, ask: Ask): Promise<MetricAnswer> {
  const { metric, target, describedObject } = source!;
  const { namespace } = ask.target;
  const resourceName = resourceOf(describedObject, ask.kinds);
  const value = await objectValue(ask.client, {
    namespace,
    resource: resourceName,
    object: describedObject,
    metric,
  }).catch((error: Error) => {
    const { kind, name } = describedObject;
    throw new Error(`unable to get metric ${metric.name}: ${kind} on ${namespace} ${name}/${error.message}`);
  });
  const { replicas, current } = amountReplicas(ask, target, value);
  const name = target.value !== undefined ? `${describedObject.kind} metric ${metric.name}` : seriesName(metric);
  return { replicas, name, status: { type, object: { metric, current, describedObject } } };
}

async function external({ external: source, type }: MetricSpec, ask: Ask): Promise<MetricAnswer> {
  const { metric, target } = source!;
  const { namespace } = ask.target;
  const value = await externalValue(ask.client, namespace, metric).catch((error: Error) => {
    const of = `${namespace}/${metric.name}/${printSelector(metric.selector)}`;
    throw new Error(`unable to get external metric ${of}: ${error.message}`);
  });
  const { replicas, current } = amountReplicas(ask, target, value);
  return { replicas, name: seriesName(metric), status: { type, external: { metric, current } } };
}

/** For a metric that is one amount: its target is for the whole, or for each Pod. */
function amountReplicas(ask: Ask, target: MetricTarget, value: number) {
  const { found, tolerances } = ask.target;
  if (target.averageValue !== undefined && target.value === undefined) {
    const { replicas, usage } = replicasForShare({ replicas: found, tolerances }, value, milli(target.averageValue));
    return { replicas, current: { averageValue: amount(usage) } };
  }
  const { replicas, usage } = replicasForValue(question(ask), value, milli(target.value ?? "0"));
  return { replicas, current: { value: amount(usage) } };
}

function resourceOf({ apiVersion = "", kind }: { apiVersion?: string; kind: string }, kinds: readonly Kind[]): string {
  const found = kinds.find((one) => one.kind === kind && (apiVersion === "" || one.apiVersion === apiVersion));
  if (!found) throw new Error(`no matches for kind "${kind}" in version "${apiVersion}"`);
  return found.resource;
}

const seriesName = ({ name, selector }: { name: string; selector?: LabelSelector }): string =>
  `external metric ${name}(${printSelector(selector)})`;

/** As Go prints a selector, which messages show. */
function printSelector(selector: LabelSelector | undefined): string {
  if (!selector) return "nil";
  const labels = Object.entries(selector.matchLabels ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}: ${value},`);
  const expressions = (selector.matchExpressions ?? []).map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(" ")}],},`,
  );
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join("")}},MatchExpressions:[]LabelSelectorRequirement{${expressions.join("")}},}`;
}
