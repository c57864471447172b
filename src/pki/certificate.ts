import { createHash, type KeyObject, sign } from "node:crypto";
import { isIP } from "node:net";
import { secretBytes } from "../util/random.ts";
import { children, readBits, readOnly } from "./asn1.ts";
import * as der from "./der.ts";

export interface Subject {
  commonName: string;
  /** groups, in the eyes of the API server */
  organizations?: readonly string[];
}

export interface Issuer {
  /** or its encoding, to be kept as it is */
  subject: Subject | Buffer;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

/** What a certificate is good for, under the names of Kubernetes' KeyUsage: "digital signature", "client auth", … */
export type Usages = readonly string[];

export interface CertificateRequest {
  /** or its encoding, to be kept as it is */
  subject: Subject | Buffer;
  publicKey: KeyObject;
  /** the authority; its key is an EC key on P-256, as ours all are, or an RSA key */
  issuer: Issuer;
  /** host names and IP addresses the certificate stands for */
  alternativeNames?: readonly string[];
  usage: "authority" | "server" | "client" | Usages;
  /** further alternative names: e-mail addresses and URIs */
  emails?: readonly string[];
  uris?: readonly string[];
  /** ms since the epoch */
  notBefore: number;
  notAfter: number;
}

const ECDSA_WITH_SHA256 = der.sequence(der.oid("1.2.840.10045.4.3.2"));
const RSA_WITH_SHA256 = der.sequence(der.oid("1.2.840.113549.1.1.11"), der.encode(5));
const ATTRIBUTE = { commonName: "2.5.4.3", organization: "2.5.4.10" };
const EXTENSION = {
  keyUsage: "2.5.29.15",
  extendedKeyUsage: "2.5.29.37",
  basicConstraints: "2.5.29.19",
  subjectKeyId: "2.5.29.14",
  authorityKeyId: "2.5.29.35",
  subjectAltName: "2.5.29.17",
};
/** Bits of the key usage, from the first. */
const KEY_USAGE_BITS: Readonly<Record<string, number>> = {
  "digital signature": 0,
  signing: 0,
  "content commitment": 1,
  "key encipherment": 2,
  "data encipherment": 3,
  "key agreement": 4,
  "cert sign": 5,
  "crl sign": 6,
  "encipher only": 7,
  "decipher only": 8,
};
const PURPOSES: Readonly<Record<string, string>> = {
  any: "2.5.29.37.0",
  "server auth": "1.3.6.1.5.5.7.3.1",
  "client auth": "1.3.6.1.5.5.7.3.2",
  "code signing": "1.3.6.1.5.5.7.3.3",
  "email protection": "1.3.6.1.5.5.7.3.4",
  "s/mime": "1.3.6.1.5.5.7.3.4",
  "ipsec end system": "1.3.6.1.5.5.7.3.5",
  "ipsec tunnel": "1.3.6.1.5.5.7.3.6",
  "ipsec user": "1.3.6.1.5.5.7.3.7",
  timestamping: "1.3.6.1.5.5.7.3.8",
  "ocsp signing": "1.3.6.1.5.5.7.3.9",
  "microsoft sgc": "1.3.6.1.4.1.311.10.3.3",
  "netscape sgc": "2.16.840.1.113730.4.1",
};
const USAGES = {
  authority: ["digital signature", "key encipherment", "cert sign"],
  server: ["digital signature", "key encipherment", "server auth"],
  client: ["digital signature", "key encipherment", "client auth"],
} as const;

/** Makes and signs an X.509 v3 certificate (RFC 5280); answers PEM. */
export function createCertificate(request: CertificateRequest): string {
  const algorithm = signatureAlgorithm(request.issuer.privateKey);
  const tbs = der.sequence(
    der.tagged(0, der.integer(Buffer.from([2]))), // version 3
    der.integer(serialNumber()),
    algorithm,
    encodedName(request.issuer.subject),
    der.sequence(der.time(request.notBefore), der.time(request.notAfter)),
    encodedName(request.subject),
    request.publicKey.export({ type: "spki", format: "der" }),
    der.tagged(3, der.sequence(...extensions(request))),
  );
  const signature = sign("sha256", tbs, request.issuer.privateKey);
  return pem(der.sequence(tbs, algorithm, der.bits(signature)));
}

function signatureAlgorithm(key: KeyObject): Buffer {
  return key.asymmetricKeyType === "rsa" ? RSA_WITH_SHA256 : ECDSA_WITH_SHA256;
}

const encodedName = (subject: Subject | Buffer) => (Buffer.isBuffer(subject) ? subject : encodeName(subject));

function serialNumber(): Buffer {
  const bytes = secretBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40; // positive, and of constant length
  return bytes;
}

/** Organizations first, as `openssl x509 -subject` shows Kubernetes' own. */
export function encodeName(subject: Subject): Buffer {
  const attribute = (oid: string, value: string) => der.set(der.sequence(der.oid(oid), der.utf8(value)));
  return der.sequence(
    ...(subject.organizations ?? []).map((organization) => attribute(ATTRIBUTE.organization, organization)),
    attribute(ATTRIBUTE.commonName, subject.commonName),
  );
}

function extensions(request: CertificateRequest): Buffer[] {
  const authority = request.usage === "authority";
  const usages: Usages = typeof request.usage === "string" ? USAGES[request.usage] : request.usage;
  const purposes = [...new Set(usages.flatMap((usage) => PURPOSES[usage] ?? []))];
  const list = [
    // an extension that allows nothing would make the certificate a wrong one
    ...(usages.some((usage) => usage in KEY_USAGE_BITS) ? [extension(EXTENSION.keyUsage, keyUsage(usages), true)] : []),
    extension(EXTENSION.basicConstraints, der.sequence(...(authority ? [der.boolean(true)] : [])), true),
    extension(EXTENSION.authorityKeyId, der.sequence(der.tagged(0, keyId(request.issuer.publicKey), true))),
  ];
  if (authority) list.push(extension(EXTENSION.subjectKeyId, der.octets(keyId(request.publicKey))));
  else if (purposes.length > 0)
    list.push(extension(EXTENSION.extendedKeyUsage, der.sequence(...purposes.map(der.oid))));
  const { alternativeNames = [], emails = [], uris = [] } = request;
  const text = (tag: number) => (value: string) => der.tagged(tag, Buffer.from(value), true);
  const names = [...emails.map(text(1)), ...alternativeNames.map(generalName), ...uris.map(text(6))];
  if (names.length > 0) list.push(extension(EXTENSION.subjectAltName, der.sequence(...names)));
  return list;
}

/** The extension that names hosts and addresses. */
export function alternativeNamesExtension(names: readonly string[]): Buffer {
  return extension(EXTENSION.subjectAltName, der.sequence(...names.map(generalName)));
}

function extension(oid: string, value: Buffer, critical = false): Buffer {
  return der.sequence(der.oid(oid), ...(critical ? [der.boolean(true)] : []), der.octets(value));
}

function keyUsage(usages: Usages): Buffer {
  const bytes = Buffer.alloc(2);
  let last = 0;
  for (const usage of usages) {
    const bit = KEY_USAGE_BITS[usage];
    if (bit === undefined) continue;
    bytes[bit >> 3]! |= 0x80 >> (bit & 7);
    last = Math.max(last, bit);
  }
  // DER: no trailing zero bits
  return der.bits(bytes.subarray(0, (last >> 3) + 1), 7 - (last & 7));
}

/** SHA-1 of the key's bits, the way RFC 5280 4.2.1.2 suggests. */
function keyId(key: KeyObject): Buffer {
  const [, bits] = children(readOnly(key.export({ type: "spki", format: "der" })));
  return createHash("sha1").update(readBits(bits!)).digest();
}

function generalName(host: string): Buffer {
  if (isIP(host) === 0) return der.tagged(2, Buffer.from(host), true);
  return der.tagged(7, addressBytes(host), true);
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split(".").map(Number));
  const [head = "", tail] = address.split("::");
  const groups = (text: string) => (text === "" ? [] : text.split(":").map((group) => Number.parseInt(group, 16)));
  const before = groups(head);
  const after = groups(tail ?? "");
  const zeros = new Array<number>(8 - before.length - after.length).fill(0);
  return Buffer.from([...before, ...zeros, ...after].flatMap((group) => [group >> 8, group & 0xff]));
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}
