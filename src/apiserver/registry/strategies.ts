import type { Binding } from "../../api/core/v1/index.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import { apiServiceStrategy } from "./apiService.ts";
import { certificateSigningRequestStrategy } from "./certificateSigningRequest.ts";
import { componentStatusStrategy } from "./componentStatus.ts";
import { autoscalerStrategy } from "./horizontalPodAutoscaler.ts";
import { jobStrategy } from "./job.ts";
import { limitRangeStrategy } from "./limitRange.ts";
import { namespaceStrategy } from "./namespace.ts";
import { ingressStrategy, serviceCIDRStrategy } from "./networking.ts";
import { nodeMetricsStrategy, podMetricsStrategy } from "./nodeUsage.ts";
import { podStrategy } from "./pod.ts";
import { answerBinding } from "./podWrites.ts";
import { nodeProxy } from "./proxy.ts";
import { bindingStrategy, roleStrategy } from "./rbac.ts";
import type { Strategy } from "./resource.ts";
import { resourceClaimStrategy, resourceSliceStrategy } from "./resourceClaim.ts";
import {
  localSubjectAccessReview,
  selfSubjectAccessReview,
  selfSubjectReview,
  selfSubjectRulesReview,
  subjectAccessReview,
  tokenReview,
} from "./reviews.ts";
import { serviceStrategy } from "./service.ts";
import { serviceAccountStrategy } from "./serviceAccountToken.ts";
import {
  csiDriverStrategy,
  persistentVolumeClaimStrategy,
  persistentVolumeStrategy,
  volumeAttachmentStrategy,
} from "./storage.ts";
import { daemonSetStrategy, disruptionBudgetStrategy, workloadStrategy } from "./workload.ts";

/** For kinds without server effects of their own. */
const plain: Strategy = {};

/** By resource, such as "pods" or "deployments.apps". */
const strategies: Readonly<Record<string, Strategy>> = {
  bindings: { answerCreate: (binding: Binding, call, registry) => answerBinding(binding, call, registry) },
  endpoints: {
    createOnUpdate: true,
    deprecation: "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice",
  },
  componentstatuses: componentStatusStrategy,
  events: { createOnUpdate: true },
  "events.events.k8s.io": { createOnUpdate: true },
  namespaces: namespaceStrategy,
  nodes: { subresources: { proxy: nodeProxy } },
  pods: podStrategy,
  persistentvolumes: persistentVolumeStrategy,
  persistentvolumeclaims: persistentVolumeClaimStrategy,
  services: serviceStrategy,
  serviceaccounts: serviceAccountStrategy,
  replicationcontrollers: workloadStrategy,
  "daemonsets.apps": daemonSetStrategy,
  "deployments.apps": workloadStrategy,
  "poddisruptionbudgets.policy": disruptionBudgetStrategy,
  "replicasets.apps": workloadStrategy,
  "statefulsets.apps": workloadStrategy,
  "horizontalpodautoscalers.autoscaling": autoscalerStrategy,
  "certificatesigningrequests.certificates.k8s.io": certificateSigningRequestStrategy,
  limitranges: limitRangeStrategy,
  "apiservices.apiregistration.k8s.io": apiServiceStrategy,
  "jobs.batch": jobStrategy,
  "cronjobs.batch": workloadStrategy,
  resourcequotas: workloadStrategy,
  "nodes.metrics.k8s.io": nodeMetricsStrategy,
  "pods.metrics.k8s.io": podMetricsStrategy,
  "leases.coordination.k8s.io": { createOnUpdate: true, unconditionalUpdate: false },
  "ingresses.networking.k8s.io": ingressStrategy,
  "servicecidrs.networking.k8s.io": serviceCIDRStrategy,
  "storageclasses.storage.k8s.io": { answersDeleted: true },
  "volumeattachments.storage.k8s.io": volumeAttachmentStrategy,
  "csinodes.storage.k8s.io": { answersDeleted: true, unconditionalUpdate: false },
  "csidrivers.storage.k8s.io": csiDriverStrategy,
  "csistoragecapacities.storage.k8s.io": { answersDeleted: true, unconditionalUpdate: false },
  "volumeattributesclasses.storage.k8s.io": { answersDeleted: true },
  "deviceclasses.resource.k8s.io": { answersDeleted: true },
  "resourceclaims.resource.k8s.io": resourceClaimStrategy,
  "resourceclaimtemplates.resource.k8s.io": { answersDeleted: true },
  "resourceslices.resource.k8s.io": resourceSliceStrategy,
  "roles.rbac.authorization.k8s.io": roleStrategy,
  "clusterroles.rbac.authorization.k8s.io": roleStrategy,
  "rolebindings.rbac.authorization.k8s.io": bindingStrategy,
  "clusterrolebindings.rbac.authorization.k8s.io": bindingStrategy,
  "selfsubjectaccessreviews.authorization.k8s.io": selfSubjectAccessReview,
  "subjectaccessreviews.authorization.k8s.io": subjectAccessReview,
  "localsubjectaccessreviews.authorization.k8s.io": localSubjectAccessReview,
  "selfsubjectrulesreviews.authorization.k8s.io": selfSubjectRulesReview,
  "selfsubjectreviews.authentication.k8s.io": selfSubjectReview,
  "tokenreviews.authentication.k8s.io": tokenReview,
};

export function strategyFor(kind: Kind): Strategy {
  return strategies[kind.resource] ?? plain;
}
