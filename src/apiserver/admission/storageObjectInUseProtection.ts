import type { AdmissionPlugin } from "./chain.ts";

/** By resource, the finalizer that keeps what is used from disappearing; a controller takes it off. */
const FINALIZERS: Readonly<Record<string, string>> = {
  persistentvolumes: "kubernetes.io/pv-protection",
  persistentvolumeclaims: "kubernetes.io/pvc-protection",
  "volumeattributesclasses.storage.k8s.io": "kubernetes.io/vac-protection",
};

export const storageObjectInUseProtection: AdmissionPlugin = {
  name: "StorageObjectInUseProtection",
  handles: ({ resource, operation, subresource }) =>
    operation === "CREATE" && subresource === "" && resource.kind.resource in FINALIZERS,
  mutate({ resource }, { metadata }) {
    const finalizer = FINALIZERS[resource.kind.resource]!;
    if (!metadata.finalizers?.includes(finalizer)) metadata.finalizers = [...(metadata.finalizers ?? []), finalizer];
  },
};
