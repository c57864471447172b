import assert from "node:assert/strict";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { request } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ensureClusterPki } from "../../pki/clusterPki.ts";
import { realClock } from "../../util/clock.ts";
import { silentLogger } from "../../util/logger.ts";
import { listen } from "./imageServer.ts";

test("images are for nodes: who shows no certificate of one gets nothing", async (t) => {
  const directory = await mkdtemp(join(tmpdir(), "cox-pki-"));
  t.after(() => rm(directory, { recursive: true }));
  await ensureClusterPki({
    directory,
    clock: realClock,
    apiserverNames: ["127.0.0.1"],
    clusterDomain: "cluster.local",
    nodeName: "first",
    nodeAddresses: ["127.0.0.1"],
    etcdMembers: [],
    nodes: [],
  });
  const file = (name: string) => join(directory, name);
  const server = await listen({
    source: { images: async () => [], blobs: directory },
    port: 0,
    tls: { cert: file("kubelet.crt"), key: file("kubelet.key"), clientCA: file("ca.crt") },
    logger: silentLogger,
  });
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;

  const ca = await readFile(file("ca.crt"));
  const ask = async (user?: string) => {
    const credential = user && { cert: await readFile(file(`${user}.crt`)), key: await readFile(file(`${user}.key`)) };
    return new Promise<number | string>((resolve) => {
      const options = { host: "127.0.0.1", port, path: "/v2/", ca, agent: false, ...credential };
      const asking = request(options, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
      asking.on("error", () => resolve("refused"));
      asking.end();
    });
  };
  assert.equal(await ask("kubelet-client"), 200);
  assert.equal(await ask("kube-proxy"), 403);
  assert.equal(await ask(), "refused");
});
