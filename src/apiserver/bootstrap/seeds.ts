import type { PolicyRule, Subject } from "../../api/rbac/v1/index.ts";

const GROUP = "rbac.authorization.k8s.io";

export interface RoleSeed {
  readonly name: string;
  /** a label that makes it part of another role */
  readonly label?: string;
  /** the label of the roles it is made of */
  readonly aggregates?: string;
  readonly rules: readonly PolicyRule[];
}
export interface NamespacedRoleSeed extends RoleSeed {
  readonly namespace: string;
}
export interface BindingSeed {
  readonly name: string;
  readonly role: string;
  readonly subjects: readonly Subject[];
}

const split = (words: string) => words.split(" ");

/** A rule from words parted by spaces; the core group is written "core". */
export function rule(verbs: string, groups: string, resources: string, names?: string): PolicyRule {
  return {
    verbs: split(verbs),
    apiGroups: split(groups).map((group) => (group === "core" ? "" : group)),
    resources: split(resources),
    ...(names && { resourceNames: split(names) }),
  };
}
export function urls(verbs: string, paths: string): PolicyRule {
  return { verbs: split(verbs), nonResourceURLs: split(paths) };
}
export const user = (name: string): Subject => ({ kind: "User", apiGroup: GROUP, name });
export const group = (name: string): Subject => ({ kind: "Group", apiGroup: GROUP, name });
export const account = (namespace: string, name: string): Subject => ({ kind: "ServiceAccount", name, namespace });
