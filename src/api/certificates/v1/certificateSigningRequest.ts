import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { CertificateSigningRequestSpec, CertificateSigningRequestStatus } from "./certificateSigningRequestMessages.ts";

export const CertificateSigningRequestSchema = message("io.k8s.api.certificates.v1.CertificateSigningRequest", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, CertificateSigningRequestSpec).required,
  status: struct(3, CertificateSigningRequestStatus),
});
export interface CertificateSigningRequest extends Infer<typeof CertificateSigningRequestSchema> {}

export const CertificateSigningRequest = defineKind<CertificateSigningRequest>({
  group: "certificates.k8s.io",
  version: "v1",
  kind: "CertificateSigningRequest",
  plural: "certificatesigningrequests",
  shortNames: ["csr"],
  scope: "Cluster",
  schema: CertificateSigningRequestSchema,
  status: true,
  columns: [nameColumn(), ageColumn()],
});
