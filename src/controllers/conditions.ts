/** What the conditions of all kinds have in common. */
interface AnyCondition {
  type: string;
  status: string;
  reason?: string;
  message?: string;
  lastTransitionTime?: string;
}

/**
 * The conditions with `condition` in its place. Its transition time is kept while its status stays the same, and with
 * `replaces` nothing changes while status and reason (or whatever it compares) stay the same.
 */
export function withCondition<C extends AnyCondition>(
  conditions: readonly C[] | undefined,
  condition: C,
  same: (a: C, b: C) => boolean = sameButTime,
): C[] {
  const all = conditions ?? [];
  const old = all.find((c) => c.type === condition.type);
  if (!old) return [...all, condition];
  if (same(old, condition)) return [...all];
  const lastTransitionTime = old.status === condition.status ? old.lastTransitionTime : condition.lastTransitionTime;
  return all.map((c) => (c === old ? { ...condition, lastTransitionTime } : c));
}

export function withoutCondition<C extends AnyCondition>(conditions: readonly C[] | undefined, type: string): C[] {
  return (conditions ?? []).filter((c) => c.type !== type);
}

export function sameButTime(a: AnyCondition, b: AnyCondition): boolean {
  return a.status === b.status && a.reason === b.reason && a.message === b.message;
}

export function sameStatusAndReason(a: AnyCondition, b: AnyCondition): boolean {
  return a.status === b.status && a.reason === b.reason;
}
