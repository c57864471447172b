import { createPublicKey, type KeyObject, sign, verify } from "node:crypto";
import { Asn1Error, children, type Element, readBits, readOid, readOnly } from "./asn1.ts";
import { alternativeNamesExtension, encodeName, type Subject } from "./certificate.ts";
import * as der from "./der.ts";

/** A certificate signing request (PKCS#10, RFC 2986), as far as signers look at one. */
export interface SigningRequest {
  commonName: string;
  organizations: readonly string[];
  /** the subject as it was encoded, with whatever else it has */
  subject: Buffer;
  publicKey: KeyObject;
  dnsNames: readonly string[];
  addresses: readonly string[];
  emails: readonly string[];
  uris: readonly string[];
}

const OID = {
  commonName: "2.5.4.3",
  organization: "2.5.4.10",
  extensionRequest: "1.2.840.113549.1.9.14",
  subjectAltName: "2.5.29.17",
} as const;
const BLOCK = /^-----BEGIN ([A-Z0-9 ]+)-----\s*$([\s\S]*?)^-----END \1-----\s*$/m;

/** The hash of each signature algorithm that requests are signed with; undefined: the key says (Ed25519). */
const HASHES: Readonly<Record<string, string | undefined>> = {
  "1.2.840.113549.1.1.11": "sha256",
  "1.2.840.113549.1.1.12": "sha384",
  "1.2.840.113549.1.1.13": "sha512",
  "1.2.840.10045.4.3.2": "sha256",
  "1.2.840.10045.4.3.3": "sha384",
  "1.2.840.10045.4.3.4": "sha512",
  "1.3.101.112": undefined,
};

/** Reads a request in PEM and checks its signature. Throws with what is wrong. */
export function parseSigningRequest(pem: string): SigningRequest {
  const block = BLOCK.exec(pem);
  if (block?.[1] !== "CERTIFICATE REQUEST") throw new Asn1Error("PEM block type must be CERTIFICATE REQUEST");
  const whole = readOnly(Buffer.from(block[2]!, "base64"));
  const [info, algorithm, signature] = children(whole);
  if (!info || !algorithm || !signature) throw new Asn1Error("asn1: structure error: sequence truncated");
  const [, subject, keyInfo, ...rest] = children(info);
  if (!subject || !keyInfo) throw new Asn1Error("asn1: structure error: sequence truncated");
  const publicKey = createPublicKey({ key: keyInfo.bytes, format: "der", type: "spki" });
  const oid = readOid(children(algorithm)[0] ?? algorithm);
  if (!Object.hasOwn(HASHES, oid)) throw new Asn1Error("x509: cannot verify signature: algorithm unimplemented");
  if (!verify(HASHES[oid], info.bytes, publicKey, readBits(signature))) {
    throw new Asn1Error("x509: the request is not signed with its own key");
  }
  return { ...readSubject(subject), subject: subject.bytes, publicKey, ...readNames(rest) };
}

function readSubject(subject: Element): { commonName: string; organizations: string[] } {
  let commonName = "";
  const organizations: string[] = [];
  for (const attribute of children(subject).flatMap(children)) {
    const [type, value] = children(attribute);
    if (!type || !value) throw new Asn1Error("asn1: structure error: sequence truncated");
    const oid = readOid(type);
    if (oid === OID.commonName) commonName = value.content.toString();
    if (oid === OID.organization) organizations.push(value.content.toString());
  }
  return { commonName, organizations };
}

type Names = Pick<SigningRequest, "dnsNames" | "addresses" | "emails" | "uris">;

/** The alternative names among the extensions that a request's attributes ask for. */
function readNames(attributes: readonly Element[]): Names {
  const names = {
    dnsNames: [] as string[],
    addresses: [] as string[],
    emails: [] as string[],
    uris: [] as string[],
  };
  for (const extension of requestedExtensions(attributes)) {
    const parts = children(extension);
    if (!parts[0] || readOid(parts[0]) !== OID.subjectAltName) continue;
    for (const { tag, content } of children(readOnly(parts.at(-1)!.content))) {
      if (tag === 0x81) names.emails.push(content.toString());
      if (tag === 0x82) names.dnsNames.push(content.toString());
      if (tag === 0x86) names.uris.push(content.toString());
      if (tag === 0x87) names.addresses.push(addressText(content));
    }
  }
  return names;
}

function requestedExtensions(attributes: readonly Element[]): Element[] {
  const list = attributes.find(({ tag }) => tag === 0xa0);
  if (!list) return [];
  return children(list).flatMap((attribute) => {
    const [type, values] = children(attribute);
    if (!type || !values || readOid(type) !== OID.extensionRequest) return [];
    return children(values).flatMap(children);
  });
}

function addressText(bytes: Buffer): string {
  if (bytes.length === 4) return [...bytes].join(".");
  if (bytes.length !== 16) throw new Asn1Error("x509: cannot parse IP address");
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

const ECDSA_WITH_SHA256 = der.sequence(der.oid("1.2.840.10045.4.3.2"));

/** Makes a request in PEM, signed with an EC key on P-256. */
export function createSigningRequest(options: {
  subject: Subject;
  alternativeNames?: readonly string[];
  privateKey: KeyObject;
}): string {
  const names = options.alternativeNames ?? [];
  const extensions = names.length > 0 ? [der.sequence(alternativeNamesExtension(names))] : [];
  const attributes = extensions.map((list) => der.sequence(der.oid(OID.extensionRequest), der.set(list)));
  const info = der.sequence(
    der.integer(Buffer.from([0])),
    encodeName(options.subject),
    createPublicKey(options.privateKey).export({ type: "spki", format: "der" }),
    der.tagged(0, Buffer.concat(attributes)),
  );
  const signature = der.bits(sign("sha256", info, options.privateKey));
  const lines =
    der
      .sequence(info, ECDSA_WITH_SHA256, signature)
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join("\n")}\n-----END CERTIFICATE REQUEST-----\n`;
}
