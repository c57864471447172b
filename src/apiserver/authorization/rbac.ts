import {
  ClusterRole,
  ClusterRoleBinding,
  type PolicyRule,
  Role,
  RoleBinding,
  type RoleRef,
  type Subject,
} from "../../api/rbac/v1/index.ts";
import type { ResourceCache } from "../cache/resourceCache.ts";
import type { WatchCache } from "../cache/watchCache.ts";
import type { User } from "../pipeline/call.ts";
import type { Access, Authorizer, Decision } from "./authorizer.ts";
import { allows } from "./rules.ts";

type AnyBinding = { metadata: { name?: string; namespace?: string }; roleRef: RoleRef; subjects?: Subject[] };

interface Grant {
  readonly rules: readonly PolicyRule[];
  readonly reason: string;
}
/** by subject: "User:x", "Group:y" */
type Grants = Map<string, Grant[]>;

interface Index {
  readonly cluster: Grants;
  readonly namespaces: Map<string, Grants>;
}

const MOST_DECISIONS = 20_000;

function subjectKey({ kind, name, namespace }: Subject, home: string | undefined): string {
  if (kind === "ServiceAccount") return `User:system:serviceaccount:${namespace || home || ""}:${name}`;
  return `${kind}:${name}`;
}

function subjectText({ kind, name, namespace }: Subject): string {
  return kind === "ServiceAccount"
    ? `${kind} ${JSON.stringify(`${name}/${namespace ?? ""}`)}`
    : `${kind} ${JSON.stringify(name)}`;
}

/**
 * Role-based access control. Roles and bindings come from the watch cache; they are indexed by subject when one of them
 * has changed, and decisions are remembered until then.
 */
export class RbacAuthorizer implements Authorizer {
  #roles: ResourceCache;
  #clusterRoles: ResourceCache;
  #bindings: ResourceCache;
  #clusterBindings: ResourceCache;
  #index: Index | undefined;
  #decisions = new Map<string, Decision>();

  constructor(cache: WatchCache) {
    this.#roles = cache.of(Role as never);
    this.#clusterRoles = cache.of(ClusterRole as never);
    this.#bindings = cache.of(RoleBinding as never);
    this.#clusterBindings = cache.of(ClusterRoleBinding as never);
    for (const source of [this.#roles, this.#clusterRoles, this.#bindings, this.#clusterBindings]) {
      source.onChange(() => {
        this.#index = undefined;
        this.#decisions.clear();
      });
    }
  }
  /** Who may do it whatever the name may do it to this one; only for the others each name is a question of its own. */
  authorize(access: Access): Decision {
    if (access.name === "") return this.#remembered(access);
    const toAny = this.#remembered({ ...access, name: "" });
    return toAny.allowed ? toAny : this.#remembered(access);
  }
  #remembered(access: Access): Decision {
    const { user, verb, group, resource, subresource, namespace, name, path } = access;
    const key = `${user.name}\n${user.groups.join("\t")}\n${verb}\n${group}/${resource}/${subresource}\n${namespace}/${name}\n${resource === "" ? path : ""}`;
    let decision = this.#decisions.get(key);
    if (!decision) {
      decision = this.#decide(access);
      if (this.#decisions.size >= MOST_DECISIONS) this.#decisions.clear();
      this.#decisions.set(key, decision);
    }
    return decision;
  }
  rulesFor(user: User, namespace: string): PolicyRule[] {
    return [...this.#grants(user, namespace)].flatMap(({ rules }) => rules);
  }
  /** The rules that a binding's roleRef leads to. */
  rulesOf({ kind, name }: RoleRef, namespace: string | undefined): readonly PolicyRule[] {
    const entry = kind === "ClusterRole" ? this.#clusterRoles.get(name) : this.#roles.get(`${namespace ?? ""}/${name}`);
    return (entry?.object as ClusterRole | undefined)?.rules ?? [];
  }
  #decide(access: Access): Decision {
    for (const { rules, reason } of this.#grants(access.user, access.isResource ? access.namespace : "")) {
      if (rules.some((rule) => allows(rule, access))) return { allowed: true, reason };
    }
    return { allowed: false, reason: "" };
  }
  *#grants(user: User, namespace: string): Generator<Grant> {
    this.#index ??= this.#build();
    const subjects = [`User:${user.name}`, ...user.groups.map((group) => `Group:${group}`)];
    const within = namespace === "" ? undefined : this.#index.namespaces.get(namespace);
    for (const grants of within ? [this.#index.cluster, within] : [this.#index.cluster]) {
      for (const subject of subjects) yield* grants.get(subject) ?? [];
    }
  }
  #build(): Index {
    const index: Index = { cluster: new Map(), namespaces: new Map() };
    for (const entry of this.#clusterBindings.current.values()) {
      this.#add(index.cluster, "ClusterRoleBinding", entry.object as unknown as AnyBinding);
    }
    for (const entry of this.#bindings.current.values()) {
      const binding = entry.object as unknown as AnyBinding;
      const { namespace = "" } = binding.metadata;
      let grants = index.namespaces.get(namespace);
      if (!grants) {
        grants = new Map();
        index.namespaces.set(namespace, grants);
      }
      this.#add(grants, "RoleBinding", binding);
    }
    return index;
  }
  #add(grants: Grants, kind: string, { metadata, roleRef, subjects }: AnyBinding): void {
    const rules = this.rulesOf(roleRef, metadata.namespace);
    if (rules.length === 0) return;
    const bound = metadata.namespace ? `${metadata.name}/${metadata.namespace}` : metadata.name;
    for (const subject of subjects ?? []) {
      const key = subjectKey(subject, metadata.namespace);
      const reason = `RBAC: allowed by ${kind} ${JSON.stringify(bound)} of ${roleRef.kind} ${JSON.stringify(roleRef.name)} to ${subjectText(subject)}`;
      const list = grants.get(key);
      if (list) list.push({ rules, reason });
      else grants.set(key, [{ rules, reason }]);
    }
  }
}
