import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { humanDuration } from "../../../apimachinery/time.ts";
import { pathSegmentName } from "../../../apimachinery/validation/names.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { CertificateSigningRequestSpec, CertificateSigningRequestStatus } from "./certificateSigningRequestMessages.ts";
import {
  validateCertificateSigningRequest,
  validateCertificateSigningRequestCreate,
  validateCertificateSigningRequestStatusUpdate,
  validateCertificateSigningRequestUpdate,
} from "./certificateSigningRequestValidation.ts";

export const CertificateSigningRequestSchema = message(
  "io.k8s.api.certificates.v1.CertificateSigningRequest",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    spec: struct(2, CertificateSigningRequestSpec).required.doc("What is asked for."),
    status: struct(3, CertificateSigningRequestStatus).doc("What became of it."),
  },
  {
    doc: "Asks for a certificate. Somebody approves or denies it, and a signer issues what was approved. Kubelets get theirs in this way.",
  },
);
export interface CertificateSigningRequest extends Infer<typeof CertificateSigningRequestSchema> {}

/** "Approved,Issued", as the column shows it. */
function conditionOf({ conditions = [], certificate }: CertificateSigningRequestStatus): string {
  const has = (type: string) => conditions.some((condition) => condition.type === type);
  const decision = has("Denied") ? "Denied" : has("Approved") ? "Approved" : "Pending";
  return [decision, ...(has("Failed") ? ["Failed"] : []), ...(certificate ? ["Issued"] : [])].join(",");
}

export const CertificateSigningRequest = defineKind<CertificateSigningRequest>({
  group: "certificates.k8s.io",
  version: "v1",
  kind: "CertificateSigningRequest",
  plural: "certificatesigningrequests",
  shortNames: ["csr"],
  scope: "Cluster",
  schema: CertificateSigningRequestSchema,
  status: true,
  subresources: { approval: { verbs: ["get", "patch", "update"] } },
  selectableFields: { "spec.signerName": ({ spec }) => spec.signerName },
  validateName: pathSegmentName,
  validate: validateCertificateSigningRequest,
  validateCreate: validateCertificateSigningRequestCreate,
  validateUpdate: validateCertificateSigningRequestUpdate,
  validateStatusUpdate: validateCertificateSigningRequestStatusUpdate,
  columns: [
    nameColumn(),
    ageColumn(),
    {
      name: "SignerName",
      type: "string",
      description: "Who shall sign.",
      value: ({ spec }) => spec.signerName || "<none>",
    },
    { name: "Requestor", type: "string", description: "Who asks.", value: ({ spec }) => spec.username ?? "" },
    {
      name: "RequestedDuration",
      type: "string",
      description: "How long the certificate shall be good.",
      value: ({ spec: { expirationSeconds } }) =>
        expirationSeconds === undefined ? "<none>" : humanDuration(expirationSeconds * 1000),
    },
    {
      name: "Condition",
      type: "string",
      description: "What became of it.",
      value: ({ status }) => conditionOf(status),
    },
  ],
});
