import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { loadKubeconfig } from "./kubeconfig.ts";

const KUBECONFIG = `
apiVersion: v1
kind: Config
current-context: one
contexts:
- name: one
  context: {cluster: c, user: u, namespace: team}
- name: two
  context: {cluster: c, user: v}
clusters:
- name: c
  cluster: {server: "https://127.0.0.1:6443", certificate-authority-data: Y2E=}
users:
- name: u
  user: {client-certificate: client.crt, client-key-data: a2V5}
- name: v
  user: {token: t}
`;

test("a context names server, authority and credentials, in the file or beside it", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "kubeconfig-"));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, "config"), KUBECONFIG);
  await writeFile(join(folder, "client.crt"), "cert");
  const one = await loadKubeconfig(join(folder, "config"));
  assert.equal(one.server, "https://127.0.0.1:6443");
  assert.equal(one.namespace, "team");
  assert.deepEqual([one.ca, one.cert, one.key].map(String), ["ca", "cert", "key"]);
  const two = await loadKubeconfig(join(folder, "config"), "two");
  assert.equal(two.token, "t");
  assert.equal(two.namespace, "default");
  await assert.rejects(loadKubeconfig(join(folder, "config"), "three"), /no context "three"/);
});
