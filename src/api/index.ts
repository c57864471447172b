import type { Kind } from "../apimachinery/kind.ts";
import * as apps from "./apps/v1/index.ts";
import * as authentication from "./authentication/v1/index.ts";
import * as authorization from "./authorization/v1/index.ts";
import * as coordination from "./coordination/v1/index.ts";
import * as core from "./core/v1/index.ts";
import * as discovery from "./discovery/v1/index.ts";
import * as events from "./events/v1/index.ts";
import * as rbac from "./rbac/v1/index.ts";
import * as scheduling from "./scheduling/v1/index.ts";

/** Every kind the API serves, in the order of discovery. */
export const allKinds: readonly Kind[] = [
  core.Namespace,
  core.Node,
  core.Pod,
  core.Binding,
  core.Service,
  core.Endpoints,
  core.ConfigMap,
  core.Secret,
  core.ServiceAccount,
  core.Event,
  apps.Deployment,
  apps.ReplicaSet,
  rbac.Role,
  rbac.RoleBinding,
  rbac.ClusterRole,
  rbac.ClusterRoleBinding,
  discovery.EndpointSlice,
  coordination.Lease,
  events.Event,
  authentication.TokenReview,
  authentication.SelfSubjectReview,
  authorization.SubjectAccessReview,
  authorization.LocalSubjectAccessReview,
  authorization.SelfSubjectAccessReview,
  authorization.SelfSubjectRulesReview,
  scheduling.PriorityClass,
] as unknown as readonly Kind[];
