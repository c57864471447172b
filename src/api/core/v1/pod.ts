import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { podColumns } from "./columns/pod.ts";
import { podDefaults } from "./defaults/pod.ts";
import { PodSpec } from "./podSpec.ts";
import { PodStatus } from "./podStatus.ts";
import { validatePod, validatePodCreate } from "./validation/pod.ts";
import { validatePodStatusUpdate } from "./validation/podStatus.ts";
import { validatePodUpdate } from "./validation/podUpdate.ts";
import { podWarnings } from "./warnings/pod.ts";

export const PodSchema = message(
  "io.k8s.api.core.v1.Pod",
  {
    apiVersion: string(0).doc("API group and version of this object."),
    kind: string(0).doc("What kind of object this is."),
    metadata: struct(1, ObjectMeta).doc("What every stored object says about itself."),
    spec: struct(2, PodSpec).doc("What is wanted: the containers and how to run them."),
    status: struct(3, PodStatus).doc("What is known of it."),
  },
  { doc: "Containers that run together on one node, with one network and shared volumes." },
);
export interface Pod extends Infer<typeof PodSchema> {}

export const Pod = defineKind<Pod>({
  group: "",
  version: "v1",
  kind: "Pod",
  plural: "pods",
  shortNames: ["po"],
  categories: ["all"],
  scope: "Namespaced",
  schema: PodSchema,
  status: true,
  subresources: {
    attach: { kind: "PodAttachOptions", verbs: ["create", "get"] },
    binding: { kind: "Binding", verbs: ["create"] },
    ephemeralcontainers: { verbs: ["get", "patch", "update"] },
    eviction: { kind: "Eviction", group: "policy", version: "v1", verbs: ["create"] },
    exec: { kind: "PodExecOptions", verbs: ["create", "get"] },
    log: { verbs: ["get"] },
    portforward: { kind: "PodPortForwardOptions", verbs: ["create", "get"] },
    proxy: { kind: "PodProxyOptions", verbs: ["create", "delete", "get", "patch", "update"] },
    resize: { verbs: ["get", "patch", "update"] },
  },
  generation: ["spec"],
  columns: podColumns,
  defaults: podDefaults,
  validate: validatePod,
  validateCreate: validatePodCreate,
  validateUpdate: validatePodUpdate,
  validateStatusUpdate: validatePodStatusUpdate,
  warnings: podWarnings,
  selectableFields: {
    "spec.nodeName": ({ spec }) => spec.nodeName ?? "",
    "spec.restartPolicy": ({ spec }) => spec.restartPolicy ?? "",
    "spec.schedulerName": ({ spec }) => spec.schedulerName ?? "",
    "spec.serviceAccountName": ({ spec }) => spec.serviceAccountName ?? "",
    "spec.hostNetwork": ({ spec }) => String(spec.hostNetwork ?? false),
    "status.phase": ({ status }) => status.phase ?? "",
    "status.podIP": ({ status }) => status.podIPs?.[0]?.ip ?? status.podIP ?? "",
    "status.podIPs": ({ status }) => (status.podIPs ?? []).map(({ ip }) => ip).join(","),
    "status.nominatedNodeName": ({ status }) => status.nominatedNodeName ?? "",
  },
});
