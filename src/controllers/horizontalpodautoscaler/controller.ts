import type { Scale } from "../../api/autoscaling/v1/index.ts";
import { HorizontalPodAutoscaler, type MetricStatus } from "../../api/autoscaling/v2/index.ts";
import { Pod } from "../../api/core/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { parseQuantity } from "../../apimachinery/quantity.ts";
import { parseLabelSelector } from "../../apimachinery/selectors.ts";
import { formatTime } from "../../apimachinery/time.ts";
import { after, type Controller, controller, type Outcome, type ReconcileContext } from "../../client/index.ts";
import { sameWhenWritten } from "../sameJson.ts";
import { Conditions } from "./conditions.ts";
import { behaviorOf, type Decision, decideByBounds, decideByMetrics } from "./desired.ts";
import { emptyHistory, forget, type History } from "./limits.ts";
import { DEFAULTS, type HorizontalPodAutoscalerOptions } from "./options.ts";
import { askMetric, type MetricAnswer, MetricFailure, type Target } from "./proposals.ts";
import type { Tolerances } from "./replicas.ts";

/** Keeps the number of Pods of a workload in step with its load. `kinds`: what may be scaled. */
export function horizontalPodAutoscalerController(
  kinds: readonly Kind[],
  options: Partial<HorizontalPodAutoscalerOptions> = {},
): Controller {
  const all = { ...DEFAULTS, ...options, kinds };
  const memory = new Memory();
  return controller({
    name: "horizontal-pod-autoscaler",
    for: HorizontalPodAutoscaler,
    reads: [Pod],
    when: ({ spec }, old) => !deepEqual(spec, old.spec),
    reconcile: (autoscaler, context) => new Look(autoscaler, context, memory, all).take(),
    async gone({ namespace, name }) {
      memory.forget(`${namespace}/${name}`);
    },
  });
}

/** What is remembered of each autoscaler from one look to the next. A new controller begins without. */
class Memory {
  readonly #histories = new Map<string, History>();
  readonly #selectors = new Map<string, string>();

  history(key: string, current: number, now: number): History {
    let history = this.#histories.get(key);
    if (!history) {
      history = emptyHistory();
      // What there is at first counts as recommended: a restart of the controller must not shrink anything at once.
      history.recommendations.push({ replicas: current, at: now });
      this.#histories.set(key, history);
    }
    return history;
  }
  selects(key: string, selector: string): void {
    this.#selectors.set(key, selector);
  }
  /** Autoscalers of the same namespace that select one of these Pods. */
  selecting(namespace: string, pods: readonly Pod[]): string[] {
    return [...this.#selectors]
      .filter(([key]) => key.startsWith(`${namespace}/`))
      .filter(([, text]) => {
        const selector = parseLabelSelector(text);
        return pods.some(({ metadata }) => selector.matches(metadata.labels ?? {}));
      })
      .map(([key]) => key)
      .sort();
  }
  forget(key: string): void {
    this.#histories.delete(key);
    this.#selectors.delete(key);
  }
}

/** A look that cannot go on; the conditions say why. */
class Unable extends Error {}

type LookOptions = HorizontalPodAutoscalerOptions & { kinds: readonly Kind[] };

/** One look at one autoscaler: scale, metrics, decision, and what is done about it. */
class Look {
  readonly #autoscaler: HorizontalPodAutoscaler;
  readonly #context: ReconcileContext;
  readonly #memory: Memory;
  readonly #options: LookOptions;
  readonly #conditions: Conditions;
  readonly #now: number;
  readonly #key: string;
  #metrics: MetricStatus[] | null = null;
  #lastScaleTime: string | undefined;

  constructor(autoscaler: HorizontalPodAutoscaler, context: ReconcileContext, memory: Memory, options: LookOptions) {
    this.#autoscaler = autoscaler;
    this.#context = context;
    this.#memory = memory;
    this.#options = options;
    this.#now = context.clock.now();
    this.#conditions = new Conditions(autoscaler.status.conditions, this.#now);
    this.#key = `${autoscaler.metadata.namespace}/${autoscaler.metadata.name}`;
    this.#metrics = autoscaler.status.currentMetrics ?? null;
    this.#lastScaleTime = autoscaler.status.lastScaleTime ?? undefined;
  }

  async take(): Promise<Outcome> {
    try {
      const { kind, scale } = await this.#target();
      await this.#follow(kind, scale);
    } catch (error) {
      if (!(error instanceof Unable)) throw error;
      await this.#writeStatus({});
      this.#context.logger.debug("cannot scale", { autoscaler: this.#key, error: error.message });
    }
    return after(this.#options.period);
  }

  async #target(): Promise<{ kind: Kind; scale: Scale }> {
    const { namespace } = this.#autoscaler.metadata;
    const { apiVersion = "", kind: wanted, name } = this.#autoscaler.spec.scaleTargetRef;
    try {
      const kind = this.#options.kinds.find((one) => one.kind === wanted && one.apiVersion === apiVersion);
      if (!kind) throw new Error(`no matches for kind "${wanted}" in group "${apiVersion.replace(/\/?[^/]*$/, "")}"`);
      const answer: unknown = await this.#context.client.get(kind, { namespace, name }, { subresource: "scale" });
      const message = "the HPA controller was able to get the target's current scale";
      this.#conditions.set("AbleToScale", true, "SucceededGetScale", message);
      return { kind, scale: answer as Scale };
    } catch (error) {
      const { message } = error as Error;
      this.#warn("FailedGetScale", message);
      const told = `the HPA controller was unable to get the target's current scale: ${message}`;
      this.#conditions.set("AbleToScale", false, "FailedGetScale", told);
      throw new Unable(message);
    }
  }

  async #follow(kind: Kind, scale: Scale): Promise<void> {
    const current = scale.spec.replicas ?? 0;
    const history = this.#memory.history(this.#key, current, this.#now);
    const bound = decideByBounds(this.#autoscaler, current);
    const decision = bound ?? (await this.#decideByMetrics(scale, history));
    if (!decision) return this.#writeStatus({ currentReplicas: current });
    if (bound && current === 0 && !bound.rescale) {
      const message = "scaling is disabled since the replica count of the target is zero";
      this.#conditions.set("ScalingActive", false, "ScalingDisabled", message);
    }
    if (decision.rescale) await this.#rescale(kind, scale, decision, history);
    const { downWindow } = this.#options;
    forget(history, behaviorOf(this.#autoscaler), { now: this.#now, downWindow });
    await this.#writeStatus({
      currentReplicas: current,
      desiredReplicas: decision.rescale ? decision.replicas : current,
    });
  }

  async #decideByMetrics(scale: Scale, history: History): Promise<Decision | undefined> {
    const asked = await this.#ask(scale);
    if (!asked) return undefined;
    const current = scale.spec.replicas ?? 0;
    const { replicas, name: metric } = asked;
    const { downWindow } = this.#options;
    const asks = { current, replicas, metric, now: this.#now, downWindow };
    return decideByMetrics(this.#autoscaler, asks, { history, conditions: this.#conditions });
  }

  /** The metric that asks for most replicas; undefined when it cannot be told, and then nothing changes. */
  async #ask(scale: Scale): Promise<MetricAnswer | undefined> {
    const target = this.#targetOf(scale);
    if (!target) return undefined;
    const { client } = this.#context;
    const specs = this.#autoscaler.spec.metrics ?? [];
    const answers: MetricAnswer[] = [];
    const failures: MetricFailure[] = [];
    this.#metrics = [];
    for (const spec of specs) {
      try {
        const answer = await askMetric(spec, { client, target, kinds: this.#options.kinds });
        answers.push(answer);
        this.#metrics.push(answer.status);
      } catch (error) {
        if (!(error instanceof MetricFailure)) throw error;
        this.#warn(error.reason, error.message);
        failures.push(error);
        // An empty place keeps the others where they belong.
        this.#metrics.push({ type: "" });
      }
    }
    const most = answers.reduce<MetricAnswer | undefined>((a, b) => (a && a.replicas >= b.replicas ? a : b), undefined);
    const [failure] = failures;
    // A metric that is not known might ask for more: with one missing, nothing shrinks.
    if (!most || (failure && most.replicas < target.wanted)) {
      this.#cannotCompute(failure!, failures.length, specs.length);
      return undefined;
    }
    const message = `the HPA was able to successfully calculate a replica count from ${most.name}`;
    this.#conditions.set("ScalingActive", true, "ValidMetricFound", message);
    return most;
  }

  #cannotCompute(failure: MetricFailure, failed: number, asked: number): void {
    const told = `the HPA was unable to compute the replica count: ${failure.message}`;
    this.#conditions.set("ScalingActive", false, failure.reason, told);
    const first = `invalid metrics (${failed} invalid out of ${asked}), first error is: ${failure.within}`;
    this.#warn("FailedComputeMetricsReplicas", first);
  }

  /** undefined when its Pods cannot be told; the conditions say why. */
  #targetOf(scale: Scale): Target | undefined {
    const { namespace = "" } = this.#autoscaler.metadata;
    const { selector = "" } = scale.status;
    const pods = this.#selected(namespace, selector);
    if (!pods) return undefined;
    return {
      namespace,
      selector,
      pods,
      wanted: scale.spec.replicas ?? 0,
      found: scale.status.replicas,
      tolerances: this.#tolerances(),
      starting: this.#options,
      now: this.#now,
    };
  }

  #selected(namespace: string, text: string): Pod[] | undefined {
    if (text === "") {
      const message = "selector is required";
      this.#warn("SelectorRequired", message);
      this.#conditions.set("ScalingActive", false, "InvalidSelector", "the HPA target's scale is missing a selector");
      return this.#warn("FailedComputeMetricsReplicas", message);
    }
    const selector = parseLabelSelector(text);
    const pods = this.#context.view
      .list(Pod, namespace)
      .filter(({ metadata }) => selector.matches(metadata.labels ?? {}));
    this.#memory.selects(this.#key, text);
    const several = this.#memory.selecting(namespace, pods);
    if (pods.length > 0 && several.length > 1) {
      const message = `pods by selector ${text} are controlled by multiple HPAs: [${several.join(" ")}]`;
      this.#warn("AmbiguousSelector", message);
      this.#conditions.set("ScalingActive", false, "AmbiguousSelector", message);
      return this.#warn("FailedComputeMetricsReplicas", message);
    }
    return pods;
  }

  #tolerances(): Tolerances {
    const { scaleUp, scaleDown } = this.#autoscaler.spec.behavior ?? {};
    const of = (tolerance: string | undefined) =>
      tolerance === undefined ? this.#options.tolerance : parseQuantity(tolerance).toNumber();
    return { up: of(scaleUp?.tolerance), down: of(scaleDown?.tolerance) };
  }

  async #rescale(kind: Kind, scale: Scale, { replicas, reason }: Decision, history: History): Promise<void> {
    const { client, events } = this.#context;
    const current = scale.spec.replicas ?? 0;
    try {
      const wanted: KubernetesObject & Scale = { ...scale, spec: { ...scale.spec, replicas } };
      await client.update(kind, wanted, { subresource: "scale" });
    } catch (error) {
      const { message } = error as Error;
      this.#warn("FailedRescale", `New size: ${replicas}; reason: ${reason}; error: ${message}`);
      const told = `the HPA controller was unable to update the target scale: ${message}`;
      this.#conditions.set("AbleToScale", false, "FailedUpdateScale", told);
      throw new Unable(message);
    }
    const told = `the HPA controller was able to update the target scale to ${replicas}`;
    this.#conditions.set("AbleToScale", true, "SucceededRescale", told);
    events.event(this.#autoscaler, "Normal", "SuccessfulRescale", `New size: ${replicas}; reason: ${reason}`);
    const by = Math.abs(replicas - current);
    (replicas > current ? history.ups : history.downs).push({ by, at: this.#now });
    this.#lastScaleTime = formatTime(this.#now);
  }

  #warn(reason: string, message: string): undefined {
    this.#context.events.event(this.#autoscaler, "Warning", reason, message);
  }

  async #writeStatus(counts: { currentReplicas?: number; desiredReplicas?: number }): Promise<void> {
    const before = this.#autoscaler.status;
    const status = {
      ...before,
      desiredReplicas: before.desiredReplicas ?? 0,
      ...counts,
      currentMetrics: this.#metrics as MetricStatus[],
      conditions: this.#conditions.all,
      ...(this.#lastScaleTime !== undefined && { lastScaleTime: this.#lastScaleTime }),
    };
    if (sameWhenWritten(status, before)) return;
    await this.#context.client.updateStatus(HorizontalPodAutoscaler, { ...this.#autoscaler, status });
  }
}
