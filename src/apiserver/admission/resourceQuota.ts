import {
  type Amounts,
  addAmounts,
  isInScope,
  isQuotaFor,
  type Pod,
  parseAmounts,
  quotaUsage,
  ResourceQuota,
} from "../../api/core/v1/index.ts";
import { forbidden, internalError } from "../../apimachinery/errors.ts";
import { draft } from "../../apimachinery/freeze.ts";
import { trackUpdate } from "../../apimachinery/managedFields/index.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { zeroQuantity } from "../../apimachinery/quantity.ts";
import type { StatusError } from "../../apimachinery/status.ts";
import { RevisionMismatchError } from "../../store/backend.ts";
import { type Entry, encodeStored } from "../cache/entry.ts";
import { prefixOf } from "../cache/watchCache.ts";
import type { Registry } from "../registry/registry.ts";
import { keyOf, type Write } from "../registry/resource.ts";
import type { AdmissionPlugin } from "./chain.ts";
import { namespaced } from "./namespaced.ts";
import { missingResources } from "./quotaConstraints.ts";

const MANAGER = "kube-apiserver";
/** Others (another API server, the controller) may write the same quota at the same time. */
const ATTEMPTS = 64;

/** Updates that can change what an object uses, besides its creation. */
const UPDATED: Readonly<Record<string, string>> = { services: "", persistentvolumeclaims: "", pods: "resize" };

/** Nothing is created in a namespace, or grows, beyond what its ResourceQuotas allow; what is allowed is charged. */
export const resourceQuota: AdmissionPlugin = {
  name: "ResourceQuota",
  handles({ resource, operation, subresource, namespace }) {
    if (namespace === "" || resource.cache === undefined) return false;
    if (operation === "CREATE") return subresource === "";
    return operation === "UPDATE" && UPDATED[resource.kind.resource] === subresource;
  },
  async validate(write, object, old) {
    if (quotasOf(write).length === 0 || object!.metadata.deletionTimestamp !== undefined) return;
    await inTurn(write.registry, write.namespace, () => charge(write, object!, old));
  },
};

const quotasOf = ({ registry, namespace }: Write): Entry[] =>
  namespaced(registry, ResourceQuota, namespace).filter(
    ({ object }) => object.metadata.deletionTimestamp === undefined,
  );

const lanes = new WeakMap<Registry, Map<string, Promise<void>>>();

/** One after the other in each namespace: many creations at once would only make each other try again. */
async function inTurn(registry: Registry, namespace: string, act: () => Promise<void>): Promise<void> {
  const all = lanes.get(registry) ?? new Map<string, Promise<void>>();
  lanes.set(registry, all);
  const turn = (all.get(namespace) ?? Promise.resolve()).then(act);
  const settled = turn.catch(() => {}); // whoever waits for this turn is told by `turn`
  all.set(namespace, settled);
  try {
    await turn;
  } finally {
    if (all.get(namespace) === settled) all.delete(namespace);
  }
}

async function charge(write: Write, object: KubernetesObject, old: KubernetesObject | undefined): Promise<void> {
  const charged = new Set<string>();
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    await write.registry.cache.consistent();
    const left = quotasOf(write).filter(({ key }) => !charged.has(key));
    const bills = left.flatMap((entry) => bill(write, entry, object, old) ?? []);
    if (isForShow(write)) return;
    if (await pay(write, bills, charged)) return;
  }
  throw internalError(`Could not check and update the quotas of ${write.namespace}: others kept changing them`);
}

/** A dry run costs nothing, nor does what is refused in a moment because its name is taken. */
function isForShow({ dryRun, operation, resource, namespace, name }: Write): boolean {
  return dryRun || (operation === "CREATE" && resource.cache!.get(keyOf(namespace, name)) !== undefined);
}

interface Bill {
  readonly entry: Entry;
  readonly used: Amounts;
}

/** Writes what each quota is charged; false when one of them has changed meanwhile. */
async function pay(write: Write, bills: readonly Bill[], charged: Set<string>): Promise<boolean> {
  for (const { entry, used } of bills) {
    try {
      await store(write, entry, used);
      charged.add(entry.key);
    } catch (error) {
      if (!(error instanceof RevisionMismatchError)) throw error;
      return false;
    }
  }
  return true;
}

/** What `entry` has used once the object is there. Undefined: it is not about the object. Throws when it is too much. */
function bill(
  write: Write,
  entry: Entry,
  object: KubernetesObject,
  old: KubernetesObject | undefined,
): Bill | undefined {
  const { kind } = write.resource;
  const quota = entry.object as ResourceQuota;
  const hard = parseAmounts(quota.status.hard);
  const names = Object.keys(hard).filter((name) => isQuotaFor(kind, name));
  if (names.length === 0 || !isInScope(quota.spec, kind, object)) return undefined;
  const missing = kind.resource === "pods" ? missingResources((object as Pod).spec, names) : undefined;
  if (missing) throw refuse(write, `failed quota: ${quota.metadata.name}: must specify ${missing}`);
  const used = parseAmounts(quota.status.used);
  if (names.some((name) => used[name] === undefined)) {
    throw refuse(write, `status unknown for quota: ${quota.metadata.name}, resources: ${names.sort().join(",")}`);
  }
  const wanted = growth(write, object, old, quota, names);
  const exceeded = names.filter((name) => {
    const more = wanted[name];
    return more !== undefined && more.nanos > 0n && used[name]!.add(more).compare(hard[name]!) > 0;
  });
  if (exceeded.length > 0) throw refuse(write, exceededText(quota, exceeded, { wanted, used, hard }));
  return Object.keys(wanted).length === 0 ? undefined : { entry, used: addAmounts(used, wanted) };
}

/** How much more (or, in an update, less) is used of what the quota counts. */
function growth(
  { resource, registry }: Write,
  object: KubernetesObject,
  old: KubernetesObject | undefined,
  quota: ResourceQuota,
  names: readonly string[],
): Amounts {
  const now = registry.clock.now();
  const after = quotaUsage(resource.kind, object, now);
  const before = old && isInScope(quota.spec, resource.kind, old) ? quotaUsage(resource.kind, old, now) : {};
  const changes = names.map((name) => {
    return [name, (after[name] ?? zeroQuantity).sub(before[name] ?? zeroQuantity)] as const;
  });
  return Object.fromEntries(changes.filter(([, amount]) => !amount.isZero()));
}

const print = (names: readonly string[], amounts: Amounts) =>
  names.map((name) => `${name}=${amounts[name] ?? zeroQuantity}`).join(",");

function exceededText(
  { metadata }: ResourceQuota,
  exceeded: readonly string[],
  { wanted, used, hard }: { wanted: Amounts; used: Amounts; hard: Amounts },
): string {
  const names = [...exceeded].sort();
  const sums = `requested: ${print(names, wanted)}, used: ${print(names, used)}, limited: ${print(names, hard)}`;
  return `exceeded quota: ${metadata.name}, ${sums}`;
}

const refuse = ({ resource, name }: Write, why: string): StatusError => forbidden(resource.kind, name, why);

async function store({ registry, now }: Write, live: Entry, used: Amounts): Promise<void> {
  const old = live.object as ResourceQuota;
  const quota = draft(old) as ResourceQuota;
  const amounts = Object.entries(used).map(([name, amount]) => [name, amount.toString()] as const);
  quota.status = { ...quota.status, used: Object.fromEntries(amounts) };
  const tracked = { kind: ResourceQuota, live: old, updated: quota, manager: MANAGER, subresource: "status", now };
  quota.metadata.managedFields = trackUpdate(tracked);
  const bytes = encodeStored(ResourceQuota as never, quota);
  registry.cache.expect(bytes, quota);
  const key = prefixOf(ResourceQuota as never) + live.key;
  const revision = await registry.cache.backend.update(key, bytes, live.revision);
  await registry.cache.reached(revision);
}
