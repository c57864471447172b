import type { Node, Pod } from "../../api/core/v1/index.ts";
import { Node as NodeKind, Pod as PodKind } from "../../api/core/v1/index.ts";
import { LOCAL_VOLUME_FINALIZER, LOCAL_VOLUME_NODE } from "../../api/storage/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { forbidden, notFound } from "../../apimachinery/errors.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { nodeOf } from "../authorization/node.ts";
import type { Write } from "../registry/resource.ts";
import type { AdmissionPlugin } from "./chain.ts";

const HOSTNAME = "kubernetes.io/hostname";
const MIRROR = "kubernetes.io/config.mirror";
/** Labels in Kubernetes' own domains that a kubelet may set on its Node. */
const OWN_LABELS = new Set([
  "kubernetes.io/hostname",
  "topology.kubernetes.io/zone",
  "topology.kubernetes.io/region",
  "failure-domain.beta.kubernetes.io/zone",
  "failure-domain.beta.kubernetes.io/region",
  "kubernetes.io/os",
  "kubernetes.io/arch",
  "beta.kubernetes.io/os",
  "beta.kubernetes.io/arch",
  "node.kubernetes.io/instance-type",
  "beta.kubernetes.io/instance-type",
  "node.kubernetes.io/windows-build",
]);

function isForbiddenLabel(key: string): boolean {
  const [domain = "", name] = key.split("/");
  if (name === undefined || OWN_LABELS.has(key)) return false;
  const within = (suffix: string) => domain === suffix || domain.endsWith(`.${suffix}`);
  if (within("kubelet.kubernetes.io") || (within("node.kubernetes.io") && !within("node-restriction.kubernetes.io"))) {
    return false;
  }
  return within("kubernetes.io") || within("k8s.io");
}

function refuse(write: Write, why: string): never {
  throw forbidden(write.resource.kind, write.name, why);
}

function changedLabels(object: KubernetesObject, old: KubernetesObject | undefined): string[] {
  const now = object.metadata.labels ?? {};
  const before = old?.metadata.labels ?? {};
  return [...new Set([...Object.keys(now), ...Object.keys(before)])].filter((key) => now[key] !== before[key]);
}

function checkNode(write: Write, node: string, object: Node | undefined, old: Node | undefined): void {
  if (write.operation === "DELETE") {
    if (write.name !== node)
      refuse(write, `node ${JSON.stringify(node)} is not allowed to delete node ${JSON.stringify(write.name)}`);
    return;
  }
  if (object?.metadata.name !== node) {
    refuse(
      write,
      `node ${JSON.stringify(node)} is not allowed to modify node ${JSON.stringify(object?.metadata.name)}`,
    );
  }
  const labels = changedLabels(object!, old).filter(isForbiddenLabel);
  if (labels.length > 0) {
    refuse(write, `is not allowed to modify labels: ${labels.sort().join(", ")}`);
  }
  if (old && !deepEqual(object!.spec.taints, old.spec.taints)) {
    refuse(write, `node ${JSON.stringify(node)} is not allowed to modify taints`);
  }
}

/** Of volumes a node writes only that it has removed what it kept of them. */
function checkVolume(write: Write, node: string, object?: KubernetesObject, old?: KubernetesObject): void {
  if (!object || !old) refuse(write, `node ${JSON.stringify(node)} can not create or delete volumes`);
  const kept = old.metadata.labels?.[LOCAL_VOLUME_NODE];
  const own = write.registry.cache.of(NodeKind as never).get(node)?.object.metadata.labels?.[HOSTNAME] ?? node;
  const rest = ({ metadata, ...fields }: KubernetesObject) => {
    const { finalizers, managedFields: _, resourceVersion: __, ...others } = metadata;
    const kept = (finalizers ?? []).filter((name) => name !== LOCAL_VOLUME_FINALIZER);
    return { ...fields, metadata: others, finalizers: kept };
  };
  if (kept === own && deepEqual(rest(object), rest(old))) return;
  refuse(write, `node ${JSON.stringify(node)} can only let go of local volumes that it keeps`);
}

function checkMirror(write: Write, node: string, pod: Pod): void {
  if (pod.metadata.annotations?.[MIRROR] === undefined) {
    refuse(write, `pod does not have "${MIRROR}" annotation, node ${JSON.stringify(node)} can only create mirror pods`);
  }
  if (pod.spec.nodeName !== node) {
    refuse(write, `node ${JSON.stringify(node)} can only create pods with spec.nodeName set to itself`);
  }
}

function checkPod(write: Write, node: string, object: KubernetesObject | undefined, old: Pod | undefined): void {
  const { operation, subresource } = write;
  if (operation === "CREATE" && subresource === "") {
    checkMirror(write, node, object as Pod);
    return;
  }
  if (subresource === "eviction") {
    const entry = write.registry.cache.of(PodKind as never).get(`${write.namespace}/${write.name}`);
    if (!entry) throw notFound(PodKind, write.name);
    if ((entry.object as Pod).spec.nodeName !== node) {
      refuse(write, `node ${JSON.stringify(node)} can only evict pods with spec.nodeName set to itself`);
    }
    return;
  }
  if (operation === "UPDATE" && subresource !== "status") {
    refuse(
      write,
      `unexpected operation ${JSON.stringify(operation)}, node ${JSON.stringify(node)} can only create and delete mirror pods`,
    );
  }
  if (old && old.spec.nodeName !== node) {
    const what = operation === "DELETE" ? "delete pods" : "update pod status for pods";
    refuse(write, `node ${JSON.stringify(node)} can only ${what} with spec.nodeName set to itself`);
  }
}

const GUARDED = new Set(["pods", "nodes", "persistentvolumes"]);

/** A kubelet writes its own Node and Lease, and the Pods bound to it, and nothing else. */
export const nodeRestriction: AdmissionPlugin = {
  name: "NodeRestriction",
  handles: ({ user, resource }) => nodeOf(user) !== undefined && GUARDED.has(resource.kind.resource),
  validate(write, object, old) {
    const node = nodeOf(write.user)!;
    if (write.resource.kind.resource === "persistentvolumes") return checkVolume(write, node, object, old);
    if (write.resource.kind.resource === "nodes")
      return checkNode(write, node, object as Node | undefined, old as Node | undefined);
    checkPod(write, node, object, old as Pod | undefined);
  },
};
