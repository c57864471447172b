import type { CertificateSigningRequest } from "../../api/certificates/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { forbidden } from "../../apimachinery/errors.ts";
import { parseSigningRequest } from "../../pki/signingRequest.ts";
import type { Write } from "../registry/resource.ts";
import type { AdmissionPlugin } from "./chain.ts";

const REQUESTS = "certificatesigningrequests.certificates.k8s.io";
const CLIENT_SIGNER = "kubernetes.io/kube-apiserver-client";
const MASTERS = "system:masters";

const isUpdateOf = (write: Write, subresource: string) =>
  write.operation === "UPDATE" && write.subresource === subresource && write.resource.kind.resource === REQUESTS;

/** Whether the writer may `approve` or `sign` for this signer, or for all of its domain. */
function mayActFor({ registry, user }: Write, verb: "approve" | "sign", signer: string): boolean {
  const access = { user, isResource: true, path: "", verb, group: "certificates.k8s.io", resource: "signers" };
  const names = [signer, `${signer.split("/")[0]}/*`];
  return names.some(
    (name) => registry.authorizer.authorize({ ...access, subresource: "", namespace: "", name }).allowed,
  );
}

function refuse(write: Write, verb: string, signer: string): never {
  const why = `user not permitted to ${verb} requests with signerName ${JSON.stringify(signer)}`;
  throw forbidden(write.resource.kind, write.name, why);
}

/** Who approves or denies must be allowed to do so for the signer that is asked. */
export const certificateApproval: AdmissionPlugin = {
  name: "CertificateApproval",
  handles: (write) => isUpdateOf(write, "approval"),
  validate(write, _object, old) {
    const { signerName } = (old as CertificateSigningRequest).spec;
    if (!mayActFor(write, "approve", signerName)) refuse(write, "approve", signerName);
  },
};

/** Who issues must be allowed to speak for the signer. */
export const certificateSigning: AdmissionPlugin = {
  name: "CertificateSigning",
  handles: (write) => isUpdateOf(write, "status"),
  validate(write, object, old) {
    const { spec, status: before } = old as CertificateSigningRequest;
    const { status: after } = object as CertificateSigningRequest;
    const unchanged =
      before.certificate === after.certificate && deepEqual(before.conditions ?? [], after.conditions ?? []);
    if (!unchanged && !mayActFor(write, "sign", spec.signerName)) refuse(write, "sign", spec.signerName);
  },
};

/** Nobody becomes a member of system:masters, which no role can hold back, by a certificate from this API. */
export const certificateSubjectRestriction: AdmissionPlugin = {
  name: "CertificateSubjectRestriction",
  handles: ({ operation, subresource, resource }) =>
    operation === "CREATE" && subresource === "" && resource.kind.resource === REQUESTS,
  validate(write, object) {
    const { signerName, request } = (object as CertificateSigningRequest).spec;
    if (signerName !== CLIENT_SIGNER) return;
    const { organizations } = parseSigningRequest(Buffer.from(request, "base64").toString());
    if (!organizations.includes(MASTERS)) return;
    const why = `use of ${CLIENT_SIGNER} signer with ${MASTERS} group is not allowed`;
    throw forbidden(write.resource.kind, (object as CertificateSigningRequest).metadata.name ?? "", why);
  },
};
