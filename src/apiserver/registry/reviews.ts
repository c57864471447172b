import type { SelfSubjectReview, TokenReview, UserInfo } from "../../api/authentication/v1/index.ts";
import type {
  LocalSubjectAccessReview,
  NonResourceAttributes,
  ResourceAttributes,
  SelfSubjectAccessReview,
  SelfSubjectRulesReview,
  SubjectAccessReview,
  SubjectAccessReviewStatus,
} from "../../api/authorization/v1/index.ts";
import { badRequest, invalid } from "../../apimachinery/errors.ts";
import { managerName, trackUpdate } from "../../apimachinery/managedFields/index.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { formatTime } from "../../apimachinery/time.ts";
import { bootstrapUser } from "../authentication/bootstrapTokens.ts";
import type { Access } from "../authorization/authorizer.ts";
import type { Answer, Call, User } from "../pipeline/call.ts";
import type { Registry } from "./registry.ts";
import type { Strategy } from "./resource.ts";

/** The answer to a review: the object as it was asked, with a status, stored nowhere. */
function reviewed(call: Call, registry: Registry, object: KubernetesObject, status: object): Answer {
  const { kind } = call.resource!;
  const manager = managerName(call.incoming.query.get("fieldManager") ?? undefined, call.incoming.userAgent);
  const now = registry.clock.now();
  const managedFields = trackUpdate({ kind, live: undefined, updated: object, manager, subresource: "", now });
  object.metadata = { ...object.metadata, creationTimestamp: null as never, managedFields };
  return { type: "object", code: 201, kind, object: { ...object, status } };
}

function check(call: Call, object: KubernetesObject): void {
  const { kind } = call.resource!;
  const errors = kind.validate?.(object) ?? [];
  if (errors.length > 0) throw invalid({ group: kind.group, kind: "", plural: "" }, "", errors);
}

export function userInfo({ name, uid, groups, extra }: User): UserInfo {
  const info: UserInfo = { username: name };
  if (uid) info.uid = uid;
  if (groups.length > 0) info.groups = [...groups];
  if (extra && Object.keys(extra).length > 0) {
    info.extra = Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]]));
  }
  return info;
}

interface Asked {
  resourceAttributes?: ResourceAttributes;
  nonResourceAttributes?: NonResourceAttributes;
}

function accessOf(user: User, { resourceAttributes: r, nonResourceAttributes: n }: Asked): Access {
  return {
    user,
    isResource: r !== undefined,
    verb: r?.verb ?? n?.verb ?? "",
    path: n?.path ?? "",
    group: r?.group ?? "",
    resource: r?.resource ?? "",
    subresource: r?.subresource ?? "",
    namespace: r?.namespace ?? "",
    name: r?.name ?? "",
  };
}

function decide(registry: Registry, user: User, asked: Asked): SubjectAccessReviewStatus {
  const { allowed, reason } = registry.authorizer.authorize(accessOf(user, asked));
  return reason === "" ? { allowed } : { allowed, reason };
}

export const selfSubjectAccessReview: Strategy<SelfSubjectAccessReview> = {
  answerCreate(review, call, registry) {
    check(call, review);
    return reviewed(call, registry, review, decide(registry, call.user, review.spec));
  },
};

function subject({ user = "", groups = [], uid, extra }: SubjectAccessReview["spec"]): User {
  return { name: user, groups, uid, extra };
}

export const subjectAccessReview: Strategy<SubjectAccessReview> = {
  answerCreate(review, call, registry) {
    check(call, review);
    return reviewed(call, registry, review, decide(registry, subject(review.spec), review.spec));
  },
};

export const localSubjectAccessReview: Strategy<LocalSubjectAccessReview> = {
  answerCreate(review, call, registry) {
    check(call, review);
    const { namespace } = call.info;
    if ((review.spec.resourceAttributes?.namespace ?? "") !== namespace) {
      throw badRequest(
        `spec.resourceAttributes.namespace must match namespace: ${review.spec.resourceAttributes?.namespace ?? ""} != ${namespace}`,
      );
    }
    review.metadata.namespace = namespace;
    return reviewed(call, registry, review, decide(registry, subject(review.spec), review.spec));
  },
};

export const selfSubjectRulesReview: Strategy<SelfSubjectRulesReview> = {
  answerCreate(review, call, registry) {
    const namespace = review.spec.namespace ?? "";
    if (namespace === "") throw badRequest("no namespace on request");
    const rules = registry.authorizer.rulesFor(call.user, namespace);
    const resourceRules = rules
      .filter(({ resources }) => (resources ?? []).length > 0)
      .map(({ verbs, apiGroups, resources, resourceNames }) => ({ verbs, apiGroups, resources, resourceNames }));
    const nonResourceRules = rules
      .filter(({ nonResourceURLs }) => (nonResourceURLs ?? []).length > 0)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs }));
    return reviewed(call, registry, review, { resourceRules, nonResourceRules, incomplete: false });
  },
};

export const selfSubjectReview: Strategy<SelfSubjectReview> = {
  answerCreate(review, call, registry) {
    const answer = reviewed(call, registry, review, { userInfo: userInfo(call.user) });
    if (answer.type === "object") {
      const { metadata } = answer.object as KubernetesObject;
      metadata.creationTimestamp = formatTime(registry.clock.now());
    }
    return answer;
  },
};

/** A bootstrap token is for this server, whatever audience is asked for. */
function bootstrapReview(token: string, { cache, clock }: Registry): { user: User; audiences?: string[] } | undefined {
  const user = bootstrapUser(token, cache, clock);
  return user && { user: { ...user, groups: [...user.groups, "system:authenticated"] } };
}

export const tokenReview: Strategy<TokenReview> = {
  answerCreate(review, call, registry) {
    const { token, audiences } = review.spec;
    if (!token) throw badRequest("token is required for TokenReview in authentication");
    const found = registry.tokens?.verify(token, audiences) ?? bootstrapReview(token, registry);
    if (!found) return reviewed(call, registry, review, { user: {}, error: "invalid bearer token" });
    const audience = found.audiences && { audiences: found.audiences };
    const status = { authenticated: true, user: userInfo(found.user), ...audience };
    return reviewed(call, registry, review, status);
  },
};
