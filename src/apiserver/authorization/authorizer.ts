import type { PolicyRule } from "../../api/rbac/v1/index.ts";
import { forbidden } from "../../apimachinery/errors.ts";
import type { StatusError } from "../../apimachinery/status.ts";
import type { RequestInfo, User } from "../pipeline/call.ts";

/** What is asked: may `user` do this? */
export type Access = Omit<RequestInfo, "version" | "rest"> & { readonly user: User };

export interface Decision {
  readonly allowed: boolean;
  readonly reason: string;
}

export interface Authorizer {
  authorize(access: Access): Decision;
  /** Everything the user may do in a namespace, as far as rules can say it. */
  rulesFor(user: User, namespace: string): readonly PolicyRule[];
}

export const MASTERS = "system:masters";

/** Asks several authorizers in turn; the first that allows decides. */
export function union(...authorizers: readonly Authorizer[]): Authorizer {
  return {
    authorize(access) {
      const reasons: string[] = [];
      for (const authorizer of authorizers) {
        const decision = authorizer.authorize(access);
        if (decision.allowed) return decision;
        if (decision.reason !== "") reasons.push(decision.reason);
      }
      return { allowed: false, reason: reasons.join("\n") };
    },
    rulesFor: (user, namespace) => authorizers.flatMap((authorizer) => authorizer.rulesFor(user, namespace)),
  };
}

/** Members of system:masters may do everything, whatever roles say. */
export const masters: Authorizer = {
  authorize: ({ user }) => ({ allowed: user.groups.includes(MASTERS), reason: "" }),
  rulesFor: ({ groups }) =>
    groups.includes(MASTERS)
      ? [
          { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
          { verbs: ["*"], nonResourceURLs: ["*"] },
        ]
      : [],
};

export function explain({ user, verb, group, resource, subresource, namespace, path, isResource }: Access): string {
  if (!isResource) return `User ${JSON.stringify(user.name)} cannot ${verb} path ${JSON.stringify(path)}`;
  const what = subresource === "" ? resource : `${resource}/${subresource}`;
  const where = namespace === "" ? "at the cluster scope" : `in the namespace ${JSON.stringify(namespace)}`;
  return `User ${JSON.stringify(user.name)} cannot ${verb} resource ${JSON.stringify(what)} in API group ${JSON.stringify(group)} ${where}`;
}

/** The 403 for what was not allowed, worded as Kubernetes words it. */
export function refusal(access: Access, { reason }: Decision): StatusError {
  const why = reason === "" ? explain(access) : `${explain(access)}: ${reason}`;
  if (!access.isResource) return forbidden(undefined, "", why);
  const { group, resource, name } = access;
  return forbidden({ group, kind: resource, plural: resource }, name, why);
}
