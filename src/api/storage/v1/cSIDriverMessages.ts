import { bool, type Infer, int64, list, message, string } from "../../../apimachinery/schema.ts";

export const TokenRequest = message(
  "io.k8s.api.storage.v1.TokenRequest",
  {
    audience: string(1).always.required.doc("For whom the token is; empty: for the API server."),
    expirationSeconds: int64(2).optional.doc("How long it is good for."),
  },
  { doc: "A token of the Pod's ServiceAccount that the driver is handed." },
);
export interface TokenRequest extends Infer<typeof TokenRequest> {}

export const CSIDriverSpec = message(
  "io.k8s.api.storage.v1.CSIDriverSpec",
  {
    attachRequired: bool(1).optional.doc(
      "Whether volumes are attached to a node, and that is waited for, before they are mounted. Cannot be changed.",
    ),
    podInfoOnMount: bool(2).optional.doc("Whether the driver is told for which Pod it mounts."),
    volumeLifecycleModes: list(3, "string")
      .named("VolumeLifecycleMode")
      .listSet.doc("Persistent, Ephemeral or both: for which volumes the driver is made. Cannot be changed."),
    storageCapacity: bool(4).optional.doc("Whether the scheduler looks at CSIStorageCapacity objects."),
    fsGroupPolicy: string(5)
      .named("FSGroupPolicy")
      .optional.doc("Whether files are given to the Pod's fsGroup: File, None or ReadWriteOnceWithFSType."),
    tokenRequests: list(6, TokenRequest).atomicList.doc("Tokens that the driver is handed when it mounts."),
    requiresRepublish: bool(7).optional.doc("Whether a mounted volume is published again and again, to be refreshed."),
    seLinuxMount: bool(8).optional.doc("Whether the driver mounts with an SELinux context."),
    nodeAllocatableUpdatePeriodSeconds: int64(9).optional.doc(
      "How often a node's count of volumes is asked for again; absent: never.",
    ),
    serviceAccountTokenInSecrets: bool(10).optional.doc("Whether tokens are handed over as secrets."),
    preventPodSchedulingIfMissing: bool(11).optional.doc(
      "Whether Pods that need the driver stay off nodes without it.",
    ),
  },
  { doc: "What a cluster must know of a CSI driver." },
);
export interface CSIDriverSpec extends Infer<typeof CSIDriverSpec> {}
