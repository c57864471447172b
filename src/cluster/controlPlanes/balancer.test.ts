import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { realClock } from "../../util/clock.ts";
import { silentLogger } from "../../util/logger.ts";
import { Balancer } from "./balancer.ts";

/** A server that says its name to whoever connects. */
async function startServer(t: TestContext, name: string) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.write(name);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const stop = () => {
    server.close();
    for (const socket of sockets) socket.destroy();
  };
  t.after(stop);
  return { name, port: (server.address() as { port: number }).port, ready: true, stop };
}

async function setUp(t: TestContext) {
  const servers = await Promise.all(["a", "b"].map((name) => startServer(t, name)));
  const balancer = new Balancer({
    backends: servers.map(({ port }) => ({ host: "127.0.0.1", port })),
    check: async ({ port }) => servers.find((server) => server.port === port)!.ready,
    clock: realClock,
    logger: silentLogger,
  });
  const port = await balancer.listen("127.0.0.1", 0);
  t.after(() => balancer.close());
  const dial = async () => {
    const socket = connect(port, "127.0.0.1");
    const [name] = await once(socket, "data");
    return { socket, name: String(name) };
  };
  return { servers, dial };
}

test("spreads connections over the servers", async (t) => {
  const { dial } = await setUp(t);
  const names = [await dial(), await dial(), await dial(), await dial()].map(({ name }) => name);
  assert.deepEqual(names.sort(), ["a", "a", "b", "b"]);
});

test("a server that is gone is passed over at once", async (t) => {
  const { servers, dial } = await setUp(t);
  servers[0]!.stop();
  const names = [await dial(), await dial(), await dial()].map(({ name }) => name);
  assert.deepEqual(names, ["b", "b", "b"]);
});

test("connections to a server that is no longer ready are cut, and new ones go elsewhere", async (t) => {
  const { servers, dial } = await setUp(t);
  const held = [await dial(), await dial()];
  servers.find(({ name }) => name === "a")!.ready = false;
  const [ofA] = held.filter(({ name }) => name === "a");
  await once(ofA!.socket, "close");
  assert.equal(held.find(({ name }) => name === "b")!.socket.destroyed, false);
  assert.equal((await dial()).name, "b");
  assert.equal((await dial()).name, "b");
});

test("when no server is ready, those that answer serve all the same", async (t) => {
  const { servers, dial } = await setUp(t);
  for (const server of servers) server.ready = false;
  const { socket, name } = await dial();
  await realClock.sleep(2_500);
  assert.equal(socket.destroyed, false);
  assert.match(name, /[ab]/);
});
