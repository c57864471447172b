import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { connect, createServer } from "node:tls";
import { type Clock, realClock, VirtualClock } from "../util/clock.ts";
import { ensureClusterPki } from "./clusterPki.ts";

async function pkiFolder(t: TestContext, clock: Clock = new VirtualClock(Date.UTC(2030, 5, 1))) {
  const directory = await mkdtemp(join(tmpdir(), "cox-pki-"));
  t.after(() => rm(directory, { recursive: true }));
  const make = (names: string[] = []) =>
    ensureClusterPki({
      directory,
      clock,
      apiserverNames: ["127.0.0.1", "10.96.0.1", "localhost", "fd00::2", ...names],
      clusterDomain: "cluster.local",
      nodeName: "node-a",
      nodeAddresses: ["192.0.2.7"],
    });
  const read = (file: string) => readFile(join(directory, file), "utf8");
  return { directory, make, read };
}

test("makes kubeadm's files, each signed by its authority", async (t) => {
  const { make, read } = await pkiFolder(t);
  await make();
  const ca = new X509Certificate(await read("ca.crt"));
  const frontProxyCa = new X509Certificate(await read("front-proxy-ca.crt"));
  assert.equal(ca.subject, "CN=kubernetes");
  assert.ok(ca.ca && ca.verify(ca.publicKey));
  for (const file of ["apiserver", "apiserver-kubelet-client", "kubelet", "admin", "scheduler", "kube-proxy"]) {
    const certificate = new X509Certificate(await read(`${file}.crt`));
    assert.ok(certificate.checkIssued(ca) && certificate.verify(ca.publicKey), file);
    assert.ok(certificate.checkPrivateKey(createPrivateKey(await read(`${file}.key`))), file);
  }
  const frontProxy = new X509Certificate(await read("front-proxy-client.crt"));
  assert.ok(frontProxy.checkIssued(frontProxyCa) && frontProxy.verify(frontProxyCa.publicKey));
  assert.equal(createPrivateKey(await read("sa.key")).asymmetricKeyType, "rsa");
});

test("names users and groups as RBAC's defaults know them", async (t) => {
  const { make, read } = await pkiFolder(t);
  await make();
  const subject = async (file: string) => new X509Certificate(await read(`${file}.crt`)).subject;
  assert.equal(await subject("admin"), "O=system:masters\nCN=kubernetes-admin");
  assert.equal(await subject("kubelet-client"), "O=system:nodes\nCN=system:node:node-a");
  assert.equal(await subject("controller-manager"), "CN=system:kube-controller-manager");
  assert.equal(await subject("scheduler"), "CN=system:kube-scheduler");
});

test("the API server's certificate stands for every name it is reached by", async (t) => {
  const { make, read } = await pkiFolder(t);
  await make();
  const certificate = new X509Certificate(await read("apiserver.crt"));
  for (const name of ["kubernetes", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "localhost"]) {
    assert.equal(certificate.checkHost(name), name);
  }
  for (const address of ["127.0.0.1", "10.96.0.1", "fd00::2"]) assert.ok(certificate.checkIP(address), address);
  assert.equal(certificate.checkIP("10.96.0.2"), undefined);
});

test("a TLS handshake with client certificates succeeds both ways", async (t) => {
  const { make, read } = await pkiFolder(t, realClock);
  await make();
  const ca = await read("ca.crt");
  const server = createServer(
    {
      cert: await read("apiserver.crt"),
      key: await read("apiserver.key"),
      ca,
      requestCert: true,
      rejectUnauthorized: true,
    },
    (socket) => socket.end(String(socket.getPeerCertificate().subject.CN)),
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as { port: number };
  const socket = connect({ host: "127.0.0.1", port, ca, cert: await read("admin.crt"), key: await read("admin.key") });
  const seen = await new Promise<string>((resolve, reject) => {
    socket.on("data", (data) => resolve(String(data))).on("error", reject);
  });
  assert.equal(seen, "kubernetes-admin");
  socket.destroy();
});

test("writes private keys for their owner only", async (t) => {
  const { make, directory } = await pkiFolder(t);
  for (const file of (await make()).filter((file) => file.endsWith(".key"))) {
    assert.equal((await stat(join(directory, file))).mode & 0o777, 0o600, file);
  }
});

test("keeps what is good, renews what ends soon and what misses a name, never the authorities", async (t) => {
  const clock = new VirtualClock(Date.UTC(2030, 5, 1));
  const { make } = await pkiFolder(t, clock);
  await make();
  assert.deepEqual(await make(), []);
  assert.deepEqual((await make(["web.example"])).sort(), ["apiserver.crt", "apiserver.key"]);
  clock.step(clock.now() + 300 * 86_400_000);
  const renewed = await make();
  assert.ok(renewed.includes("admin.crt") && renewed.includes("kubelet.crt"));
  assert.ok(!renewed.some((file) => /(^|-)ca\.|^sa\./.test(file)));
});
