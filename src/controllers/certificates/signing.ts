import { CertificateSigningRequest } from "../../api/certificates/v1/index.ts";
import { formatTime } from "../../apimachinery/time.ts";
import { type Controller, controller, done, type ReconcileContext } from "../../client/index.ts";
import { type Authority, createCertificate } from "../../pki/index.ts";
import { parseSigningRequest } from "../../pki/signingRequest.ts";
import { hasCondition, isOurs, refusalOf } from "./rules.ts";

/** Clocks differ a little. */
const BACKDATE = 5 * 60_000;
/** A certificate for a few minutes is not backdated by as much as it lives. */
const SHORT = 8 * 60 * 60_000;

export interface SignerOptions {
  authority: Authority;
  /** the longest life of a certificate, in ms */
  duration: number;
}

/** Issues what was approved, for the signers of kubernetes.io. */
export function csrSigningController(options: SignerOptions): Controller {
  return controller({
    name: "csrsigning",
    for: CertificateSigningRequest,
    async reconcile(csr, context) {
      const { certificate } = csr.status;
      if (certificate || !isOurs(csr) || !hasCondition(csr, "Approved")) return done;
      if (hasCondition(csr, "Denied") || hasCondition(csr, "Failed")) return done;
      const request = parseSigningRequest(Buffer.from(csr.spec.request, "base64").toString());
      const refusal = refusalOf(csr, request);
      if (refusal) await fail(csr, refusal, context);
      else await issue(csr, sign(csr, options, context.clock.now()), context);
      return done;
    },
  });
}

/** The certificate in PEM. */
function sign(csr: CertificateSigningRequest, { authority, duration }: SignerOptions, now: number): string {
  const request = parseSigningRequest(Buffer.from(csr.spec.request, "base64").toString());
  const { expirationSeconds } = csr.spec;
  const life = Math.min(duration, expirationSeconds === undefined ? duration : expirationSeconds * 1000);
  return createCertificate({
    subject: request.subject,
    publicKey: request.publicKey,
    issuer: authority,
    usage: csr.spec.usages ?? [],
    alternativeNames: [...request.dnsNames, ...request.addresses],
    emails: request.emails,
    uris: request.uris,
    notBefore: now - BACKDATE,
    // what was asked for is the time from now on; a long life begins with the backdating
    notAfter: Math.min(now + (life < SHORT ? life : life - BACKDATE), authority.notAfter),
  });
}

async function issue(csr: CertificateSigningRequest, pem: string, { client }: ReconcileContext): Promise<void> {
  const certificate = Buffer.from(pem).toString("base64");
  await client.updateStatus(CertificateSigningRequest, { ...csr, status: { ...csr.status, certificate } });
}

async function fail(csr: CertificateSigningRequest, message: string, { client, clock }: ReconcileContext) {
  const now = formatTime(clock.now());
  const condition = { type: "Failed", status: "True", reason: "SignerValidationFailure", message };
  const stamped = { ...condition, lastUpdateTime: now, lastTransitionTime: now };
  const conditions = [...(csr.status.conditions ?? []), stamped];
  await client.updateStatus(CertificateSigningRequest, { ...csr, status: { ...csr.status, conditions } });
}
