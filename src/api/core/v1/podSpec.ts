import { LabelSelector, ObjectMeta } from "../../../apimachinery/meta.ts";
import { bool, type Infer, int32, int64, list, map, message, string, struct } from "../../../apimachinery/schema.ts";
import { Affinity } from "./affinity.ts";
import { Container, EphemeralContainer, ResourceRequirements } from "./container.ts";
import { LocalObjectReference } from "./references.ts";
import { PodSecurityContext } from "./securityContext.ts";
import { Volume } from "./volumes.ts";

export const HostAlias = message(
  "io.k8s.api.core.v1.HostAlias",
  {
    ip: string(1).always.required.doc("The address."),
    hostnames: list(2, "string").atomicList.doc("The names for it."),
  },
  { doc: "A line of the Pod's hosts file." },
);
export interface HostAlias extends Infer<typeof HostAlias> {}

export const Toleration = message(
  "io.k8s.api.core.v1.Toleration",
  {
    key: string(1).doc("The taint's key; empty, with Exists: all taints."),
    operator: string(2).named("TolerationOperator").doc("Equal, or Exists for any value."),
    value: string(3).doc("The taint's value, for Equal."),
    effect: string(4).named("TaintEffect").doc("The taint's effect; empty for each of them."),
    tolerationSeconds: int64(5).optional.doc("For how long NoExecute is borne; absent: for ever."),
  },
  { doc: "A taint that does not keep the Pod away." },
);
export interface Toleration extends Infer<typeof Toleration> {}

export const PodDNSConfigOption = message(
  "io.k8s.api.core.v1.PodDNSConfigOption",
  {
    name: string(1).doc("The option, such as ndots."),
    value: string(2).optional.doc("Its value, if it has one."),
  },
  { doc: "One option of the resolver." },
);
export interface PodDNSConfigOption extends Infer<typeof PodDNSConfigOption> {}

export const PodDNSConfig = message(
  "io.k8s.api.core.v1.PodDNSConfig",
  {
    nameservers: list(1, "string").atomicList.doc("Further name servers."),
    searches: list(2, "string").atomicList.doc("Further search domains."),
    options: list(3, PodDNSConfigOption).atomicList.doc("Further options."),
  },
  { doc: "How the Pod's resolver is set up, besides dnsPolicy." },
);
export interface PodDNSConfig extends Infer<typeof PodDNSConfig> {}

export const PodReadinessGate = message(
  "io.k8s.api.core.v1.PodReadinessGate",
  {
    conditionType: string(1).named("PodConditionType").always.required.doc("The condition in the Pod's status."),
  },
  { doc: "A further condition for the Pod to be ready." },
);
export interface PodReadinessGate extends Infer<typeof PodReadinessGate> {}

export const TopologySpreadConstraint = message(
  "io.k8s.api.core.v1.TopologySpreadConstraint",
  {
    maxSkew: int32(1).always.required.doc("By how much the numbers of Pods may differ between places."),
    topologyKey: string(2).always.required.doc("The node label whose value names the place."),
    whenUnsatisfiable: string(3)
      .named("UnsatisfiableConstraintAction")
      .always.required.doc("DoNotSchedule, or ScheduleAnyway, which only prefers."),
    labelSelector: struct(4, LabelSelector).optional.doc("Which Pods are counted."),
    minDomains: int32(5).optional.doc("How many places there must be at least."),
    nodeAffinityPolicy: string(6)
      .named("NodeInclusionPolicy")
      .optional.doc("Honor: only nodes that the Pod's affinity allows count; Ignore: all."),
    nodeTaintsPolicy: string(7)
      .named("NodeInclusionPolicy")
      .optional.doc("Honor: only nodes whose taints the Pod tolerates count; Ignore: all."),
    matchLabelKeys: list(8, "string").atomicList.doc("Labels in which counted Pods must equal the incoming Pod."),
  },
  { doc: "How evenly Pods are spread over places." },
);
export interface TopologySpreadConstraint extends Infer<typeof TopologySpreadConstraint> {}

export const PodOS = message(
  "io.k8s.api.core.v1.PodOS",
  {
    name: string(1).named("OSName").always.required.doc("linux or windows."),
  },
  { doc: "The operating system that a Pod needs." },
);
export interface PodOS extends Infer<typeof PodOS> {}

export const PodSchedulingGate = message(
  "io.k8s.api.core.v1.PodSchedulingGate",
  {
    name: string(1).always.required.doc("The gate's name."),
  },
  { doc: "A reason not to schedule the Pod yet." },
);
export interface PodSchedulingGate extends Infer<typeof PodSchedulingGate> {}

export const PodResourceClaim = message(
  "io.k8s.api.core.v1.PodResourceClaim",
  {
    name: string(1).always.required.doc("The name by which containers refer to it."),
    resourceClaimName: string(3).optional.doc("A claim that exists."),
    resourceClaimTemplateName: string(4).optional.doc("A template from which a claim is made for this Pod."),
  },
  { doc: "A resource claim that the Pod's containers can use." },
);
export interface PodResourceClaim extends Infer<typeof PodResourceClaim> {}

export const PodSchedulingGroup = message(
  "io.k8s.api.core.v1.PodSchedulingGroup",
  {
    podGroupName: string(1).optional.doc("The PodGroup."),
  },
  {
    doc: "The group with which a Pod is scheduled.",
    extensions: { "x-kubernetes-unions": [{ "fields-to-discriminateBy": { podGroupName: "PodGroupName" } }] },
  },
);
export interface PodSchedulingGroup extends Infer<typeof PodSchedulingGroup> {}

export const PodSpec = message(
  "io.k8s.api.core.v1.PodSpec",
  {
    volumes: list(1, Volume)
      .listMap("name")
      .merge("name", "merge,retainKeys")
      .doc("Volumes that containers can mount."),
    containers: list(2, Container)
      .always.required.listMap("name")
      .merge("name")
      .doc("The containers; at least one. They start together."),
    restartPolicy: string(3)
      .named("RestartPolicy")
      .doc("When containers that end are restarted: Always, OnFailure or Never."),
    terminationGracePeriodSeconds: int64(4).optional.doc(
      "Seconds between asking a container to end and killing it; 30 by default.",
    ),
    activeDeadlineSeconds: int64(5).optional.doc("Seconds after which the Pod is ended and has failed."),
    dnsPolicy: string(6)
      .named("DNSPolicy")
      .doc("ClusterFirst, ClusterFirstWithHostNet, Default or None: where names are resolved."),
    nodeSelector: map(7, "string").atomicMap.doc("Labels that a node must have."),
    serviceAccountName: string(8).doc("The account as which the Pod speaks to the API."),
    serviceAccount: string(9).doc("The older name of serviceAccountName."),
    nodeName: string(10).doc("The node that runs the Pod; set by the scheduler."),
    hostNetwork: bool(11).doc("Whether the Pod uses the host's network."),
    hostPID: bool(12).doc("Whether the Pod sees the host's processes."),
    hostIPC: bool(13).doc("Whether the Pod shares the host's IPC."),
    securityContext: struct(14, PodSecurityContext).optional.doc("What the Pod's processes may do."),
    imagePullSecrets: list(15, LocalObjectReference).listMap("name").merge("name").doc("Secrets for pulling images."),
    hostname: string(16).doc("The Pod's host name; its own name if absent."),
    subdomain: string(17).doc("With hostname: a name in the cluster's DNS, hostname.subdomain.namespace.svc.domain."),
    affinity: struct(18, Affinity).optional.doc("What draws the Pod to nodes and to other Pods, or keeps it away."),
    schedulerName: string(19).doc("The scheduler that chooses the node."),
    initContainers: list(20, Container)
      .listMap("name")
      .merge("name")
      .doc(
        "Containers that run before the others, one after another; each must succeed. Those with restartPolicy Always go on as sidecars.",
      ),
    automountServiceAccountToken: bool(21).optional.doc("Whether containers get a token of the Pod's account."),
    tolerations: list(22, Toleration).atomicList.doc("Taints of nodes that do not keep the Pod away."),
    hostAliases: list(23, HostAlias).listMap("ip").merge("ip").doc("Further lines of the Pod's hosts file."),
    priorityClassName: string(24).doc(
      "The priority class; system-node-critical and system-cluster-critical are the highest.",
    ),
    priority: int32(25).optional.doc("How important the Pod is; computed from the class."),
    dnsConfig: struct(26, PodDNSConfig).optional.doc("Settings of the resolver, besides dnsPolicy."),
    shareProcessNamespace: bool(27).optional.doc("Whether the containers see each other's processes."),
    readinessGates: list(28, PodReadinessGate).atomicList.doc("Further conditions for the Pod to be ready."),
    runtimeClassName: string(29).optional.doc("The RuntimeClass that says how the Pod is run."),
    enableServiceLinks: bool(30).optional.doc("Whether Services of the namespace appear as environment variables."),
    preemptionPolicy: string(31)
      .named("PreemptionPolicy")
      .optional.doc("Whether the Pod may push out others: PreemptLowerPriority or Never."),
    overhead: map(32, "quantity").doc("What running the Pod costs besides its containers; set from the RuntimeClass."),
    topologySpreadConstraints: list(33, TopologySpreadConstraint)
      .listMap("topologyKey", "whenUnsatisfiable")
      .merge("topologyKey")
      .doc("How the Pods of a group spread over places; all must hold."),
    ephemeralContainers: list(34, EphemeralContainer)
      .listMap("name")
      .merge("name")
      .doc("Containers added to the running Pod; only through the subresource ephemeralcontainers."),
    setHostnameAsFQDN: bool(35).optional.doc("Whether the host name is the full name in DNS."),
    os: struct(36, PodOS).optional.doc("The operating system that the Pod needs."),
    hostUsers: bool(37).optional.doc("Whether the Pod's users are the host's; false: a user namespace of its own."),
    schedulingGates: list(38, PodSchedulingGate)
      .listMap("name")
      .merge("name")
      .doc("Reasons not to schedule the Pod yet; can only be taken away."),
    resourceClaims: list(39, PodResourceClaim)
      .listMap("name")
      .merge("name", "merge,retainKeys")
      .doc("Resource claims that must be served before the Pod starts."),
    resources: struct(40, ResourceRequirements).optional.doc("What all containers together ask for and may use."),
    hostnameOverride: string(41).optional.doc("The host name as the Pod sees it, whatever DNS says."),
    schedulingGroup: struct(43, PodSchedulingGroup).optional.doc("The group with which the Pod is scheduled."),
  },
  { doc: "What a Pod is to run, and how." },
);
export interface PodSpec extends Infer<typeof PodSpec> {}

export const PodTemplateSpec = message(
  "io.k8s.api.core.v1.PodTemplateSpec",
  {
    metadata: struct(1, ObjectMeta).doc("Labels and annotations of the Pods."),
    spec: struct(2, PodSpec).doc("What the Pods are to run."),
  },
  { doc: "A Pod as controllers make it." },
);
export interface PodTemplateSpec extends Infer<typeof PodTemplateSpec> {}
