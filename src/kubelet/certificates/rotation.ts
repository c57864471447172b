import { createPrivateKey, X509Certificate } from "node:crypto";

/** A certificate and its key, both in PEM. */
export interface Credential {
  cert: string;
  key: string;
}

export interface Validity {
  /** ms since the epoch */
  notBefore: number;
  notAfter: number;
}

/** When a certificate is good; undefined when it is none, or not that of the key. */
export function validityOf({ cert, key }: Credential): Validity | undefined {
  try {
    const certificate = new X509Certificate(cert);
    if (!certificate.checkPrivateKey(createPrivateKey(key))) return undefined;
    return { notBefore: certificate.validFromDate.getTime(), notAfter: certificate.validToDate.getTime() };
  } catch {
    return undefined; // a file that was half written, or edited
  }
}

/**
 * When to ask for the next certificate: after seven to nine tenths of its life, by chance, so that the nodes of a
 * cluster that came up together do not all ask at once.
 */
export function rotationTime({ notBefore, notAfter }: Validity, chance: number): number {
  return notBefore + (notAfter - notBefore) * (0.7 + 0.2 * chance);
}
