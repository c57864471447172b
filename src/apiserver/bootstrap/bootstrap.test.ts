import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { allKinds } from "../../api/index.ts";
import { ClusterRole } from "../../api/rbac/v1/index.ts";
import { createClient } from "../../client/createClient.ts";
import { createMemoryBackend } from "../../store/memory.ts";
import { VirtualClock } from "../../util/clock.ts";
import { silentLogger } from "../../util/logger.ts";
import { seededRandom } from "../../util/random.ts";
import { uncovered } from "../authorization/rules.ts";
import { createApiServer } from "../index.ts";
import { ADMIN, testServer } from "../testServer.ts";

const file = resolve(import.meta.dirname, "../../../../shared/upstream/bootstrap.json");
const skip = existsSync(file) ? false : "no recorded facts beside the project";

type Named = { metadata: { name: string; namespace?: string }; rules?: object[] };

/** What belongs to another distribution than ours. */
const isForeign = ({ metadata: { name } }: Named) =>
  name.includes("openshift") || name.endsWith("service-ca-cert-publisher");

function reduced(object: Named & { kind?: string; apiVersion?: string; metadata: Record<string, unknown> }): object {
  const { kind: _kind, apiVersion: _apiVersion, metadata, ...rest } = object;
  const { name, namespace, labels, annotations } = metadata;
  return JSON.parse(JSON.stringify({ ...rest, metadata: { name, namespace, labels, annotations } }));
}

const byName = (a: Named, b: Named) => (JSON.stringify(a.metadata) < JSON.stringify(b.metadata) ? -1 : 1);

for (const resource of ["clusterrolebindings", "roles", "rolebindings", "clusterroles"]) {
  test(`the default ${resource} are those of Kubernetes`, { skip }, async (t) => {
    const { ask } = await testServer(t);
    const path = `/apis/rbac.authorization.k8s.io/v1/${resource}`;
    const recorded = JSON.parse(readFileSync(file, "utf8"))[path] as Named[];
    const list = (await ask({ method: "GET", path })) as { items: Named[] };
    // In what order an aggregated role lists the rules of its parts is nobody's promise.
    const sorted = (all: Named[]) =>
      all
        .map(
          (one) =>
            ({
              ...reduced(one as never),
              rules: one.rules?.map((r) => JSON.stringify(r, Object.keys(r).sort())).sort(),
            }) as Named,
        )
        .sort(byName);
    assert.deepEqual(sorted(list.items), sorted(recorded.filter((one) => !isForeign(one))));
  });
}

test("starting again adds what is missing, leaves what someone looks after alone, and writes nothing else", async () => {
  const backend = createMemoryBackend();
  const start = () =>
    createApiServer({
      backend,
      clock: new VirtualClock(),
      random: seededRandom(1),
      logger: silentLogger,
      kinds: allKinds,
      serviceCIDR: "10.96.0.0/16",
      advertiseAddress: "192.0.2.1",
    });
  const first = await start();
  const client = createClient(first.directTransport(ADMIN));
  const view = await client.get(ClusterRole, { name: "system:basic-user" });
  await client.update(ClusterRole, { ...view, rules: [] });
  await client.patch(ClusterRole, { name: "system:discovery" }, "merge", {
    rules: [],
    metadata: { annotations: { "rbac.authorization.kubernetes.io/autoupdate": "false" } },
  });
  await first.close();
  const second = await start();
  const again = createClient(second.directTransport(ADMIN));
  const healed = await again.get(ClusterRole, { name: "system:basic-user" });
  assert.deepEqual(uncovered(healed.rules ?? [], view.rules ?? []), []);
  assert.deepEqual((await again.get(ClusterRole, { name: "system:discovery" })).rules, null);
  await second.close();
  const before = backend.revision();
  await (await start()).close();
  assert.equal(backend.revision(), before);
  await backend.close();
});
