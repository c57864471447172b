import type { Pod } from "./pod.ts";
import type { PodResourceClaim } from "./podSpec.ts";

/**
 * The ResourceClaim behind an entry of a Pod's `resourceClaims`: its name. Undefined: it is to be made from a template,
 * and has not been; null: the entry needs none.
 */
export function resourceClaimName({ status }: Pod, entry: PodResourceClaim): string | null | undefined {
  if (entry.resourceClaimName) return entry.resourceClaimName;
  const made = status.resourceClaimStatuses?.find(({ name }) => name === entry.name);
  return made && (made.resourceClaimName ?? null);
}

/** The names of all ResourceClaims that a Pod uses, as far as they have been made. */
export function resourceClaimNames(pod: Pod): string[] {
  return (pod.spec.resourceClaims ?? []).flatMap((entry) => resourceClaimName(pod, entry) ?? []);
}
