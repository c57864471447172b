import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { ConfigMap } from "../../src/api/core/v1/index.ts";
import { allKinds } from "../../src/api/index.ts";
import { isConflict, isNotFound } from "../../src/apimachinery/status.ts";
import { createApiServer } from "../../src/apiserver/index.ts";
import { ADMIN } from "../../src/apiserver/testServer.ts";
import { type Client, createClient } from "../../src/client/index.ts";
import { type Backend, createMemoryBackend } from "../../src/store/index.ts";
import { realClock } from "../../src/util/clock.ts";
import { silentLogger } from "../../src/util/logger.ts";
import { realRandom } from "../../src/util/random.ts";
import { type Asked, checkRegister, type Operation } from "./checker.ts";

const KEY = { namespace: "default", name: "register" };
const LAG = 15;

/** The same store, whose watch tells of changes late; `asks`: whether reads ask the store how far they must be. */
function lagging(backend: Backend, asks: boolean): Backend {
  let seen = backend.revision();
  const late: Backend = Object.create(backend);
  return Object.assign(late, {
    get: backend.get.bind(backend),
    list: backend.list.bind(backend),
    create: backend.create.bind(backend),
    update: backend.update.bind(backend),
    delete: backend.delete.bind(backend),
    compact: backend.compact.bind(backend),
    revision: () => (asks ? backend.revision() : seen),
    latest: () => (asks ? backend.latest() : seen),
    async *watch(prefix: string, from: number, signal: AbortSignal) {
      for await (const changes of backend.watch(prefix, from, signal)) {
        await realClock.sleep(LAG);
        seen = changes.at(-1)!.revision;
        yield changes;
      }
    },
  });
}

function unlessAbsent(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
}

async function startServer(t: TestContext, backend: Backend): Promise<Client> {
  const common = { clock: realClock, random: realRandom, logger: silentLogger };
  const options = { ...common, backend, kinds: allKinds, serviceCIDR: "10.96.0.0/24", advertiseAddress: "127.0.0.1" };
  const server = await createApiServer(options);
  t.after(() => server.close());
  return createClient(server.directTransport(ADMIN));
}

/** Clients at two API servers of one store, of which the second lags behind. */
async function record(t: TestContext, asks: boolean): Promise<Operation[]> {
  const backend = createMemoryBackend();
  const clients = [await startServer(t, backend), await startServer(t, lagging(backend, asks))];
  const history: Operation[] = [];
  const note = (client: number, began: number, asked: Asked) =>
    history.push({ client, began, ended: performance.now(), asked });
  const first = { apiVersion: "v1", kind: "ConfigMap", metadata: KEY, data: { value: "first" } } as ConfigMap;
  await clients[0]!.create(ConfigMap, first);
  note(0, 0, { type: "swap", from: undefined, to: "first", outcome: "done" });
  const work = async (client: number) => {
    const api = clients[client]!;
    for (let i = 0; i < 15; i++) {
      const began = performance.now();
      const object = await api.get(ConfigMap, KEY).catch(unlessAbsent);
      const from = object?.data?.value;
      note(client, began, { type: "read", value: from });
      await realClock.sleep(3);
      if (!object) continue;
      const to = `${client}-${i}`;
      const writing = performance.now();
      const outcome = await api.update(ConfigMap, { ...object, data: { value: to } }).then(
        () => "done" as const,
        (error: unknown) => {
          if (!isConflict(error)) throw error;
          return "refused" as const;
        },
      );
      note(client, writing, { type: "swap", from, to, outcome });
    }
  };
  await Promise.all([work(0), work(1)]);
  return history;
}

test("a server that lags behind its store answers as one copy would, because it asks how far it must be", async (t) => {
  const verdict = checkRegister(await record(t, true));
  assert.ok(verdict.linearizable, JSON.stringify(verdict));
});

test("the checker finds it when such a server does not ask", async (t) => {
  const verdict = checkRegister(await record(t, false));
  assert.ok(!verdict.linearizable);
});
