import type { CertificateSigningRequest } from "../../api/certificates/v1/index.ts";
import type { Node } from "../../api/core/v1/index.ts";
import type { SigningRequest } from "../../pki/signingRequest.ts";
import { KUBELET_CLIENT_SIGNER, KUBELET_SERVING_SIGNER, NODE_USER, refusalOf } from "./rules.ts";

/** Why a request may be approved without a person. */
export interface Recognition {
  /** the subresource of certificatesigningrequests that the asker must be allowed to create */
  permission?: "selfnodeclient" | "nodeclient";
  message: string;
}

/** What kind of a kubelet's request this is; undefined when a person has to decide. */
export function recognize(
  csr: CertificateSigningRequest,
  request: SigningRequest,
  node: Node | undefined,
): Recognition | undefined {
  if (refusalOf(csr, request) !== undefined) return undefined;
  const { signerName, username } = csr.spec;
  const isSelf = username === request.commonName;
  if (signerName === KUBELET_CLIENT_SIGNER && isSelf) {
    const message = "Auto approving self kubelet client certificate after SubjectAccessReview.";
    return { permission: "selfnodeclient", message };
  }
  if (signerName === KUBELET_CLIENT_SIGNER) {
    return {
      permission: "nodeclient",
      message: "Auto approving kubelet client certificate after SubjectAccessReview.",
    };
  }
  if (signerName === KUBELET_SERVING_SIGNER && isSelf && node && namesNode(request, node)) {
    return { message: "Auto approving kubelet serving certificate whose names are those of its Node." };
  }
  return undefined;
}

/** "system:node:a" → "a" */
export function nodeNameOf({ commonName }: SigningRequest): string {
  return commonName.startsWith(NODE_USER) ? commonName.slice(NODE_USER.length) : "";
}

/** Whether a request names nothing but what the Node object says of the node. */
function namesNode({ dnsNames, addresses }: SigningRequest, node: Node): boolean {
  const known = new Set((node.status.addresses ?? []).map(({ address }) => address));
  known.add(node.metadata.name ?? "");
  return [...dnsNames, ...addresses].every((name) => known.has(name));
}
