import type { CertificateSigningRequest } from "../../api/certificates/v1/index.ts";
import type { SigningRequest } from "../../pki/signingRequest.ts";

export const CLIENT_SIGNER = "kubernetes.io/kube-apiserver-client";
export const KUBELET_CLIENT_SIGNER = "kubernetes.io/kube-apiserver-client-kubelet";
export const KUBELET_SERVING_SIGNER = "kubernetes.io/kubelet-serving";
export const LEGACY_SIGNER = "kubernetes.io/legacy-unknown";

export const NODE_USER = "system:node:";
export const NODES_GROUP = "system:nodes";

export function hasCondition({ status }: CertificateSigningRequest, type: string): boolean {
  return (status.conditions ?? []).some((condition) => condition.type === type && condition.status === "True");
}

/** Why the signer does not sign this; undefined when it does, or when it is not one of ours. */
export function refusalOf(csr: CertificateSigningRequest, request: SigningRequest): string | undefined {
  const usages = csr.spec.usages ?? [];
  switch (csr.spec.signerName) {
    case CLIENT_SIGNER:
      return clientUsages(usages);
    case KUBELET_CLIENT_SIGNER:
      return kubeletClient(request, usages);
    case KUBELET_SERVING_SIGNER:
      return kubeletServing(request, usages);
    default:
      return undefined;
  }
}

export function isOurs({ spec }: CertificateSigningRequest): boolean {
  return [CLIENT_SIGNER, KUBELET_CLIENT_SIGNER, KUBELET_SERVING_SIGNER, LEGACY_SIGNER].includes(spec.signerName);
}

function clientUsages(usages: readonly string[]): string | undefined {
  const known = ["digital signature", "key encipherment", "client auth"];
  const wrong = usages.find((usage) => !known.includes(usage));
  if (wrong !== undefined) return `invalid usage for client certificate: ${wrong}`;
  return usages.includes("client auth") ? undefined : 'usages must include "client auth"';
}

/** Exactly these, with or without key encipherment, which only RSA keys need. */
function exactUsages(usages: readonly string[], purpose: string): string | undefined {
  const wanted = ["key encipherment", "digital signature", purpose];
  const fits =
    usages.every((usage) => wanted.includes(usage)) &&
    ["digital signature", purpose].every((usage) => usages.includes(usage));
  return fits ? undefined : `usages did not match [${wanted.join(" ")}]`;
}

function nodeSubject({ organizations, commonName }: SigningRequest): string | undefined {
  if (organizations.length !== 1 || organizations[0] !== NODES_GROUP) return "subject organization is not system:nodes";
  return commonName.startsWith(NODE_USER) ? undefined : "subject common name does not begin with system:node:";
}

function kubeletClient(request: SigningRequest, usages: readonly string[]): string | undefined {
  const subject = nodeSubject(request);
  if (subject) return subject;
  if (request.dnsNames.length > 0) return "DNS subjectAltNames are not allowed";
  if (request.emails.length > 0) return "Email subjectAltNames are not allowed";
  if (request.addresses.length > 0) return "IP subjectAltNames are not allowed";
  if (request.uris.length > 0) return "URI subjectAltNames are not allowed";
  return exactUsages(usages, "client auth");
}

function kubeletServing(request: SigningRequest, usages: readonly string[]): string | undefined {
  const subject = nodeSubject(request);
  if (subject) return subject;
  if (request.dnsNames.length + request.addresses.length === 0) return "DNS or IP subjectAltName is required";
  if (request.emails.length > 0) return "Email subjectAltNames are not allowed";
  if (request.uris.length > 0) return "URI subjectAltNames are not allowed";
  return exactUsages(usages, "server auth");
}
