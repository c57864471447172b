import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { children, readOnly } from "./asn1.ts";
import type { Issuer } from "./certificate.ts";

/** A certificate authority as read from its files, ready to sign. */
export interface Authority extends Issuer {
  /** ms since the epoch: nothing it signs is good for longer */
  notAfter: number;
}

/** Reads an authority's certificate and key, both in PEM. Throws when they do not belong together. */
export function readAuthority(certificatePem: string, keyPem: string): Authority {
  const certificate = new X509Certificate(certificatePem);
  const privateKey = createPrivateKey(keyPem);
  if (!certificate.checkPrivateKey(privateKey)) throw new Error("the authority's key is not that of its certificate");
  return {
    subject: subjectOf(certificate.raw),
    privateKey,
    publicKey: createPublicKey(privateKey),
    notAfter: certificate.validToDate.getTime(),
  };
}

/** The subject as it is encoded, which is how it must stand in what the authority signs. */
function subjectOf(certificate: Buffer): Buffer {
  const [signed] = children(readOnly(certificate));
  const fields = signed ? children(signed) : [];
  // version (absent in the first), serial number, algorithm, issuer, validity, subject
  const subject = fields[fields[0]?.tag === 0xa0 ? 5 : 4];
  if (!subject) throw new Error("the authority's certificate has no subject");
  return subject.bytes;
}
