import { createPublicKey, generateKeyPair, generateKeyPairSync, type KeyObject } from "node:crypto";
import { promisify } from "node:util";

const generate = promisify(generateKeyPair);

export interface KeyPair {
  privateKey: KeyObject;
  publicKey: KeyObject;
}

/** ECDSA on P-256: made and used in well under a millisecond. */
export function ecKeyPair(): Promise<KeyPair> {
  return generate("ec", { namedCurve: "P-256" });
}

/** The same without waiting for another thread, where time is told and not measured. */
export function ecKeyPairNow(): KeyPair {
  return generateKeyPairSync("ec", { namedCurve: "P-256" });
}

/** RSA with 2048 bits, for service-account tokens (RS256, which every OIDC verifier knows); made on another thread. */
export function rsaKeyPair(): Promise<KeyPair> {
  return generate("rsa", { modulusLength: 2048 });
}

/** PEM as OpenSSL and kubeadm write it: SEC1 for EC keys, PKCS#1 for RSA keys. */
export function privateKeyPem(key: KeyObject): string {
  const type = key.asymmetricKeyType === "ec" ? "sec1" : "pkcs1";
  return key.export({ type, format: "pem" }) as string;
}

export function publicKeyPem(key: KeyObject): string {
  const publicKey = key.type === "private" ? createPublicKey(key) : key;
  return publicKey.export({ type: "spki", format: "pem" }) as string;
}
