import type { ClusterRole, PolicyRule, RoleBinding, RoleRef } from "../../api/rbac/v1/index.ts";
import { ClusterRole as ClusterRoleKind, Role as RoleKind } from "../../api/rbac/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { forbidden } from "../../apimachinery/errors.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { MASTERS } from "../authorization/authorizer.ts";
import { uncovered } from "../authorization/rules.ts";
import type { Strategy, Write } from "./resource.ts";

const GROUP = "rbac.authorization.k8s.io";

function may({ registry, user, namespace }: Write, verb: string, resource: string, name: string): boolean {
  const access = { user, isResource: true, path: "", verb, group: GROUP, resource, subresource: "", namespace, name };
  return registry.authorizer.authorize(access).allowed;
}

/** Who may do everything need not be asked rule by rule. */
const isTrusted = ({ user }: Write) => user.groups.includes(MASTERS);

function show(rule: PolicyRule): string {
  const lists = { APIGroups: rule.apiGroups, Resources: rule.resources, ResourceNames: rule.resourceNames };
  const parts = Object.entries({ ...lists, NonResourceURLs: rule.nonResourceURLs, Verbs: rule.verbs })
    .filter(([, values]) => (values ?? []).length > 0)
    .map(([name, values]) => `${name}:[${values!.map((v) => JSON.stringify(v)).join(" ")}]`);
  return `{${parts.join(", ")}}`;
}

/** No one can give away what they do not have. */
function confirm(write: Write, name: string, asked: readonly PolicyRule[]): void {
  const { registry, user, namespace, resource } = write;
  const missing = uncovered(registry.authorizer.rulesFor(user, namespace), asked);
  if (missing.length === 0) return;
  const groups = user.groups.map((group) => JSON.stringify(group)).join(" ");
  const why = `user ${JSON.stringify(user.name)} (groups=[${groups}]) is attempting to grant RBAC permissions not currently held:\n${missing.map(show).join("\n")}`;
  throw forbidden(resource.kind, name, why);
}

type AnyRole = KubernetesObject & Pick<ClusterRole, "rules" | "aggregationRule">;

/** Roles: changing one needs the rules it grants, or the verb `escalate`. */
export const roleStrategy: Strategy<AnyRole> = {
  createOnUpdate: true,
  check(role, old, write) {
    if (isTrusted(write)) return;
    const name = role.metadata.name!;
    if (old && deepEqual(role.rules, old.rules) && deepEqual(role.aggregationRule, old.aggregationRule)) return;
    if (may(write, "escalate", write.resource.kind.plural, name)) return;
    const everything = [
      { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
      { verbs: ["*"], nonResourceURLs: ["*"] },
    ];
    const aggregates = role.aggregationRule && !deepEqual(role.aggregationRule, old?.aggregationRule);
    confirm(write, name, aggregates ? everything : (role.rules ?? []));
  },
};

function rulesOf({ registry, namespace }: Write, { kind, name }: RoleRef): readonly PolicyRule[] | undefined {
  const [of, key] = kind === "ClusterRole" ? [ClusterRoleKind, name] : [RoleKind, `${namespace}/${name}`];
  const entry = registry.cache.of(of as never).get(key);
  return entry && ((entry.object as AnyRole).rules ?? []);
}

/** Bindings: granting a role needs its rules, or the verb `bind` on it. */
export const bindingStrategy: Strategy<RoleBinding> = {
  createOnUpdate: true,
  check(binding, old, write) {
    if (isTrusted(write)) return;
    if (old && deepEqual(binding.subjects, old.subjects) && deepEqual(binding.roleRef, old.roleRef)) return;
    const { roleRef, metadata } = binding;
    const plural = roleRef.kind === "ClusterRole" ? "clusterroles" : "roles";
    if (may(write, "bind", plural, roleRef.name)) return;
    const rules = rulesOf(write, roleRef);
    if (!rules)
      throw forbidden(
        write.resource.kind,
        metadata.name!,
        `${plural}.${GROUP} ${JSON.stringify(roleRef.name)} not found`,
      );
    confirm(write, metadata.name!, rules);
  },
};
