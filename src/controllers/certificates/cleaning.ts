import { X509Certificate } from "node:crypto";
import { CertificateSigningRequest } from "../../api/certificates/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { parseTime } from "../../apimachinery/time.ts";
import { after, type Controller, controller, done } from "../../client/index.ts";

const HOUR = 3_600_000;
/** How long requests are kept, once approved, denied or failed, or while nobody has decided (ms). */
const KEEP = { approved: HOUR, denied: HOUR, failed: HOUR, pending: 24 * HOUR };

/** When a request has served its time: the earliest of what ends it (ms since the epoch). */
export function endOf({ metadata, status }: CertificateSigningRequest): number {
  const { conditions = [], certificate } = status;
  const decided = (type: string, keep: number) =>
    conditions
      .filter((condition) => condition.type === type && condition.lastUpdateTime)
      .map(({ lastUpdateTime }) => parseTime(lastUpdateTime!) + keep);
  const ends = [
    ...decided("Approved", KEEP.approved),
    ...decided("Denied", KEEP.denied),
    ...decided("Failed", KEEP.failed),
  ];
  if (conditions.length === 0) ends.push(parseTime(metadata.creationTimestamp ?? "") + KEEP.pending);
  const expiry = certificate ? expiryOf(certificate) : undefined;
  if (expiry !== undefined) ends.push(expiry);
  return Math.min(...ends);
}

function expiryOf(base64: string): number | undefined {
  try {
    return new X509Certificate(Buffer.from(base64, "base64")).validToDate.getTime();
  } catch {
    return undefined; // a signer of somebody else's wrote it
  }
}

/** Deletes requests that nobody needs any more. */
export const csrCleaningController: Controller = controller({
  name: "csrcleaner",
  for: CertificateSigningRequest,
  async reconcile(csr, { client, clock }) {
    const end = endOf(csr);
    if (!Number.isFinite(end)) return done;
    const left = end - clock.now();
    if (left > 0) return after(left);
    const { name = "", uid } = csr.metadata;
    await client.delete(CertificateSigningRequest, { name }, { preconditions: { uid } }).catch((error) => {
      if (!isNotFound(error)) throw error; // gone already, as wanted
    });
    return done;
  },
});
