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

export const ClusterTrustBundleProjection = message(
  "io.k8s.api.core.v1.ClusterTrustBundleProjection",
  {
    name: string(1).optional.doc("One bundle by name; excludes signerName and labelSelector."),
    signerName: string(2).optional.doc("All bundles of one signer that labelSelector selects."),
    labelSelector: struct(3, LabelSelector).optional.doc("Which bundles of the signer; absent: none, empty: all."),
    path: string(4).always.required.doc("The file to write, relative to the volume."),
    optional: bool(5).optional.doc("Whether the Pod may start although what is named, or its key, does not exist."),
  },
  { doc: "Certificates of trust bundles as one PEM file." },
);
export interface ClusterTrustBundleProjection extends Infer<typeof ClusterTrustBundleProjection> {}

export const KeyToPath = message(
  "io.k8s.api.core.v1.KeyToPath",
  {
    key: string(1).always.required.doc("The key."),
    path: string(2).always.required.doc("The file, relative to the volume; may not leave it."),
    mode: int32(3).optional.doc("The file's permission bits; the volume's defaultMode if absent."),
  },
  { doc: "Which key becomes which file." },
);
export interface KeyToPath extends Infer<typeof KeyToPath> {}

export const ConfigMapProjection = message(
  "io.k8s.api.core.v1.ConfigMapProjection",
  {
    localObjectReference: inline(1, LocalObjectReference).doc("The object in the same namespace."),
    items: list(2, KeyToPath).atomicList.doc("Which keys become which files; absent: each key, a file of its name."),
    optional: bool(4).optional.doc("Whether the Pod may start although what is named, or its key, does not exist."),
  },
  { doc: "Keys of a ConfigMap as files of a projected volume." },
);
export interface ConfigMapProjection extends Infer<typeof ConfigMapProjection> {}

export const DownwardAPIVolumeFile = message(
  "io.k8s.api.core.v1.DownwardAPIVolumeFile",
  {
    path: string(1).always.required.doc("The file, relative to the volume; may not leave it."),
    fieldRef: struct(2, ObjectFieldSelector).optional.doc(
      "A field of the Pod: its name, namespace, UID, labels or annotations.",
    ),
    resourceFieldRef: struct(3, ResourceFieldSelector).optional.doc("A limit or request of one of its containers."),
    mode: int32(4).optional.doc("The file's permission bits; the volume's defaultMode if absent."),
  },
  { doc: "A file with one fact about the Pod." },
);
export interface DownwardAPIVolumeFile extends Infer<typeof DownwardAPIVolumeFile> {}

export const DownwardAPIProjection = message(
  "io.k8s.api.core.v1.DownwardAPIProjection",
  {
    items: list(1, DownwardAPIVolumeFile).atomicList.doc("The files."),
  },
  { doc: "Facts about the Pod as files of a projected volume." },
);
export interface DownwardAPIProjection extends Infer<typeof DownwardAPIProjection> {}

export const SecretProjection = message(
  "io.k8s.api.core.v1.SecretProjection",
  {
    localObjectReference: inline(1, LocalObjectReference).doc("The object in the same namespace."),
    items: list(2, KeyToPath).atomicList.doc("Which keys become which files; absent: each key, a file of its name."),
    optional: bool(4).optional.doc("Whether the Pod may start although what is named, or its key, does not exist."),
  },
  { doc: "Keys of a Secret as files of a projected volume." },
);
export interface SecretProjection extends Infer<typeof SecretProjection> {}

export const ServiceAccountTokenProjection = message(
  "io.k8s.api.core.v1.ServiceAccountTokenProjection",
  {
    audience: string(1).doc("For whom the token is meant; the API server if absent."),
    expirationSeconds: int64(2).optional.doc("For how long it holds; 3600 by default, at least 600."),
    path: string(3).always.required.doc("The file to write, relative to the volume."),
  },
  { doc: "A token of the Pod's account, renewed while the Pod runs." },
);
export interface ServiceAccountTokenProjection extends Infer<typeof ServiceAccountTokenProjection> {}

export const PodCertificateProjection = message(
  "io.k8s.api.core.v1.PodCertificateProjection",
  {
    signerName: string(1).required.doc("Who signs."),
    keyType: string(2).required.doc("RSA3072, RSA4096, ECDSAP256, ECDSAP384, ECDSAP521 or ED25519."),
    maxExpirationSeconds: int32(3).optional.doc("For how long the certificate may hold; 86400 by default."),
    credentialBundlePath: string(4).doc("A file for key and certificates together."),
    keyPath: string(5).doc("A file for the key."),
    certificateChainPath: string(6).doc("A file for the certificates."),
    userAnnotations: map(7, "string").doc("Further facts for the signer."),
  },
  { doc: "A key and a certificate for the Pod, renewed while it runs." },
);
export interface PodCertificateProjection extends Infer<typeof PodCertificateProjection> {}

export const VolumeProjection = message(
  "io.k8s.api.core.v1.VolumeProjection",
  {
    secret: struct(1, SecretProjection).optional.doc("Keys of a Secret."),
    downwardAPI: struct(2, DownwardAPIProjection).optional.doc("Facts about the Pod."),
    configMap: struct(3, ConfigMapProjection).optional.doc("Keys of a ConfigMap."),
    serviceAccountToken: struct(4, ServiceAccountTokenProjection).optional.doc("A token of the Pod's account."),
    clusterTrustBundle: struct(5, ClusterTrustBundleProjection).optional.doc("Certificates of trust bundles."),
    podCertificate: struct(6, PodCertificateProjection).optional.doc("A key and certificate for the Pod."),
  },
  { doc: "One source of a projected volume; exactly one is set." },
);
export interface VolumeProjection extends Infer<typeof VolumeProjection> {}

export const ProjectedVolumeSource = message(
  "io.k8s.api.core.v1.ProjectedVolumeSource",
  {
    sources: list(1, VolumeProjection).always.atomicList.doc("The sources."),
    defaultMode: int32(2).optional.doc("The files' permission bits; 0644 by default."),
  },
  { doc: "Several sources in one folder." },
);
export interface ProjectedVolumeSource extends Infer<typeof ProjectedVolumeSource> {}
