/** pods/eviction: deletes a Pod as a request, which a disruption budget may turn down. */
import { isTerminal, Pod } from "../../api/core/v1/index.ts";
import {
  DISRUPTION_ALLOWED,
  disruptionConditions,
  type Eviction,
  EvictionSchema,
  PodDisruptionBudget,
  SYNC_FAILED,
} from "../../api/policy/v1/index.ts";
import { badRequest, conflict, forbidden, notFound, tooManyRequests } from "../../apimachinery/errors.ts";
import { draft } from "../../apimachinery/freeze.ts";
import { defineKind } from "../../apimachinery/kind.ts";
import type { DeleteOptions, KubernetesObject } from "../../apimachinery/meta.ts";
import { labelSelector } from "../../apimachinery/selectors.ts";
import { isConflict, type Status, StatusError } from "../../apimachinery/status.ts";
import { formatTime } from "../../apimachinery/time.ts";
import { admit } from "../admission/chain.ts";
import type { Answer, Call } from "../pipeline/call.ts";
import { systemCall } from "../pipeline/systemCall.ts";
import { decodeBody } from "./decodeBody.ts";
import { deleteObject } from "./delete.ts";
import type { Registry } from "./registry.ts";
import { cacheOf, keyOf, type Resource, type SubresourceHandler } from "./resource.ts";
import { updateObject, writeOf } from "./write.ts";
import { parseWriteOptions } from "./writeOptions.ts";

export const EvictionKind = defineKind<Eviction & KubernetesObject>({
  group: "policy",
  version: "v1",
  kind: "Eviction",
  plural: "evictions",
  scope: "Namespaced",
  schema: EvictionSchema as never,
  verbs: [],
  columns: [],
});

const ATTEMPTS = 20;
/** So many Pods may be on their way out that the budget's controller has not seen go. */
const MOST_DISRUPTED = 2000;
const VIOLATION = "Cannot evict pod as it would violate the pod's disruption budget.";
const success: Status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };

interface Request {
  registry: Registry;
  resource: Resource;
  call: Call;
  options: DeleteOptions;
  dryRun: boolean;
}

export const evictPod: SubresourceHandler = async (call, resource, registry): Promise<Answer> => {
  const options = parseWriteOptions(call, "CreateOptions");
  const body = await decodeBody(call, EvictionKind as never, options.fieldValidation, registry.scheme);
  const eviction = body as Eviction & KubernetesObject;
  if (eviction.metadata.name && eviction.metadata.name !== call.info.name) {
    throw badRequest("name in URL does not match name in Eviction object");
  }
  const wanted = eviction.deleteOptions ?? {};
  const dryRun = options.dryRun || (wanted.dryRun ?? []).length > 0;
  await admit(writeOf(registry, resource, call, "CREATE", dryRun), eviction, undefined);
  await evict({ registry, resource, call, options: wanted, dryRun });
  return { type: "status", status: success };
};

async function evict(request: Request): Promise<void> {
  const pinned = request.options.preconditions?.resourceVersion !== undefined;
  for (let attempt = 1; ; attempt++) {
    const pod = await livePod(request);
    const judged = needsNoBudget(pod) ? isUnfinished(pod) : await permit(request, pod);
    if (!judged || pinned) return remove(request, request.options);
    const { resourceVersion } = pod.metadata;
    const preconditions = { ...request.options.preconditions, resourceVersion };
    try {
      return await remove(request, { ...request.options, preconditions });
    } catch (error) {
      // The Pod has changed since it was judged: it is judged anew.
      if (!isConflict(error) || attempt >= ATTEMPTS) throw error;
    }
  }
}

async function livePod({ registry, resource, call }: Request): Promise<Pod> {
  await registry.cache.consistent();
  const { namespace, name } = call.info;
  const live = cacheOf(resource).get(keyOf(namespace, name));
  if (!live) throw notFound(resource.kind, name);
  return live.object as Pod;
}

/** Whoever has ended, has not begun, or is going already, disrupts nothing by going. */
function needsNoBudget(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined || isTerminal(pod) || pod.status.phase === "Pending";
}

const isUnfinished = ({ metadata, status }: Pod): boolean =>
  metadata.deletionTimestamp === undefined && status.phase === "Pending";

/**
 * Asks the Pod's budget, and throws when it does not allow it. Answers whether the Pod was let go for what it is: then it
 * must still be that when it goes.
 */
async function permit(request: Request, pod: Pod): Promise<boolean> {
  const budgets = budgetsOf(request.registry, pod);
  if (budgets.length > 1) throw tooManyBudgets();
  const [budget] = budgets;
  if (!budget) return false;
  if (!isReady(pod) && allowsUnhealthy(budget)) return true;
  await charge(request, budget);
  return false;
}

function budgetsOf(registry: Registry, { metadata }: Pod): PodDisruptionBudget[] {
  const labels = metadata.labels ?? {};
  if (Object.keys(labels).length === 0) return [];
  return [...registry.cache.of(PodDisruptionBudget as never).current.values()]
    .map(({ object }) => object as PodDisruptionBudget)
    .filter((budget) => budget.metadata.namespace === metadata.namespace && budget.spec.selector !== undefined)
    .filter(({ spec }) => labelSelector(spec.selector).matches(labels));
}

function tooManyBudgets(): StatusError {
  const message = "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.";
  return new StatusError({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, code: 500 });
}

const isReady = ({ status }: Pod): boolean =>
  status.conditions?.some(({ type, status }) => type === "Ready" && status === "True") === true;

/** A Pod that serves nobody may go while enough others do, or always where the budget says so. */
function allowsUnhealthy({ spec, status }: PodDisruptionBudget): boolean {
  if (spec.unhealthyPodEvictionPolicy === "AlwaysAllow") return true;
  return status.desiredHealthy > 0 && status.currentHealthy >= status.desiredHealthy;
}

/** Takes one disruption from the budget, and notes for whom. */
async function charge({ registry, call, dryRun }: Request, budget: PodDisruptionBudget): Promise<void> {
  check(budget);
  if (dryRun) return;
  const { namespace = "", name = "" } = budget.metadata;
  const resource = registry.resource(PodDisruptionBudget as never);
  const time = formatTime(registry.clock.now());
  const produce = (live: KubernetesObject) => {
    check(live as PodDisruptionBudget);
    return charged(draft(live) as PodDisruptionBudget, call.info.name, time);
  };
  const options = { ...SYSTEM_WRITE, subresource: "status", limit: (updated: KubernetesObject) => updated };
  await updateObject(registry, resource, systemCall(registry, resource, { namespace, name }), produce, options);
}

const SYSTEM_WRITE = {
  dryRun: false,
  fieldManager: "kube-apiserver",
  fieldValidation: "Ignore",
  force: undefined,
} as const;

function charged(budget: PodDisruptionBudget, pod: string, time: string): PodDisruptionBudget {
  const { status, metadata } = budget;
  status.disruptionsAllowed--;
  status.disruptedPods = { ...status.disruptedPods, [pod]: time };
  if (status.disruptionsAllowed === 0) status.conditions = disruptionConditions(status, metadata.generation, time);
  return budget;
}

function check({ metadata, status }: PodDisruptionBudget): void {
  const { name = "", generation = 0 } = metadata;
  if ((status.observedGeneration ?? 0) < generation) throw unprocessed(name);
  const refuse = (why: string) => forbidden({ group: "policy", kind: "", plural: "poddisruptionbudget" }, name, why);
  if (status.disruptionsAllowed < 0) throw refuse("pdb disruptions allowed is negative");
  if (Object.keys(status.disruptedPods ?? {}).length > MOST_DISRUPTED) {
    throw refuse("DisruptedPods map too big - too many evictions not confirmed by PDB controller");
  }
  if (status.disruptionsAllowed === 0) throw exhausted(name, status);
}

/** The budget was changed, and its controller has not looked at it since. */
function unprocessed(name: string): StatusError {
  return violation(`The disruption budget ${name} is still being processed by the server.`, 10);
}

function exhausted(name: string, status: PodDisruptionBudget["status"]): StatusError {
  const condition = status.conditions?.find(({ type }) => type === DISRUPTION_ALLOWED);
  if (condition?.status === "False" && condition.reason === SYNC_FAILED) {
    const why = `does not allow evicting pods currently because it failed sync: ${condition.message}`;
    return violation(`The disruption budget ${name} ${why}`, 0);
  }
  const { desiredHealthy, currentHealthy } = status;
  return violation(
    `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
    0,
  );
}

function violation(message: string, retryAfterSeconds: number): StatusError {
  const error = tooManyRequests(VIOLATION, retryAfterSeconds);
  error.status.details = {
    ...(retryAfterSeconds > 0 ? { retryAfterSeconds } : {}),
    causes: [{ reason: "DisruptionBudget", message }],
  };
  return error;
}

/** Says on the Pod why it goes, for whoever counts its failure; then it goes. */
async function remove(request: Request, options: DeleteOptions): Promise<void> {
  const { registry, resource, call, dryRun } = request;
  const { namespace, name } = call.info;
  const write = { ...writeOf(registry, resource, call, "DELETE", dryRun), subresource: "" };
  const final = dryRun ? options : await announced(request, options);
  await deleteObject(write, final, keyOf(namespace, name));
}

async function announced({ registry, resource, call }: Request, options: DeleteOptions): Promise<DeleteOptions> {
  const { namespace, name } = call.info;
  const time = formatTime(registry.clock.now());
  const produce = (live: KubernetesObject) => {
    checkPreconditions(live, options);
    return withTarget(draft(live) as Pod, time);
  };
  const update = { ...SYSTEM_WRITE, subresource: "status", limit: (updated: KubernetesObject) => updated };
  const at = systemCall(registry, resource, { namespace, name });
  const { object } = await updateObject(registry, resource, at, produce, update);
  if (options.preconditions?.resourceVersion === undefined) return options;
  const { resourceVersion } = object.metadata;
  return { ...options, preconditions: { ...options.preconditions, resourceVersion } };
}

function checkPreconditions({ metadata }: KubernetesObject, { preconditions = {} }: DeleteOptions): void {
  const clash = (what: string, asked: string, known: string | undefined, since: string) =>
    conflict(
      Pod,
      metadata.name ?? "",
      `the ${what} in the precondition (${asked}) does not match the ${what} in record (${known}). The pod might have been ${since}`,
    );
  const { uid, resourceVersion } = preconditions;
  if (uid && uid !== metadata.uid) throw clash("UID", uid, metadata.uid, "deleted and recreated");
  if (resourceVersion && resourceVersion !== metadata.resourceVersion) {
    throw clash("ResourceVersion", resourceVersion, metadata.resourceVersion, "modified");
  }
}

function withTarget(pod: Pod, time: string): Pod {
  const others = (pod.status.conditions ?? []).filter(({ type }) => type !== "DisruptionTarget");
  const condition = {
    type: "DisruptionTarget",
    status: "True",
    lastProbeTime: null as never,
    lastTransitionTime: time,
    reason: "EvictionByEvictionAPI",
    message: "Eviction API: evicting",
    observedGeneration: pod.metadata.generation,
  };
  pod.status.conditions = [...others, condition];
  return pod;
}
