import { createHash, type KeyObject, sign } from "node:crypto";
import { isIP } from "node:net";
import { secretBytes } from "../util/random.ts";
import * as der from "./der.ts";

export interface Subject {
  commonName: string;
  /** groups, in the eyes of the API server */
  organizations?: readonly string[];
}

export interface Issuer {
  subject: Subject;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

export interface CertificateRequest {
  subject: Subject;
  publicKey: KeyObject;
  /** the authority; an EC key on P-256, as ours all are */
  issuer: Issuer;
  /** host names and IP addresses the certificate stands for */
  alternativeNames?: readonly string[];
  usage: "authority" | "server" | "client";
  /** ms since the epoch */
  notBefore: number;
  notAfter: number;
}

const ECDSA_WITH_SHA256 = der.sequence(der.oid("1.2.840.10045.4.3.2"));
const ATTRIBUTE = { commonName: "2.5.4.3", organization: "2.5.4.10" };
const EXTENSION = {
  keyUsage: "2.5.29.15",
  extendedKeyUsage: "2.5.29.37",
  basicConstraints: "2.5.29.19",
  subjectKeyId: "2.5.29.14",
  authorityKeyId: "2.5.29.35",
  subjectAltName: "2.5.29.17",
};
const PURPOSE = { server: "1.3.6.1.5.5.7.3.1", client: "1.3.6.1.5.5.7.3.2" };

/** Makes and signs an X.509 v3 certificate (RFC 5280); answers PEM. */
export function createCertificate(request: CertificateRequest): string {
  const tbs = der.sequence(
    der.tagged(0, der.integer(Buffer.from([2]))), // version 3
    der.integer(serialNumber()),
    ECDSA_WITH_SHA256,
    name(request.issuer.subject),
    der.sequence(der.time(request.notBefore), der.time(request.notAfter)),
    name(request.subject),
    request.publicKey.export({ type: "spki", format: "der" }),
    der.tagged(3, der.sequence(...extensions(request))),
  );
  const signature = sign("sha256", tbs, request.issuer.privateKey);
  return pem(der.sequence(tbs, ECDSA_WITH_SHA256, der.bits(signature)));
}

function serialNumber(): Buffer {
  const bytes = secretBytes(16);
  bytes[0] = (bytes[0]! & 0x7f) | 0x40; // positive, and of constant length
  return bytes;
}

/** Organizations first, as `openssl x509 -subject` shows Kubernetes' own. */
function name(subject: Subject): Buffer {
  const attribute = (oid: string, value: string) => der.set(der.sequence(der.oid(oid), der.utf8(value)));
  return der.sequence(
    ...(subject.organizations ?? []).map((organization) => attribute(ATTRIBUTE.organization, organization)),
    attribute(ATTRIBUTE.commonName, subject.commonName),
  );
}

function extensions(request: CertificateRequest): Buffer[] {
  const authority = request.usage === "authority";
  const list = [
    extension(EXTENSION.keyUsage, keyUsage(authority), true),
    extension(EXTENSION.basicConstraints, der.sequence(...(authority ? [der.boolean(true)] : [])), true),
    extension(EXTENSION.authorityKeyId, der.sequence(der.tagged(0, keyId(request.issuer.publicKey), true))),
  ];
  if (request.usage === "authority") list.push(extension(EXTENSION.subjectKeyId, der.octets(keyId(request.publicKey))));
  else list.push(extension(EXTENSION.extendedKeyUsage, der.sequence(der.oid(PURPOSE[request.usage]))));
  const names = request.alternativeNames ?? [];
  if (names.length > 0) list.push(extension(EXTENSION.subjectAltName, der.sequence(...names.map(generalName))));
  return list;
}

function extension(oid: string, value: Buffer, critical = false): Buffer {
  return der.sequence(der.oid(oid), ...(critical ? [der.boolean(true)] : []), der.octets(value));
}

/** digitalSignature and keyEncipherment; for an authority also keyCertSign. */
function keyUsage(authority: boolean): Buffer {
  return authority ? der.bits(Buffer.from([0b1010_0100]), 2) : der.bits(Buffer.from([0b1010_0000]), 5);
}

/** SHA-1 of the key's bits, the way RFC 5280 4.2.1.2 suggests; a P-256 point is the last 65 bytes of its SPKI. */
function keyId(key: KeyObject): Buffer {
  const spki = key.export({ type: "spki", format: "der" });
  return createHash("sha1").update(spki.subarray(-65)).digest();
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
