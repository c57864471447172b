import type { Kind } from "../apimachinery/kind.ts";
import * as apiregistration from "./apiregistration/v1/index.ts";
import * as apps from "./apps/v1/index.ts";
import * as authentication from "./authentication/v1/index.ts";
import * as authorization from "./authorization/v1/index.ts";
import * as autoscalingV1 from "./autoscaling/v1/index.ts";
import * as autoscaling from "./autoscaling/v2/index.ts";
import * as batch from "./batch/v1/index.ts";
import * as certificates from "./certificates/v1/index.ts";
import * as coordination from "./coordination/v1/index.ts";
import * as core from "./core/v1/index.ts";
import * as discovery from "./discovery/v1/index.ts";
import * as events from "./events/v1/index.ts";
import * as metrics from "./metrics/v1beta1/index.ts";
import * as networking from "./networking/v1/index.ts";
import * as networkingV1beta1 from "./networking/v1beta1/index.ts";
import * as node from "./node/v1/index.ts";
import * as policy from "./policy/v1/index.ts";
import * as rbac from "./rbac/v1/index.ts";
import * as resource from "./resource/v1/index.ts";
import * as scheduling from "./scheduling/v1/index.ts";
import * as storage from "./storage/v1/index.ts";

/** Every kind the API serves, in the order of discovery. */
export const allKinds: readonly Kind[] = [
  core.Namespace,
  core.Node,
  core.Pod,
  core.Binding,
  core.Service,
  core.Endpoints,
  core.ComponentStatus,
  core.ConfigMap,
  core.Secret,
  core.ServiceAccount,
  core.Event,
  core.ReplicationController,
  core.PodTemplate,
  core.LimitRange,
  core.ResourceQuota,
  core.PersistentVolume,
  core.PersistentVolumeClaim,
  apiregistration.APIService,
  apps.Deployment,
  apps.ReplicaSet,
  apps.StatefulSet,
  apps.DaemonSet,
  apps.ControllerRevision,
  batch.Job,
  batch.CronJob,
  autoscaling.HorizontalPodAutoscaler,
  autoscalingV1.HorizontalPodAutoscaler,
  policy.PodDisruptionBudget,
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
  storage.StorageClass,
  storage.VolumeAttachment,
  storage.CSINode,
  storage.CSIDriver,
  storage.CSIStorageCapacity,
  storage.VolumeAttributesClass,
  networking.Ingress,
  networking.IngressClass,
  networking.NetworkPolicy,
  networking.IPAddress,
  networking.ServiceCIDR,
  networkingV1beta1.IPAddress,
  networkingV1beta1.ServiceCIDR,
  certificates.CertificateSigningRequest,
  node.RuntimeClass,
  resource.DeviceClass,
  resource.ResourceClaim,
  resource.ResourceClaimTemplate,
  resource.ResourceSlice,
] as unknown as readonly Kind[];

/** All that, and the kinds which other clusters get from a server of its own: what is used at the moment. */
export const servedKinds: readonly Kind[] = [...allKinds, metrics.NodeMetrics, metrics.PodMetrics] as readonly Kind[];
