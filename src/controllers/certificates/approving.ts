import { SubjectAccessReview } from "../../api/authorization/v1/index.ts";
import { CertificateSigningRequest } from "../../api/certificates/v1/index.ts";
import { Node } from "../../api/core/v1/index.ts";
import { formatTime } from "../../apimachinery/time.ts";
import { type Controller, controller, done, type ReconcileContext, watch } from "../../client/index.ts";
import { parseSigningRequest, type SigningRequest } from "../../pki/signingRequest.ts";
import { nodeNameOf, type Recognition, recognize } from "./recognize.ts";
import { KUBELET_SERVING_SIGNER, NODE_USER } from "./rules.ts";

const isUndecided = ({ status }: CertificateSigningRequest) =>
  !(status.conditions ?? []).some(({ type }) => type === "Approved" || type === "Denied");

/** Approves what kubelets ask for, where nothing speaks against it. */
export const csrApprovingController: Controller = controller({
  name: "csrapproving",
  for: CertificateSigningRequest,
  // a kubelet may ask for its serving certificate before its Node names its addresses
  watches: [
    watch(
      Node,
      (node, view) =>
        view
          .list(CertificateSigningRequest)
          .filter((csr) => isUndecided(csr) && csr.spec.username === NODE_USER + node.metadata.name)
          .map(({ metadata: { name = "" } }) => ({ name })),
      (node, old) => node.status.addresses !== old.status.addresses,
    ),
  ],
  async reconcile(csr, context) {
    const request = isUndecided(csr) ? parsed(csr) : undefined;
    if (!request) return done;
    const node = context.view.get(Node, { name: nodeNameOf(request) });
    const recognition = recognize(csr, request, node);
    if (recognition && (await isPermitted(csr, recognition, context))) await approve(csr, recognition, context);
    return done;
  },
});

/** Requests were checked when they were created; one from an older server may still be none. */
function parsed(csr: CertificateSigningRequest): SigningRequest | undefined {
  try {
    return parseSigningRequest(Buffer.from(csr.spec.request, "base64").toString());
  } catch {
    return undefined;
  }
}

async function isPermitted(
  { spec }: CertificateSigningRequest,
  { permission }: Recognition,
  { client }: ReconcileContext,
): Promise<boolean> {
  // that a node may serve under its own names needs no permission beyond being that node
  if (!permission) return spec.signerName === KUBELET_SERVING_SIGNER;
  const { username: user, uid, groups, extra } = spec;
  const group = "certificates.k8s.io";
  const resourceAttributes = { group, resource: "certificatesigningrequests", subresource: permission, verb: "create" };
  const review = await client.create(SubjectAccessReview, {
    metadata: {},
    spec: { user, ...(uid && { uid }), groups, extra, resourceAttributes: { ...resourceAttributes, version: "*" } },
  } as SubjectAccessReview);
  return review.status.allowed;
}

async function approve(csr: CertificateSigningRequest, { message }: Recognition, { client, clock }: ReconcileContext) {
  const now = formatTime(clock.now());
  const condition = { type: "Approved", status: "True", reason: "AutoApproved", message, lastUpdateTime: now };
  const conditions = [...(csr.status.conditions ?? []), { ...condition, lastTransitionTime: now }];
  const approved = { ...csr, status: { ...csr.status, conditions } };
  await client.update(CertificateSigningRequest, approved, { subresource: "approval" });
}
