import assert from "node:assert/strict";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createCertificate, ecKeyPair, privateKeyPem, readAuthority } from "../../pki/index.ts";
import { type Cluster, testCluster } from "../../testing/index.ts";
import { silentLogger } from "../../util/logger.ts";
import { seededRandom } from "../../util/random.ts";
import { CertificateManager } from "./manager.ts";
import { type Credential, rotationTime, validityOf } from "./rotation.ts";
import { type CredentialStore, fileStore } from "./store.ts";

const HOUR = 3_600_000;
const NODE = { name: "system:node:a", groups: ["system:nodes"] };
const RBAC = "rbac.authorization.k8s.io";

/** A cluster that signs for an hour, and lets nodes renew and serve. */
async function signingCluster(t: TestContext): Promise<Cluster> {
  const keys = await ecKeyPair();
  const subject = { commonName: "kubernetes" };
  const issuer = { subject, ...keys };
  const validity = { notBefore: 0, notAfter: 9e12 };
  const pem = createCertificate({ subject, publicKey: keys.publicKey, issuer, usage: "authority", ...validity });
  const authority = readAuthority(pem, privateKeyPem(keys.privateKey));
  const controllers = ["csrapproving", "csrsigning", "csrcleaner"];
  const cluster = await testCluster(t, { controllers, signer: { authority, duration: HOUR } });
  await cluster.create({ apiVersion: "v1", kind: "Node", metadata: { name: "a" } } as never);
  const bind = (name: string, role: string, subject: object) =>
    cluster.apply({
      apiVersion: `${RBAC}/v1`,
      kind: "ClusterRoleBinding",
      metadata: { name },
      roleRef: { apiGroup: RBAC, kind: "ClusterRole", name: `system:certificates.k8s.io:${role}` },
      subjects: [subject],
    } as never);
  const nodes = { apiGroup: RBAC, kind: "Group", name: "system:nodes" };
  await bind("renew", "certificatesigningrequests:selfnodeclient", nodes);
  const approver = { kind: "ServiceAccount", namespace: "kube-system", name: "certificate-controller" };
  await bind("serving", "kubelet-serving-approver", approver);
  return cluster;
}

function memoryStore(): CredentialStore & { written: Credential[] } {
  const written: Credential[] = [];
  return { written, read: async () => written.at(-1), write: async (credential) => void written.push(credential) };
}

function manager(cluster: Cluster, store: CredentialStore, names?: string[]): CertificateManager {
  return new CertificateManager({
    client: () => cluster.as(NODE),
    store,
    clock: cluster.clock,
    random: seededRandom(3),
    logger: silentLogger,
    nodeName: "a",
    signer: names ? "kubernetes.io/kubelet-serving" : "kubernetes.io/kube-apiserver-client-kubelet",
    names,
  });
}

for (const kind of ["client", "serving"] as const) {
  test(`a kubelet's ${kind} certificate is renewed before it expires, hour after hour`, async (t) => {
    const cluster = await signingCluster(t);
    const store = memoryStore();
    const certificates = manager(cluster, store, kind === "serving" ? ["a"] : undefined);
    const stop = new AbortController();
    let replaced = 0;
    certificates.subscribe(() => replaced++);
    const running = certificates.run(stop.signal);

    await cluster.advance("5s");
    for (let minute = 0; minute < 180; minute += 5) {
      const { notAfter } = validityOf(certificates.current()!)!;
      assert.ok(notAfter > cluster.clock.now(), `there is a good certificate after ${minute} minutes`);
      await cluster.advance("5m");
    }

    assert.ok(store.written.length >= 4 && store.written.length <= 6, `${store.written.length} in 3 hours`);
    assert.equal(replaced, store.written.length);
    stop.abort();
    await running;
  });
}

test("a process that starts anew takes up the certificate that was stored, unless it is no longer good", async (t) => {
  const cluster = await signingCluster(t);
  const store = memoryStore();
  const asking = manager(cluster, store).obtain(new AbortController().signal);
  await cluster.advance("5s");
  await asking;

  assert.equal(await manager(cluster, store).load(), true);
  await cluster.advance("61m");
  assert.equal(await manager(cluster, store).load(), false);
});

test("rotation is due between seven and nine tenths of a certificate's life", () => {
  assert.equal(rotationTime({ notBefore: 0, notAfter: 1000 }, 0), 700);
  assert.equal(Math.round(rotationTime({ notBefore: 0, notAfter: 1000 }, 1)), 900);
});

test("certificate and key are kept together, for their owner only", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "coxswain-credential-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const { privateKey, publicKey } = await ecKeyPair();
  const subject = { commonName: "a" };
  const issuer = { subject, privateKey, publicKey };
  const cert = createCertificate({ subject, publicKey, issuer, usage: "client", notBefore: 0, notAfter: 9e12 });
  const store = fileStore(folder, "kubelet-client");
  assert.equal(await store.read(), undefined);

  await store.write({ cert, key: privateKeyPem(privateKey) });

  assert.ok(validityOf((await store.read())!));
  assert.equal((await stat(join(folder, "kubelet-client-current.pem"))).mode & 0o777, 0o600);
});
