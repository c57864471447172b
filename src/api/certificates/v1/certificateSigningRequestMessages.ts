import { bytes, type Infer, int32, list, map, message, string, time } from "../../../apimachinery/schema.ts";

export const CertificateSigningRequestSpec = message("io.k8s.api.certificates.v1.CertificateSigningRequestSpec", {
  request: bytes(1).always.required,
  username: string(2),
  uid: string(3),
  groups: list(4, "string").atomicList,
  usages: list(5, "string").atomicList,
  extra: map(6, "stringList"),
  signerName: string(7).always.required,
  expirationSeconds: int32(8).optional,
});
export interface CertificateSigningRequestSpec extends Infer<typeof CertificateSigningRequestSpec> {}

export const CertificateSigningRequestCondition = message(
  "io.k8s.api.certificates.v1.CertificateSigningRequestCondition",
  {
    type: string(1).always.required,
    reason: string(2),
    message: string(3),
    lastUpdateTime: time(4).optional,
    lastTransitionTime: time(5).optional,
    status: string(6).always.required,
  },
);
export interface CertificateSigningRequestCondition extends Infer<typeof CertificateSigningRequestCondition> {}

export const CertificateSigningRequestStatus = message("io.k8s.api.certificates.v1.CertificateSigningRequestStatus", {
  conditions: list(1, CertificateSigningRequestCondition).listMap("type"),
  certificate: bytes(2),
});
export interface CertificateSigningRequestStatus extends Infer<typeof CertificateSigningRequestStatus> {}
