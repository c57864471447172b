import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createCertificate } from "./certificate.ts";
import { ecKeyPair, privateKeyPem } from "./keys.ts";
import { createSigningRequest, parseSigningRequest } from "./signingRequest.ts";

test("a request is read as it was made", async () => {
  const { privateKey } = await ecKeyPair();
  const subject = { commonName: "system:node:a", organizations: ["system:nodes"] };
  const pem = createSigningRequest({ subject, alternativeNames: ["a", "10.0.0.1", "fd00::1"], privateKey });

  const request = parseSigningRequest(pem);

  assert.equal(request.commonName, "system:node:a");
  assert.deepEqual(request.organizations, ["system:nodes"]);
  assert.deepEqual(request.dnsNames, ["a"]);
  assert.deepEqual(request.addresses, ["10.0.0.1", "fd00::1"]);
});

test("a certificate for a purpose alone is one that TLS takes", async () => {
  const issuer = { subject: { commonName: "ca" }, ...(await ecKeyPair()) };
  const { publicKey } = await ecKeyPair();
  const subject = { commonName: "jane" };
  const validity = { notBefore: 0, notAfter: 4e12 };
  const cert = createCertificate({ subject, publicKey, issuer, usage: ["client auth"], ...validity });

  const { raw, keyUsage } = new X509Certificate(cert);
  assert.deepEqual(keyUsage, ["1.3.6.1.5.5.7.3.2"]);
  // OpenSSL takes a certificate whose key usage (2.5.29.15) has no bit for a broken one
  assert.ok(!raw.includes(Buffer.from([0x55, 0x1d, 0x0f])));
});

test("a request that was changed, or is another block, is refused", async () => {
  const { privateKey } = await ecKeyPair();
  const pem = createSigningRequest({ subject: { commonName: "a" }, privateKey });
  const der = Buffer.from(pem.replace(/-----.*-----/g, ""), "base64");
  der[der.indexOf("a")] = 0x62;
  const changed = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString("base64")}\n-----END CERTIFICATE REQUEST-----\n`;
  assert.throws(() => parseSigningRequest(changed), /not signed with its own key/);
  assert.throws(() => parseSigningRequest(privateKeyPem(privateKey)), /PEM block type must be CERTIFICATE REQUEST/);
  assert.throws(() =>
    parseSigningRequest("-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n"),
  );
});

test("a request of OpenSSL is read, and what is signed of it is good for what was asked", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "coxswain-csr-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const [key, csr] = [join(folder, "key.pem"), join(folder, "csr.pem")];
  const args = [
    "req",
    "-new",
    "-newkey",
    "rsa:2048",
    "-nodes",
    "-keyout",
    key,
    "-out",
    csr,
    "-subj",
    "/O=g1/O=g2/OU=x/CN=me",
  ];
  try {
    execFileSync("openssl", [...args, "-addext", "subjectAltName=DNS:host,IP:1.2.3.4,email:a@b.c"], {
      stdio: "ignore",
    });
  } catch {
    return t.skip("needs openssl");
  }
  const request = parseSigningRequest(readFileSync(csr, "utf8"));
  assert.deepEqual([request.commonName, request.organizations], ["me", ["g1", "g2"]]);
  assert.deepEqual([request.dnsNames, request.addresses, request.emails], [["host"], ["1.2.3.4"], ["a@b.c"]]);

  const issuer = { subject: { commonName: "ca" }, ...(await ecKeyPair()) };
  const pem = createCertificate({
    subject: request.subject,
    publicKey: request.publicKey,
    issuer,
    usage: ["key encipherment", "digital signature", "server auth", "client auth"],
    alternativeNames: [...request.dnsNames, ...request.addresses],
    emails: request.emails,
    notBefore: 0,
    notAfter: 4e12,
  });
  const certificate = new X509Certificate(pem);
  assert.ok(certificate.verify(issuer.publicKey));
  assert.match(certificate.subject, /O=g1\nO=g2\nOU=x\nCN=me/);
  assert.deepEqual(certificate.keyUsage, ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
  assert.match(certificate.subjectAltName ?? "", /email:a@b.c, DNS:host, IP Address:1.2.3.4/);
});
