import { ClusterRole, type PolicyRule } from "../../api/rbac/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { labelSelector } from "../../apimachinery/selectors.ts";
import { type Controller, controller, done, type ObjectKey, type View, watch } from "../../client/index.ts";

const MANAGER = "clusterrole-aggregation-controller";

/** The rules of all roles that an aggregated role selects, by name of the role, each rule once. */
export function aggregatedRules(role: ClusterRole, roles: readonly ClusterRole[]): PolicyRule[] {
  const selectors = (role.aggregationRule?.clusterRoleSelectors ?? []).map(labelSelector);
  const rules: PolicyRule[] = [];
  const sorted = [...roles].sort((a, b) => ((a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1));
  for (const selector of selectors) {
    for (const other of sorted) {
      if (other.metadata.name === role.metadata.name || !selector.matches(other.metadata.labels ?? {})) continue;
      for (const rule of other.rules ?? []) {
        if (!rules.some((known) => deepEqual(known, rule))) rules.push(rule);
      }
    }
  }
  return rules;
}

function aggregating(_: ClusterRole, view: View): ObjectKey[] {
  const roles = view.list(ClusterRole).filter((role) => role.aggregationRule !== undefined);
  return roles.map(({ metadata }) => ({ name: metadata.name ?? "" }));
}

/** Keeps the rules of roles such as "admin" and "edit" made up of those that are labelled to belong to them. */
export const clusterRoleAggregationController: Controller = controller({
  name: "clusterrole-aggregation",
  for: ClusterRole,
  watches: [
    watch(
      ClusterRole,
      aggregating,
      (role, old) => !deepEqual([role.rules, role.metadata.labels], [old.rules, old.metadata.labels]),
    ),
  ],
  async reconcile(role, { client, view }) {
    if (!role.aggregationRule) return done;
    const rules = aggregatedRules(role, view.list(ClusterRole));
    if (deepEqual(role.rules ?? [], rules)) return done;
    // Applied, not written: when nothing is selected, rules that somebody else gave the role stay.
    const { name = "" } = role.metadata;
    const { apiVersion, kind } = ClusterRole;
    const applied = { apiVersion, kind, metadata: { name }, ...(rules.length > 0 ? { rules } : {}) };
    await client.patch(ClusterRole, { name }, "apply", applied, { fieldManager: MANAGER, force: true });
    return done;
  },
});
