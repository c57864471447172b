import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { type TestContext, test } from "node:test";
import { CertificateSigningRequest } from "../../api/certificates/v1/index.ts";
import { Node } from "../../api/core/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { createCertificate, createSigningRequest, ecKeyPair, readAuthority } from "../../pki/index.ts";
import { privateKeyPem } from "../../pki/keys.ts";
import { type Cluster, testCluster } from "../../testing/index.ts";
import { CLIENT_SIGNER, KUBELET_CLIENT_SIGNER, KUBELET_SERVING_SIGNER, NODES_GROUP, refusalOf } from "./rules.ts";

const YEAR = 365 * 86_400_000;
const CLIENT = ["digital signature", "client auth"];
const SERVER = ["digital signature", "server auth"];

async function clusterWithSigner(t: TestContext, nodes = ["a"]): Promise<Cluster> {
  const { privateKey, publicKey } = await ecKeyPair();
  const subject = { commonName: "kubernetes" };
  const issuer = { subject, privateKey, publicKey };
  const certificate = createCertificate({
    subject,
    publicKey,
    issuer,
    usage: "authority",
    notBefore: 0,
    notAfter: 9e12,
  });
  const authority = readAuthority(certificate, privateKeyPem(privateKey));
  return testCluster(t, { nodes, signer: { authority, duration: YEAR } });
}

interface Wanted {
  signer: string;
  usages: string[];
  commonName?: string;
  organizations?: string[];
  names?: string[];
  seconds?: number;
}

async function request(name: string, wanted: Wanted): Promise<CertificateSigningRequest> {
  const { signer, usages, commonName = "system:node:a", organizations = [NODES_GROUP], names, seconds } = wanted;
  const { privateKey } = await ecKeyPair();
  const pem = createSigningRequest({ subject: { commonName, organizations }, alternativeNames: names, privateKey });
  const spec = { request: Buffer.from(pem).toString("base64"), signerName: signer, usages, expirationSeconds: seconds };
  return { apiVersion: "certificates.k8s.io/v1", kind: "CertificateSigningRequest", metadata: { name }, spec } as never;
}

const node = { name: "system:node:a", groups: [NODES_GROUP] };
const read = (cluster: Cluster, name: string) => cluster.client.get(CertificateSigningRequest, { name });
const typesOf = ({ status }: CertificateSigningRequest) => (status.conditions ?? []).map(({ type }) => type);

/** What an installer binds: nodes may renew their certificates, who bootstraps may become a node. */
async function bindKubelets(cluster: Cluster): Promise<void> {
  const bind = (name: string, role: string, group: string) =>
    cluster.apply({
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRoleBinding",
      metadata: { name },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: role },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: group }],
    } as never);
  const requests = "system:certificates.k8s.io:certificatesigningrequests";
  await bind("renew", `${requests}:selfnodeclient`, NODES_GROUP);
  await bind("bootstrap", `${requests}:nodeclient`, "system:bootstrappers:test");
  await bind("bootstrapper", "system:node-bootstrapper", "system:bootstrappers:test");
}

test("a node's renewal of its client certificate is approved and signed for as long as it asks", async (t) => {
  const cluster = await clusterWithSigner(t);
  await bindKubelets(cluster);
  const wanted = { signer: KUBELET_CLIENT_SIGNER, usages: CLIENT, seconds: 3600 };
  await cluster.as(node).create(CertificateSigningRequest, await request("renewal", wanted));
  await cluster.settle();

  const csr = await read(cluster, "renewal");

  assert.deepEqual(
    csr.status.conditions?.map(({ type, reason }) => [type, reason]),
    [["Approved", "AutoApproved"]],
  );
  const certificate = new X509Certificate(Buffer.from(csr.status.certificate!, "base64"));
  assert.match(certificate.subject, /O=system:nodes\nCN=system:node:a/);
  assert.equal(certificate.validToDate.getTime(), cluster.clock.now() + 3_600_000);
  assert.deepEqual(certificate.keyUsage, ["1.3.6.1.5.5.7.3.2"]);
});

test("who bootstraps becomes a node; without the permission a person decides", async (t) => {
  const cluster = await clusterWithSigner(t);
  await bindKubelets(cluster);
  const wanted = { signer: KUBELET_CLIENT_SIGNER, usages: CLIENT, commonName: "system:node:new" };
  const bootstrapper = { name: "system:bootstrap:abcdef", groups: ["system:bootstrappers:test"] };
  await cluster.as(bootstrapper).create(CertificateSigningRequest, await request("new", wanted));
  await cluster.client.create(
    CertificateSigningRequest,
    await request("masters", { ...wanted, usages: [...CLIENT, "any"] }),
  );
  await cluster.settle();

  assert.ok((await read(cluster, "new")).status.certificate);
  assert.deepEqual(typesOf(await read(cluster, "masters")), []);
});

test("a kubelet serves under its Node's names, and under no other", async (t) => {
  const cluster = await clusterWithSigner(t);
  await cluster.apply({
    apiVersion: "rbac.authorization.k8s.io/v1",
    kind: "ClusterRoleBinding",
    metadata: { name: "serving" },
    roleRef: {
      apiGroup: "rbac.authorization.k8s.io",
      kind: "ClusterRole",
      name: "system:certificates.k8s.io:kubelet-serving-approver",
    },
    subjects: [{ kind: "ServiceAccount", namespace: "kube-system", name: "certificate-controller" }],
  } as never);
  const addresses = (await cluster.client.get(Node, { name: "a" })).status.addresses!.map(({ address }) => address);
  const serving = { signer: KUBELET_SERVING_SIGNER, usages: SERVER };
  await cluster.as(node).create(CertificateSigningRequest, await request("own", { ...serving, names: addresses }));
  await cluster
    .as(node)
    .create(CertificateSigningRequest, await request("foreign", { ...serving, names: ["b", ...addresses] }));
  await cluster.settle();

  assert.deepEqual(typesOf(await read(cluster, "own")), ["Approved"]);
  assert.ok((await read(cluster, "own")).status.certificate);
  assert.deepEqual(typesOf(await read(cluster, "foreign")), []);
});

test("what a signer may not sign fails, with the reason", async (t) => {
  const cluster = await clusterWithSigner(t);
  const csr = await cluster.client.create(
    CertificateSigningRequest,
    await request("server", { signer: CLIENT_SIGNER, usages: SERVER, commonName: "jane", organizations: [] }),
  );
  const approved = { ...csr, status: { conditions: [{ type: "Approved", status: "True" }] } };
  await cluster.client.update(CertificateSigningRequest, approved as never, { subresource: "approval" });
  await cluster.settle();

  const failed = await read(cluster, "server");

  assert.deepEqual(typesOf(failed), ["Approved", "Failed"]);
  assert.equal(failed.status.conditions![1]!.reason, "SignerValidationFailure");
  assert.equal(failed.status.certificate, undefined);
});

test("requests go an hour after they were decided, and a day after they were made", async (t) => {
  const cluster = await clusterWithSigner(t, []);
  await bindKubelets(cluster);
  await cluster
    .as(node)
    .create(CertificateSigningRequest, await request("done", { signer: KUBELET_CLIENT_SIGNER, usages: CLIENT }));
  await cluster.client.create(
    CertificateSigningRequest,
    await request("open", { signer: "example.com/x", usages: CLIENT }),
  );
  await cluster.settle();

  await cluster.advance("61m");
  await assert.rejects(read(cluster, "done"), isNotFound);
  await read(cluster, "open");
  await cluster.advance("24h");
  await assert.rejects(read(cluster, "open"), isNotFound);
});

test("each signer has its rules", () => {
  const subject = {
    commonName: "system:node:a",
    organizations: [NODES_GROUP],
    dnsNames: [],
    addresses: [],
    emails: [],
    uris: [],
  };
  const ask = (signerName: string, usages: string[], change = {}) =>
    refusalOf({ spec: { signerName, usages } } as never, { ...subject, ...change } as never);
  assert.equal(ask(KUBELET_CLIENT_SIGNER, [...CLIENT, "key encipherment"]), undefined);
  assert.equal(ask(KUBELET_CLIENT_SIGNER, CLIENT, { dnsNames: ["a"] }), "DNS subjectAltNames are not allowed");
  assert.equal(
    ask(KUBELET_CLIENT_SIGNER, CLIENT, { organizations: ["x"] }),
    "subject organization is not system:nodes",
  );
  assert.match(ask(KUBELET_CLIENT_SIGNER, SERVER) ?? "", /usages did not match/);
  assert.equal(ask(KUBELET_SERVING_SIGNER, SERVER), "DNS or IP subjectAltName is required");
  assert.equal(ask(KUBELET_SERVING_SIGNER, SERVER, { addresses: ["10.0.0.1"] }), undefined);
  assert.equal(
    ask(KUBELET_SERVING_SIGNER, SERVER, { addresses: ["10.0.0.1"], commonName: "a" }),
    "subject common name does not begin with system:node:",
  );
  assert.equal(ask("example.com/x", []), undefined);
});
