import type { Pod } from "../../api/core/v1/index.ts";
import { Namespace, resourceClaimName } from "../../api/core/v1/index.ts";
import {
  type AllocationResult,
  DeviceClass,
  isFor,
  ResourceClaim,
  ResourceSlice,
} from "../../api/resource/v1/index.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { Informers } from "../../client/informer.ts";
import type { Taken } from "./allocate.ts";
import { deviceKey, Inventory } from "./inventory.ts";

/** The kinds that say which devices there are, and who has them. */
export const DEVICE_KINDS = [ResourceClaim, ResourceSlice, DeviceClass] as unknown as readonly Kind[];

/** What is known about devices, with the allocations that were decided and are not yet seen. */
export class DeviceView {
  readonly #informers: Informers;
  /** by the claim's UID */
  readonly #decided = new Map<string, { claim: ResourceClaim; allocation: AllocationResult }>();
  #inventory: Inventory | undefined;
  #taken: Taken | undefined;

  constructor(informers: Informers) {
    this.#informers = informers;
    const forget = () => {
      this.#inventory = undefined;
    };
    informers.informer(ResourceSlice).subscribe({ added: forget, updated: forget, deleted: forget });
    const seen = (claim: ResourceClaim) => this.#see(claim);
    const gone = (claim: ResourceClaim) => this.letGo(claim);
    informers.informer(ResourceClaim).subscribe({ added: seen, updated: seen, deleted: gone });
  }
  claim(namespace: string, name: string): ResourceClaim | undefined {
    return this.#informers.informer(ResourceClaim).get({ namespace, name });
  }
  readonly classOf = (name: string): DeviceClass | undefined => this.#informers.informer(DeviceClass).get({ name });

  /** Whether devices may be taken there that others use. */
  allowsAdmin(namespace: string): boolean {
    const found = this.#informers.informer(Namespace).get({ name: namespace });
    return found?.metadata.labels?.[ADMIN_ACCESS] === "true";
  }
  /** What a claim has, or will have as soon as it is written. */
  allocationOf(claim: ResourceClaim): AllocationResult | undefined {
    return claim.status.allocation ?? this.#decided.get(claim.metadata.uid!)?.allocation;
  }
  get inventory(): Inventory {
    this.#inventory ??= new Inventory(this.#informers.informer(ResourceSlice).list());
    return this.#inventory;
  }
  get taken(): Taken {
    this.#taken ??= this.#count();
    return this.#taken;
  }
  hold(claim: ResourceClaim, allocation: AllocationResult): void {
    this.#decided.set(claim.metadata.uid!, { claim, allocation });
    this.#taken = undefined;
  }
  letGo(claim: ResourceClaim): void {
    this.#decided.delete(claim.metadata.uid!);
    this.#taken = undefined;
  }
  #see(claim: ResourceClaim): void {
    if (claim.status.allocation) this.#decided.delete(claim.metadata.uid!);
    this.#taken = undefined;
  }
  #count(): Taken {
    const whole = new Set<string>();
    const shared: { key: string; shares: Record<string, string> }[] = [];
    const seen = this.#informers.informer(ResourceClaim).list();
    const allocations = [
      ...seen.map(({ status }) => status.allocation),
      ...[...this.#decided.values()].map((it) => it.allocation),
    ];
    for (const { driver, pool, device, adminAccess, consumedCapacity } of allocations.flatMap(
      (one) => one?.devices.results ?? [],
    )) {
      const key = deviceKey(driver, pool, device);
      if (consumedCapacity) shared.push({ key, shares: consumedCapacity });
      else if (!adminAccess) whole.add(key);
    }
    return { whole, shared };
  }
}

const ADMIN_ACCESS = "resource.kubernetes.io/admin-access";

/** What a Pod's claims are, or why they cannot be used. */
export type PodClaims = { readonly claims: readonly ResourceClaim[] } | { readonly problem: string };

/** Undefined: the Pod has none. */
export function claimsOf(pod: Pod, view: DeviceView): PodClaims | undefined {
  const entries = pod.spec.resourceClaims ?? [];
  if (entries.length === 0) return undefined;
  const claims: ResourceClaim[] = [];
  const { namespace, name: podName } = pod.metadata;
  for (const entry of entries) {
    const name = resourceClaimName(pod, entry);
    if (name === null) continue;
    if (name === undefined) return { problem: waitingFor(pod) };
    const claim = view.claim(namespace!, name);
    if (!claim) return { problem: `could not find ResourceClaim "${namespace}/${name}"` };
    if (claim.metadata.deletionTimestamp) return { problem: `resourceclaim "${name}" is being deleted` };
    if (!isFor(claim, pod, entry.resourceClaimTemplateName !== undefined)) {
      const texts = `ResourceClaim "${namespace}/${name}" was not created for pod "${namespace}/${podName}"`;
      return { problem: `${texts} (pod is not owner)` };
    }
    claims.push(claim);
  }
  return { claims };
}

export const waitingFor = ({ metadata }: Pod): string =>
  `waiting for dynamic resource controller to create the resourceclaim for pod "${metadata.namespace}/${metadata.name}"`;
