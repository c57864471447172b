/**
 * Messages as the API server's own error texts show them: with the names and order of Kubernetes' internal types, every
 * field present. People compare the two sides of a refused change by it.
 */

import type { Field, FieldSpec, Message } from "../../../apimachinery/schema.ts";
import { unifiedDiff } from "./unifiedDiff.ts";

/** The internal order where it is not that of the declaration; also gives names that do not follow from JSON's. */
const ORDER: Readonly<Record<string, string>> = {
  PodSpec:
    "Volumes InitContainers Containers EphemeralContainers RestartPolicy TerminationGracePeriodSeconds " +
    "ActiveDeadlineSeconds DNSPolicy NodeSelector ServiceAccountName AutomountServiceAccountToken NodeName " +
    "SecurityContext ImagePullSecrets Hostname Subdomain SetHostnameAsFQDN Affinity SchedulerName Tolerations " +
    "HostAliases PriorityClassName Priority PreemptionPolicy DNSConfig ReadinessGates RuntimeClassName Overhead " +
    "EnableServiceLinks TopologySpreadConstraints OS SchedulingGates ResourceClaims Resources HostnameOverride " +
    "SchedulingGroup",
  PodSecurityContext:
    "HostNetwork HostPID HostIPC ShareProcessNamespace HostUsers SELinuxOptions WindowsOptions RunAsUser RunAsGroup " +
    "RunAsNonRoot SupplementalGroups SupplementalGroupsPolicy FSGroup FSGroupChangePolicy Sysctls SeccompProfile " +
    "AppArmorProfile SELinuxChangePolicy",
  VolumeSource:
    "HostPath EmptyDir GCEPersistentDisk AWSElasticBlockStore GitRepo Secret NFS ISCSI Glusterfs " +
    "PersistentVolumeClaim RBD Quobyte FlexVolume Cinder CephFS Flocker DownwardAPI FC AzureFile ConfigMap " +
    "VsphereVolume AzureDisk PhotonPersistentDisk Projected PortworxVolume ScaleIO StorageOS CSI Ephemeral Image",
  Container:
    "Name Image Command Args WorkingDir Ports EnvFrom Env Resources ResizePolicy RestartPolicy RestartPolicyRules " +
    "VolumeMounts VolumeDevices LivenessProbe ReadinessProbe StartupProbe Lifecycle TerminationMessagePath " +
    "TerminationMessagePolicy ImagePullPolicy SecurityContext Stdin StdinOnce TTY",
  VolumeMount: "Name ReadOnly RecursiveReadOnly MountPath SubPath MountPropagation SubPathExpr",
  SecurityContext:
    "Capabilities Privileged SELinuxOptions WindowsOptions RunAsUser RunAsGroup RunAsNonRoot ReadOnlyRootFilesystem " +
    "AllowPrivilegeEscalation ProcMount SeccompProfile AppArmorProfile",
  ContainerPort: "Name HostPort ContainerPort Protocol HostIP",
  HTTPGetAction: "Path Port Host Scheme HTTPHeaders",
  ProbeHandler: "Exec HTTPGet TCPSocket GRPC",
  LifecycleHandler: "Exec HTTPGet TCPSocket Sleep",
  ObjectFieldSelector: "APIVersion FieldPath",
  CSIVolumeSource: "Driver ReadOnly FSType VolumeAttributes NodePublishSecretRef",
  HostAlias: "IP Hostnames",
  PersistentVolumeClaimSpec:
    "AccessModes Selector Resources VolumeName StorageClassName VolumeMode DataSource DataSourceRef " +
    "VolumeAttributesClassName",
  PersistentVolumeSource:
    "GCEPersistentDisk AWSElasticBlockStore HostPath Glusterfs NFS RBD Quobyte ISCSI FlexVolume Cinder CephFS FC " +
    "Flocker AzureFile VsphereVolume AzureDisk PhotonPersistentDisk PortworxVolume ScaleIO Local StorageOS CSI",
};
const shortName = (message: Message) => message.name.slice(message.name.lastIndexOf(".") + 1);

interface Line {
  name: string;
  json: string;
  spec: FieldSpec;
}

function fieldNamed(message: Message, name: string): [string, Field] | undefined {
  return Object.entries(message.fields).find(([json]) => json.toLowerCase() === name.toLowerCase());
}

const layouts = new Map<Message, Line[]>();

/** The fields of a message as lines of its dump, those of inlined messages among them. */
function layout(message: Message): Line[] {
  let lines = layouts.get(message);
  if (lines === undefined) {
    const order = ORDER[shortName(message)]?.split(" ");
    const named = order?.flatMap((name) => {
      const found = fieldNamed(message, name);
      return found === undefined ? [] : [{ name, json: found[0], spec: found[1].spec }];
    });
    lines = (named ?? declared(message)).flatMap((line) =>
      line.spec.presence === "inline" ? layout(line.spec.type as Message) : [line],
    );
    layouts.set(message, lines);
  }
  return lines;
}

function declared(message: Message): Line[] {
  return Object.entries(message.fields).map(([json, field]) => ({
    name: json[0]!.toUpperCase() + json.slice(1),
    json,
    spec: field.spec,
  }));
}

function zero(spec: FieldSpec): unknown {
  if (spec.repeated !== undefined || spec.presence === "optional") return null;
  if (typeof spec.type !== "string") return internalForm(spec.type, {});
  if (spec.type === "bool") return false;
  return spec.type === "string" || spec.type === "bytes" ? "" : spec.type === "quantity" ? "0" : 0;
}

/** The internal form of one message of core/v1. */
export function internalForm(message: Message, value: Readonly<Record<string, unknown>>): unknown {
  // messages of meta/v1 are the same inside and out
  if (!message.name.startsWith("io.k8s.api.core.")) return dumpMeta(message, value);
  const lines = layout(message).flatMap(({ name, json, spec }) => {
    const inner = dumpField(spec, value[json]);
    // metadata's fields stand among those of the message that has it
    return json === "metadata" ? Object.entries(inner as object) : [[name, inner]];
  });
  return Object.fromEntries(lines);
}

function dumpMeta(message: Message, value: Readonly<Record<string, unknown>>): unknown {
  const lines = Object.entries(message.fields).flatMap(([json, { spec }]) => {
    const inner = value[json];
    return inner === undefined ? [] : [[json, spec.repeated === "map" ? sorted(inner as object) : inner]];
  });
  return Object.fromEntries(lines);
}

const sorted = (map: object) => Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)));

function dumpField(spec: FieldSpec, value: unknown): unknown {
  if (value === undefined || value === null) return zero(spec);
  if (spec.repeated === "map") return sorted(value);
  if (typeof spec.type === "string") return value;
  const message = spec.type;
  if (spec.repeated === "list") return (value as Record<string, unknown>[]).map((item) => internalForm(message, item));
  return internalForm(message, value as Record<string, unknown>);
}

const linesOf = (form: unknown) => JSON.stringify(form, undefined, 1).split("\n");

/** The lines in which two internal forms differ, with three lines around each. */
export function changedLines(old: unknown, now: unknown): string {
  return unifiedDiff(linesOf(old), linesOf(now));
}
