import {
  ClusterRole,
  ClusterRoleBinding,
  type PolicyRule,
  Role,
  RoleBinding,
  type RoleRef,
  type Subject,
} from "../../api/rbac/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { uncovered } from "../authorization/rules.ts";
import { clusterBindings, namespacedBindings, namespacedRoles } from "./bindings.ts";
import { componentRoles } from "./componentRoles.ts";
import { controllerRoles } from "./controllerRoles.ts";
import { account, type BindingSeed, type RoleSeed } from "./seeds.ts";
import { userRoles } from "./userRoles.ts";

const GROUP = "rbac.authorization.k8s.io";
const API_VERSION = `${GROUP}/v1`;
const AUTOUPDATE = "rbac.authorization.kubernetes.io/autoupdate";

/** An object that shall exist, and what to do when it exists in another form. */
export interface Wanted {
  readonly kind: Kind;
  readonly object: KubernetesObject;
  /** the object that should be written in place of `live`; undefined: leave it */
  reconcile(live: KubernetesObject): KubernetesObject | undefined;
}

const allRoles = [...userRoles, ...componentRoles, ...controllerRoles];

/** The rules of a role: its own, or those of the roles it is made of, as the aggregation controller would fill in. */
function rulesOf(seed: RoleSeed): PolicyRule[] {
  if (!seed.aggregates) return [...seed.rules];
  const parts = allRoles.filter(({ label }) => label === seed.aggregates);
  const rules: PolicyRule[] = [];
  for (const part of parts.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    for (const rule of rulesOf(part)) if (!rules.some((r) => deepEqual(r, rule))) rules.push(rule);
  }
  return rules;
}

function metadata(name: string, namespace?: string, label?: string): KubernetesObject["metadata"] {
  return {
    name,
    ...(namespace && { namespace }),
    annotations: { [AUTOUPDATE]: "true" },
    labels: { "kubernetes.io/bootstrapping": "rbac-defaults", ...(label && { [label]: "true" }) },
  };
}

/** Whoever took this annotation away looks after the object alone. */
function isOurs({ metadata: { annotations } }: KubernetesObject): boolean {
  return annotations?.[AUTOUPDATE] === "true";
}

function wantedRole(kind: Kind, seed: RoleSeed, namespace?: string): Wanted {
  const rules = rulesOf(seed);
  const object = {
    apiVersion: API_VERSION,
    kind: kind.kind,
    metadata: metadata(seed.name, namespace, seed.label),
    ...(seed.aggregates && {
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: { [seed.aggregates]: "true" } }] },
    }),
    rules,
  };
  return {
    kind,
    object,
    reconcile(live) {
      const { rules: has = [] } = live as { rules?: PolicyRule[] };
      const missing = uncovered(has ?? [], rules);
      if (!isOurs(live) || missing.length === 0) return undefined;
      return { ...live, rules: [...(has ?? []), ...missing] } as KubernetesObject;
    },
  };
}

function wantedBinding(kind: Kind, seed: BindingSeed, roleKind: string, namespace?: string): Wanted {
  const roleRef: RoleRef = { apiGroup: GROUP, kind: roleKind, name: seed.role };
  const object = {
    apiVersion: API_VERSION,
    kind: kind.kind,
    metadata: metadata(seed.name, namespace),
    roleRef,
    subjects: [...seed.subjects],
  };
  return {
    kind,
    object,
    reconcile(live) {
      const { subjects: has } = live as { subjects?: Subject[] };
      const missing = seed.subjects.filter((s) => !(has ?? []).some((h) => deepEqual(h, s)));
      if (!isOurs(live) || missing.length === 0) return undefined;
      return { ...live, subjects: [...(has ?? []), ...missing] } as KubernetesObject;
    },
  };
}

const CONTROLLER = "system:controller:";

function controllerBinding({ name }: RoleSeed): BindingSeed {
  return { name, role: name, subjects: [account("kube-system", name.slice(CONTROLLER.length))] };
}

/** Every role and binding that a cluster has from the start. */
export function policy(): Wanted[] {
  const bindings = [...clusterBindings, ...controllerRoles.map(controllerBinding)];
  return [
    ...allRoles.map((seed) => wantedRole(ClusterRole as never, seed)),
    ...bindings.map((seed) => wantedBinding(ClusterRoleBinding as never, seed, "ClusterRole")),
    ...namespacedRoles.map((seed) => wantedRole(Role as never, seed, seed.namespace)),
    ...namespacedBindings.map((seed) => wantedBinding(RoleBinding as never, seed, "Role", seed.namespace)),
  ];
}

/** What a kubelet may do besides what depends on its Pods. */
export function nodeRules(): readonly PolicyRule[] {
  return componentRoles.find(({ name }) => name === "system:node")?.rules ?? [];
}
