import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Deployment } from "../api/apps/v1/index.ts";
import { Pod, Secret } from "../api/core/v1/index.ts";
import type { Kind } from "../apimachinery/kind.ts";
import type { KubernetesObject } from "../apimachinery/meta.ts";
import { startDevServer } from "../apiserver/devserver.ts";
import { createClient, createInformers, httpsTransport, type Informers } from "../client/index.ts";
import { runControllers } from "../controllers/index.ts";
import { isReady } from "../controllers/pods.ts";
import { runScheduler } from "../scheduler/index.ts";
import { runSimulatedNodes } from "../simulation/index.ts";
import { realClock } from "../util/clock.ts";
import { silentLogger } from "../util/logger.ts";
import { realRandom } from "../util/random.ts";
import { deployment } from "./index.ts";

/** The same parts as in a test cluster, but as separate processes would run them: over HTTPS and in real time. */
async function setUp(t: TestContext) {
  const server = await startDevServer();
  const file = (name: string) => readFile(join(server.pki, name), "utf8");
  const [ca, cert, key] = await Promise.all(["ca.crt", "admin.crt", "admin.key"].map(file));
  const transport = httpsTransport({ server: server.url, ca, cert, key });
  const client = createClient(transport);
  const informers = createInformers(client, { clock: realClock, logger: silentLogger, random: realRandom });
  const common = { client, informers, clock: realClock, random: realRandom, logger: silentLogger };
  const stop = new AbortController();
  const network = { rootCA: ca!, clusterCIDR: "10.244.0.0/16", nodeCIDRMaskSize: 24 };
  const running = Promise.all([
    informers.run(stop.signal),
    runControllers({ ...common, ...network }, stop.signal),
    runScheduler(common, stop.signal),
    runSimulatedNodes({ ...common, nodes: ["a", "b"] }, stop.signal),
  ]);
  t.after(async () => {
    stop.abort();
    await running;
    await transport.close();
    await server.close();
  });
  return { client, informers, server: server.url, ca };
}

/** Waits until the informer's objects are as wanted. */
function until<T extends KubernetesObject>(
  informers: Informers,
  kind: Kind<T>,
  holds: (objects: readonly T[]) => boolean,
): Promise<void> {
  const informer = informers.informer(kind);
  return new Promise((resolve) => {
    const look = () => {
      if (!holds(informer.list("default"))) return;
      stop();
      resolve();
    };
    const stop = informer.onProgress(look);
    look();
  });
}

test("a Deployment comes up, rolls and scales over HTTPS", { timeout: 20_000 }, async (t) => {
  const { client, informers } = await setUp(t);
  const images = (pods: readonly Pod[]) => new Set(pods.map((pod) => pod.spec.containers[0]?.image));
  await client.create(Deployment, deployment("web", { replicas: 3 }));
  await until(informers, Pod, (pods) => pods.filter(isReady).length === 3);
  const key = { namespace: "default", name: "web" };
  const image = {
    spec: { replicas: 5, template: { spec: { containers: [{ name: "main", image: "example/web:2" }] } } },
  };
  await client.patch(Deployment, key, "strategic", image);
  await until(informers, Pod, (pods) => pods.length === 5 && pods.every(isReady) && images(pods).size === 1);
  await client.delete(Deployment, key);
  await until(informers, Pod, (pods) => pods.length === 0);
});

test("a Secret that asks for a ServiceAccount's token gets one that works, and goes with the account", {
  timeout: 20_000,
}, async (t) => {
  const { client, informers, server, ca } = await setUp(t);
  const annotations = { "kubernetes.io/service-account.name": "default" };
  const token = {
    metadata: { name: "token", namespace: "default", annotations },
    type: "kubernetes.io/service-account-token",
  };
  await until(informers, Secret, () => informers.informer(Secret).synced);
  await client.create<Secret>(Secret, token);
  const filled = (s: Secret) => s.data?.token && s.data["ca.crt"] && s.data.namespace;
  await until(informers, Secret, (secrets) => secrets.some(filled));
  const secret = await client.get(Secret, { namespace: "default", name: "token" });
  const asAccount = httpsTransport({ server, ca, token: Buffer.from(secret.data!.token!, "base64").toString() });
  t.after(() => asAccount.close());
  const refused = createClient(asAccount).list(Pod, { namespace: "default" });
  await assert.rejects(refused, /User "system:serviceaccount:default:default" cannot list resource "pods"/);
});
