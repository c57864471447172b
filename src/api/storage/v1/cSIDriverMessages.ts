import { bool, type Infer, int64, list, message, string } from "../../../apimachinery/schema.ts";

export const TokenRequest = message("io.k8s.api.storage.v1.TokenRequest", {
  audience: string(1).always.required,
  expirationSeconds: int64(2).optional,
});
export interface TokenRequest extends Infer<typeof TokenRequest> {}

export const CSIDriverSpec = message("io.k8s.api.storage.v1.CSIDriverSpec", {
  attachRequired: bool(1).optional,
  podInfoOnMount: bool(2).optional,
  volumeLifecycleModes: list(3, "string").listSet,
  storageCapacity: bool(4).optional,
  fsGroupPolicy: string(5),
  tokenRequests: list(6, TokenRequest).atomicList,
  requiresRepublish: bool(7).optional,
  seLinuxMount: bool(8).optional,
  nodeAllocatableUpdatePeriodSeconds: int64(9).optional,
  serviceAccountTokenInSecrets: bool(10).optional,
  preventPodSchedulingIfMissing: bool(11).optional,
});
export interface CSIDriverSpec extends Infer<typeof CSIDriverSpec> {}
