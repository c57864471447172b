import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { VirtualClock } from "../../util/clock.ts";
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
  return { name, port: (server.address() as { port: number }).port, ready: true, hangs: false, stop };
}

const aborted = (signal: AbortSignal) =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

async function setUp(t: TestContext) {
  const servers = await Promise.all(["a", "b"].map((name) => startServer(t, name)));
  const clock = new VirtualClock();
  const balancer = new Balancer({
    backends: servers.map(({ port }) => ({ host: "127.0.0.1", port })),
    check: async ({ port }, signal) => {
      const server = servers.find((one) => one.port === port)!;
      if (server.hangs) await aborted(signal);
      return server.ready;
    },
    clock,
    logger: silentLogger,
  });
  const port = await balancer.listen("127.0.0.1", 0);
  t.after(() => balancer.close());
  const dial = async () => {
    const socket = connect(port, "127.0.0.1");
    const [name] = await once(socket, "data");
    return { socket, name: String(name) };
  };
  const advance = async (ms: number) => {
    const end = clock.now() + ms;
    do await setImmediate();
    while (clock.step(end));
  };
  return { servers, dial, advance };
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
  const { servers, dial, advance } = await setUp(t);
  const held = [await dial(), await dial()];
  servers.find(({ name }) => name === "a")!.ready = false;
  const [ofA] = held.filter(({ name }) => name === "a");
  const cut = once(ofA!.socket, "close");
  await advance(1_000);
  await cut;
  assert.equal(held.find(({ name }) => name === "b")!.socket.destroyed, false);
  assert.equal((await dial()).name, "b");
  assert.equal((await dial()).name, "b");
});

test("a server that hangs loses its connections within 3.5 s, and gets no new ones after 2.25 s", async (t) => {
  const { servers, dial, advance } = await setUp(t);
  const held = [await dial(), await dial()];
  await advance(1); // just after it was asked
  servers.find(({ name }) => name === "a")!.hangs = true;
  await advance(2_250);
  const [ofA] = held.filter(({ name }) => name === "a");
  assert.equal(ofA!.socket.destroyed, false);
  assert.equal((await dial()).name, "b");
  assert.equal((await dial()).name, "b");
  const cut = once(ofA!.socket, "close");
  await advance(1_250);
  await cut;
});

test("when no server is ready, those that answer serve all the same", async (t) => {
  const { servers, dial, advance } = await setUp(t);
  for (const server of servers) server.ready = false;
  const { socket, name } = await dial();
  await advance(10_000);
  assert.equal(socket.destroyed, false);
  assert.match(name, /[ab]/);
});
