import { LabelSelector } from "../../../apimachinery/meta.ts";
import {
  bool,
  type Infer,
  inline,
  int32,
  int64,
  list,
  map,
  message,
  string,
  struct,
} from "../../../apimachinery/schema.ts";
import { ObjectFieldSelector, ResourceFieldSelector } from "./env.ts";
import { LocalObjectReference } from "./references.ts";

export const ClusterTrustBundleProjection = message("io.k8s.api.core.v1.ClusterTrustBundleProjection", {
  name: string(1).optional,
  signerName: string(2).optional,
  labelSelector: struct(3, LabelSelector).optional,
  path: string(4).always.required,
  optional: bool(5).optional,
});
export interface ClusterTrustBundleProjection extends Infer<typeof ClusterTrustBundleProjection> {}

export const KeyToPath = message("io.k8s.api.core.v1.KeyToPath", {
  key: string(1).always.required,
  path: string(2).always.required,
  mode: int32(3).optional,
});
export interface KeyToPath extends Infer<typeof KeyToPath> {}

export const ConfigMapProjection = message("io.k8s.api.core.v1.ConfigMapProjection", {
  localObjectReference: inline(1, LocalObjectReference),
  items: list(2, KeyToPath).atomicList,
  optional: bool(4).optional,
});
export interface ConfigMapProjection extends Infer<typeof ConfigMapProjection> {}

export const DownwardAPIVolumeFile = message("io.k8s.api.core.v1.DownwardAPIVolumeFile", {
  path: string(1).always.required,
  fieldRef: struct(2, ObjectFieldSelector).optional,
  resourceFieldRef: struct(3, ResourceFieldSelector).optional,
  mode: int32(4).optional,
});
export interface DownwardAPIVolumeFile extends Infer<typeof DownwardAPIVolumeFile> {}

export const DownwardAPIProjection = message("io.k8s.api.core.v1.DownwardAPIProjection", {
  items: list(1, DownwardAPIVolumeFile).atomicList,
});
export interface DownwardAPIProjection extends Infer<typeof DownwardAPIProjection> {}

export const SecretProjection = message("io.k8s.api.core.v1.SecretProjection", {
  localObjectReference: inline(1, LocalObjectReference),
  items: list(2, KeyToPath).atomicList,
  optional: bool(4).optional,
});
export interface SecretProjection extends Infer<typeof SecretProjection> {}

export const ServiceAccountTokenProjection = message("io.k8s.api.core.v1.ServiceAccountTokenProjection", {
  audience: string(1),
  expirationSeconds: int64(2).optional,
  path: string(3).always.required,
});
export interface ServiceAccountTokenProjection extends Infer<typeof ServiceAccountTokenProjection> {}

export const PodCertificateProjection = message("io.k8s.api.core.v1.PodCertificateProjection", {
  signerName: string(1).required,
  keyType: string(2).required,
  maxExpirationSeconds: int32(3).optional,
  credentialBundlePath: string(4),
  keyPath: string(5),
  certificateChainPath: string(6),
  userAnnotations: map(7, "string"),
});
export interface PodCertificateProjection extends Infer<typeof PodCertificateProjection> {}

export const VolumeProjection = message("io.k8s.api.core.v1.VolumeProjection", {
  secret: struct(1, SecretProjection).optional,
  downwardAPI: struct(2, DownwardAPIProjection).optional,
  configMap: struct(3, ConfigMapProjection).optional,
  serviceAccountToken: struct(4, ServiceAccountTokenProjection).optional,
  clusterTrustBundle: struct(5, ClusterTrustBundleProjection).optional,
  podCertificate: struct(6, PodCertificateProjection).optional,
});
export interface VolumeProjection extends Infer<typeof VolumeProjection> {}

export const ProjectedVolumeSource = message("io.k8s.api.core.v1.ProjectedVolumeSource", {
  sources: list(1, VolumeProjection).always.atomicList,
  defaultMode: int32(2).optional,
});
export interface ProjectedVolumeSource extends Infer<typeof ProjectedVolumeSource> {}
