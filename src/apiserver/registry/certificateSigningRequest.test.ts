import assert from "node:assert/strict";
import { test } from "node:test";
import { CertificateSigningRequest } from "../../api/certificates/v1/index.ts";
import { isForbidden, isInvalid, isNotFound } from "../../apimachinery/status.ts";
import { createCertificate } from "../../pki/certificate.ts";
import { ecKeyPair } from "../../pki/keys.ts";
import { createSigningRequest } from "../../pki/signingRequest.ts";
import { testServer } from "../testServer.ts";

const GROUP = "/apis/certificates.k8s.io";
const PLURAL = "certificatesigningrequests";
const base64 = (text: string) => Buffer.from(text).toString("base64");

async function request(
  name: string,
  { signer = "kubernetes.io/kube-apiserver-client", organizations = ["agroup"] } = {},
): Promise<CertificateSigningRequest> {
  const { privateKey } = await ecKeyPair();
  const pem = createSigningRequest({ subject: { commonName: "e2e-test", organizations }, privateKey });
  return {
    apiVersion: CertificateSigningRequest.apiVersion,
    kind: CertificateSigningRequest.kind,
    metadata: { name, labels: { "e2e-test": "csr" } },
    spec: { request: base64(pem), signerName: signer, usages: ["client auth"], expirationSeconds: 3600 },
  } as unknown as CertificateSigningRequest;
}

async function certificate(): Promise<string> {
  const { privateKey, publicKey } = await ecKeyPair();
  const subject = { commonName: "self" };
  const issuer = { subject, privateKey, publicKey };
  return createCertificate({ subject, publicKey, issuer, usage: "client", notBefore: 0, notAfter: 1e12 });
}

test("[sig-auth] Certificates API [Privileged:ClusterAdmin] should support CSR API operations [Conformance]", async (t) => {
  const { ask, client, as } = await testServer(t);
  const get = (path: string) => ask({ method: "GET", path }) as Promise<Record<string, never>>;
  const merge = (path: string, body: unknown) =>
    ask({
      method: "PATCH",
      path,
      body,
      contentType: "application/merge-patch+json",
    }) as Promise<CertificateSigningRequest>;

  const groups = (await get("/apis")) as unknown as { groups: { name: string; versions: { version: string }[] }[] };
  assert.ok(groups.groups.some((g) => g.name === "certificates.k8s.io" && g.versions.some((v) => v.version === "v1")));
  const group = (await get(`${GROUP}/`)) as unknown as { versions: { version: string }[] };
  assert.ok(group.versions.some(({ version }) => version === "v1"));
  const { resources } = (await get(`${GROUP}/v1`)) as unknown as { resources: { name: string }[] };
  const names = resources.map(({ name }) => name);
  assert.deepEqual(
    [PLURAL, `${PLURAL}/approval`, `${PLURAL}/status`].filter((it) => !names.includes(it)),
    [],
  );

  const created = await client.create(CertificateSigningRequest, await request("one"));
  await as({ name: "jane", uid: "u1", groups: ["system:masters", "devs"], extra: { why: ["so"] } }).create(
    CertificateSigningRequest,
    await request("two"),
  );
  await client.create(CertificateSigningRequest, await request("three", { signer: "example.com/other" }));
  assert.equal(created.spec.username, "admin");
  const two = await client.get(CertificateSigningRequest, { name: "two" });
  assert.deepEqual([two.spec.username, two.spec.uid, two.spec.extra], ["jane", "u1", { why: ["so"] }]);

  const list = async (selector: Record<string, string>) =>
    ((await ask({ method: "GET", path: `${GROUP}/v1/${PLURAL}`, query: selector })) as { items: unknown[] }).items
      .length;
  assert.equal(await list({ fieldSelector: "spec.signerName=kubernetes.io/kube-apiserver-client" }), 2);
  assert.equal(await list({ labelSelector: "e2e-test=csr" }), 3);

  const path = `${GROUP}/v1/${PLURAL}/one`;
  const patched = await merge(path, { metadata: { annotations: { patched: "true" } } });
  assert.equal(patched.metadata.annotations?.patched, "true");
  const updated = await client.update(CertificateSigningRequest, {
    ...patched,
    metadata: { ...patched.metadata, annotations: { ...patched.metadata.annotations, updated: "true" } },
    spec: { ...patched.spec, username: "somebody else" },
  });
  assert.equal(updated.metadata.annotations?.updated, "true");
  assert.deepEqual(updated.spec, created.spec, "what was asked for stays");

  assert.equal((await get(`${path}/approval`)).kind, "CertificateSigningRequest");
  const conditions = [{ type: "ApprovalPatch", status: "True", reason: "e2e" }];
  const approval = await merge(`${path}/approval`, {
    metadata: { annotations: { patchedapproval: "true" } },
    status: { conditions },
  });
  assert.equal(approval.metadata.annotations?.patchedapproval, "true");
  assert.equal(approval.status.conditions?.[0]?.type, "ApprovalPatch");
  const added = { type: "ApprovalUpdate", status: "True", reason: "E2E", message: "Set from an e2e test" };
  const decided = (await ask({
    method: "PUT",
    path: `${path}/approval`,
    body: { ...approval, status: { ...approval.status, conditions: [...approval.status.conditions!, added] } },
  })) as CertificateSigningRequest;
  assert.equal(decided.status.conditions?.length, 2);
  assert.ok(decided.status.conditions[1]!.lastUpdateTime && decided.status.conditions[1]!.lastTransitionTime);

  assert.equal((await get(`${path}/status`)).kind, "CertificateSigningRequest");
  const pem = base64(await certificate());
  const status = await merge(`${path}/status`, {
    metadata: { annotations: { patchedstatus: "true" } },
    status: { certificate: pem },
  });
  assert.equal(status.status.certificate, pem);
  const stamped = await client.updateStatus(CertificateSigningRequest, {
    ...status,
    status: { ...status.status, conditions: [...status.status.conditions!, { ...added, type: "StatusUpdate" }] },
  });
  assert.equal(stamped.status.conditions?.length, 3);

  await client.delete(CertificateSigningRequest, { name: "one" });
  await assert.rejects(client.get(CertificateSigningRequest, { name: "one" }), isNotFound);
  await ask({ method: "DELETE", path: `${GROUP}/v1/${PLURAL}`, query: { labelSelector: "e2e-test=csr" } });
  assert.equal(await list({}), 0);
});

test("what was decided and issued cannot be taken back, nor written by the wrong way", async (t) => {
  const { client, ask } = await testServer(t);
  const csr = await client.create(CertificateSigningRequest, await request("a"));
  const path = `${GROUP}/v1/${PLURAL}/a`;
  const put = (subresource: string, status: unknown) =>
    ask({ method: "PUT", path: `${path}${subresource}`, body: { ...csr, metadata: { name: "a" }, status } });
  const approved = { type: "Approved", status: "True", reason: "Ok" };

  await assert.rejects(
    put("/status", { conditions: [approved] }),
    /updates may not add a condition of type "Approved"/,
  );
  await put("/approval", { conditions: [approved] });
  await assert.rejects(put("/approval", { conditions: [] }), /updates may not remove a condition of type "Approved"/);
  const both = [approved, { type: "Denied", status: "True" }];
  await assert.rejects(put("/approval", { conditions: both }), /Approved and Denied conditions are mutually exclusive/);
  await assert.rejects(put("/status", { conditions: [approved], certificate: base64("no") }), isInvalid);
  await put("/status", { conditions: [approved], certificate: base64(await certificate()) });
  await assert.rejects(
    put("/status", { conditions: [approved], certificate: base64(await certificate()) }),
    /updates may not modify existing certificate content/,
  );
});

test("a request that is none, or for what nobody may have, is refused", async (t) => {
  const { client } = await testServer(t);
  const good = await request("x");
  const refused = (spec: Partial<CertificateSigningRequest["spec"]>, why: RegExp) =>
    assert.rejects(client.create(CertificateSigningRequest, { ...good, spec: { ...good.spec, ...spec } }), why);

  await refused({ request: base64("nothing") }, /PEM block type must be CERTIFICATE REQUEST/);
  await refused({ usages: [] }, /spec.usages: Required value/);
  await refused({ usages: ["client auth", "client auth"] }, /spec.usages\[1\]: Duplicate value: "client auth"/);
  await refused({ usages: ["world peace"] }, /spec.usages\[0\]: Unsupported value: "world peace"/);
  await refused({ signerName: "kubernetes.io/legacy-unknown" }, /the legacy signerName is not allowed/);
  await refused({ signerName: "nobody" }, /must be a fully qualified domain and path/);
  await refused({ expirationSeconds: 599 }, /may not specify a duration less than 600 seconds/);
  const masters = await request("m", { organizations: ["system:masters"] });
  await assert.rejects(
    client.create(CertificateSigningRequest, masters),
    /use of kubernetes.io\/kube-apiserver-client signer with system:masters group is not allowed/,
  );
});

test("who may write approvals still needs to be allowed to approve for the signer", async (t) => {
  const { client, as, ask } = await testServer(t);
  const rbac = "/apis/rbac.authorization.k8s.io/v1";
  const rules = [{ apiGroups: ["certificates.k8s.io"], resources: [`${PLURAL}/approval`], verbs: ["update"] }];
  await ask({ method: "POST", path: `${rbac}/clusterroles`, body: { metadata: { name: "writer" }, rules } });
  const subjects = [{ kind: "User", name: "jane", apiGroup: "rbac.authorization.k8s.io" }];
  const roleRef = { kind: "ClusterRole", name: "writer", apiGroup: "rbac.authorization.k8s.io" };
  const binding = { metadata: { name: "writer" }, subjects, roleRef };
  await ask({ method: "POST", path: `${rbac}/clusterrolebindings`, body: binding });
  const csr = await client.create(CertificateSigningRequest, await request("a"));
  const jane = as({ name: "jane", groups: [] });
  const approval = { ...csr, status: { conditions: [{ type: "Approved", status: "True" }] } };

  const attempt = jane.update(CertificateSigningRequest, approval as never, { subresource: "approval" });

  await assert.rejects(attempt, (error) => {
    assert.match(
      String(error),
      /user not permitted to approve requests with signerName "kubernetes.io\/kube-apiserver-client"/,
    );
    return isForbidden(error);
  });
});
