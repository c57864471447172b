import assert from "node:assert/strict";
import { test } from "node:test";
import { CertificateSigningRequest } from "./certificateSigningRequest.ts";

const problems = (signerName: string): string[] => {
  const spec = { request: "", signerName, usages: ["client auth"] };
  const request = { apiVersion: "", kind: "", metadata: {}, spec, status: {} } as unknown as CertificateSigningRequest;
  return CertificateSigningRequest.validate!(request).map(({ message }) =>
    message.replace(/^Invalid value: "[^"]*": /, ""),
  );
};

test("a signer is a domain and a path; each part says which of its labels is wrong", () => {
  assert.deepEqual(problems("example.com/a.b-c"), []);
  assert.match(problems("Example.com/x")[0]!, /^validating label "Example": a lowercase RFC 1123 label must/);
  assert.match(problems("example.com/X.y")[0]!, /^validating label "X": a lowercase RFC 1123 subdomain must/);
  assert.deepEqual(problems("example/x"), ["should be a domain with at least two segments separated by dots"]);
  assert.equal(problems("A.B/x").length, 1, "the first wrong label is enough");
  assert.match(problems("example.com")[0]!, /must be a fully qualified domain and path/);
});
