import { X509Certificate } from "node:crypto";
import {
  type CertificateSigningRequest,
  type CertificateSigningRequestCondition,
  validateCertificateSigningRequestApproval,
} from "../../api/certificates/v1/index.ts";
import { methodNotAllowed } from "../../apimachinery/errors.ts";
import { type FieldError, fieldInvalid, root } from "../../apimachinery/fieldErrors.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { formatTime } from "../../apimachinery/time.ts";
import { parseSigningRequest } from "../../pki/signingRequest.ts";
import type { Call } from "../pipeline/call.ts";
import { get } from "./read.ts";
import type { Registry } from "./registry.ts";
import type { Resource, Strategy } from "./resource.ts";
import { patch, replace } from "./verbs.ts";

/** Who asks is told by authentication, not by the asker; a request is never changed afterwards. */
export const certificateSigningRequestStrategy: Strategy<CertificateSigningRequest> = {
  prepareCreate(request, { user }) {
    const { request: pem, signerName, usages, expirationSeconds } = request.spec;
    request.spec = {
      request: pem,
      signerName,
      ...(usages && { usages }),
      ...(expirationSeconds !== undefined && { expirationSeconds }),
      ...(user.name && { username: user.name }),
      ...(user.uid && { uid: user.uid }),
      ...(user.groups.length > 0 && { groups: [...user.groups] }),
      ...(user.extra && { extra: Object.fromEntries(Object.entries(user.extra).map(([k, v]) => [k, [...v]])) }),
    };
    request.status = {};
  },
  prepareUpdate(request, old) {
    request.spec = old.spec;
  },
  prepareStatusUpdate(request, old, { now }) {
    const conditions = stamped(request.status.conditions, old.status.conditions, now);
    request.status = { ...request.status, ...(conditions && { conditions }) };
  },
  validateStatus({ status: { certificate } }, old) {
    const problem = certificate && certificate !== old.status.certificate ? certificateProblem(certificate) : undefined;
    return problem ? [fieldInvalid(root.child("status", "certificate"), "<certificate data>", problem)] : [];
  },
  validate: (request, old) => (old ? [] : requestErrors(request)),
  subresources: { approval },
};

function requestErrors({ spec }: CertificateSigningRequest): FieldError[] {
  try {
    parseSigningRequest(Buffer.from(spec.request, "base64").toString());
    return [];
  } catch (error) {
    return [fieldInvalid(root.child("spec", "request"), spec.request, (error as Error).message)];
  }
}

/** /approval writes conditions and nothing else of the status. */
function approval(call: Call, resource: Resource, registry: Registry) {
  const { verb } = call.info;
  if (verb === "get") return get(registry, resource, call);
  const limits = {
    limit: (updated: KubernetesObject, live: KubernetesObject) =>
      decided(updated as CertificateSigningRequest, live as CertificateSigningRequest, registry.clock.now()),
    validate: (updated: KubernetesObject, live: KubernetesObject) =>
      validateCertificateSigningRequestApproval(
        updated as CertificateSigningRequest,
        live as CertificateSigningRequest,
      ),
  };
  if (verb === "update") return replace(registry, resource, call, limits);
  if (verb === "patch") return patch(registry, resource, call, limits);
  throw methodNotAllowed();
}

function decided(updated: CertificateSigningRequest, live: CertificateSigningRequest, now: number) {
  const conditions = stamped(updated.status?.conditions, live.status.conditions, now);
  const { conditions: _, ...status } = live.status;
  return { ...live, metadata: updated.metadata, status: { ...status, ...(conditions && { conditions }) } };
}

/** Times that the writer has left out. */
function stamped(
  conditions: readonly CertificateSigningRequestCondition[] | undefined,
  before: readonly CertificateSigningRequestCondition[] | undefined,
  now: number,
): CertificateSigningRequestCondition[] | undefined {
  return conditions?.map((condition) => {
    const old = before?.find(({ type, status }) => type === condition.type && status === condition.status);
    return {
      ...condition,
      lastUpdateTime: condition.lastUpdateTime || formatTime(now),
      lastTransitionTime: condition.lastTransitionTime || old?.lastTransitionTime || formatTime(now),
    };
  });
}

/** What is wrong with a certificate that a signer wrote; undefined when nothing is. */
function certificateProblem(base64: string): string | undefined {
  const text = Buffer.from(base64, "base64").toString();
  const blocks = [...text.matchAll(/^-----BEGIN ([^-]+)-----\s*$([\s\S]*?)^-----END \1-----\s*$/gm)];
  if (blocks.length === 0) return "must contain at least one valid CERTIFICATE PEM block";
  for (const [i, [whole, type, body]] of blocks.entries()) {
    if (type !== "CERTIFICATE") {
      return `only CERTIFICATE PEM blocks are allowed, found ${JSON.stringify(type)} at index ${i}`;
    }
    if (/^\S+:/m.test(body!)) return `no PEM block headers are permitted, found them at index ${i}`;
    try {
      new X509Certificate(whole);
    } catch (error) {
      return (error as Error).message;
    }
  }
  return undefined;
}
