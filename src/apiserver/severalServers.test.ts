import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ConfigMap, Endpoints } from "../api/core/v1/index.ts";
import { allKinds } from "../api/index.ts";
import type { StatusError } from "../apimachinery/status.ts";
import { createClient } from "../client/createClient.ts";
import { openEtcdBackend } from "../store/etcd/etcdBackend.ts";
import { NO_ETCD, PrivateEtcd } from "../store/etcd/privateEtcd.ts";
import { realClock } from "../util/clock.ts";
import { silentLogger } from "../util/logger.ts";
import { realRandom } from "../util/random.ts";
import { type ApiServer, createApiServer } from "./index.ts";
import { ADMIN } from "./testServer.ts";

const common = { clock: realClock, random: realRandom, logger: silentLogger };

async function startServer(t: TestContext, etcd: PrivateEtcd, advertiseAddress: string): Promise<ApiServer> {
  const backend = await openEtcdBackend({ ...common, endpoints: etcd.endpoints });
  const options = { ...common, backend, kinds: allKinds, serviceCIDR: "10.96.0.0/24", advertiseAddress };
  const server = await createApiServer(options);
  t.after(async () => {
    await server.close();
    await backend.close();
  });
  return server;
}

test("API servers that share an etcd see each other's writes at once, and each other", { skip: NO_ETCD }, async (t) => {
  const etcd = await PrivateEtcd.start();
  t.after(() => etcd.stop());
  // Both begin at the same moment: what a cluster has from the start is created once.
  const [a, b] = await Promise.all([startServer(t, etcd, "192.0.2.1"), startServer(t, etcd, "192.0.2.2")]);
  const [atA, atB] = [a, b].map((server) => createClient(server!.directTransport(ADMIN)));
  const key = { namespace: "default", name: "settings" };
  let object = await atA!.create(ConfigMap, {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: key,
    data: { n: "0" },
  } as never);
  for (let i = 1; i <= 50; i++) {
    const writer = i % 2 === 0 ? atA! : atB!;
    const reader = i % 2 === 0 ? atB! : atA!;
    object = await writer.update(ConfigMap, { ...object, data: { n: String(i) } });
    const { resourceVersion } = object.metadata;
    const [fresh, listed, waited] = await Promise.all([
      reader.get(ConfigMap, key),
      reader.list(ConfigMap, { namespace: "default" }),
      reader.get(ConfigMap, key, { resourceVersion: resourceVersion! }),
    ]);
    assert.equal(fresh.data?.n, String(i));
    assert.equal(listed.items.find(({ metadata }) => metadata.name === "settings")?.data?.n, String(i));
    assert.ok(Number(waited.metadata.resourceVersion) >= Number(resourceVersion));
  }
  const addresses = async () => {
    const { subsets } = await atA!.get(Endpoints, { namespace: "default", name: "kubernetes" });
    return subsets?.[0]?.addresses?.map(({ ip }) => ip);
  };
  while ((await addresses())?.length !== 2) await realClock.sleep(100);
  assert.deepEqual(await addresses(), ["192.0.2.1", "192.0.2.2"]);
  await b!.close();
  // the other one may just be writing what it saw before
  while ((await addresses())?.length !== 1) await realClock.sleep(100);
  assert.deepEqual(await addresses(), ["192.0.2.1"]);
});

test("an etcd without room: writes fail plainly, health says why, reads go on", { skip: NO_ETCD }, async (t) => {
  const etcd = await PrivateEtcd.start({ flags: ["--quota-backend-bytes", String(6 << 20)] });
  t.after(() => etcd.stop());
  const server = await startServer(t, etcd, "192.0.2.1");
  const transport = server.directTransport(ADMIN);
  const client = createClient(transport);
  const metadata = { namespace: "default", name: "big" };
  let object = await client.create(ConfigMap, { apiVersion: "v1", kind: "ConfigMap", metadata } as never);
  const fill = async () => {
    for (let i = 0; i < 200; i++) {
      const data = { text: String(i).padEnd(200_000, "x") };
      object = await client.update(ConfigMap, { ...object, data }).catch((error: StatusError) => {
        // the one that made it full: etcd may have done it
        if (error.code === 504) return client.get(ConfigMap, metadata);
        throw error;
      });
    }
  };
  await assert.rejects(fill(), (error: StatusError) => {
    assert.deepEqual([error.code, error.reason], [500, "InternalError"]);
    assert.match(error.message, /database space exceeded; nothing was written/);
    return true;
  });
  assert.equal((await client.get(ConfigMap, metadata)).metadata.resourceVersion, object.metadata.resourceVersion);
  await assert.rejects(transport.request({ method: "GET", path: "/readyz/etcd-readiness" }), /database space exceeded/);
  await assert.rejects(transport.request({ method: "GET", path: "/readyz" }), /etcd-readiness failed/);
});
