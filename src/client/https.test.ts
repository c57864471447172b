import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { type TestContext, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { Pod } from "../api/core/v1/index.ts";
import { failure, isConflict, isGone, StatusError } from "../apimachinery/status.ts";
import { VirtualClock } from "../util/clock.ts";
import { createClient } from "./createClient.ts";
import { httpsTransport } from "./https.ts";

type Handler = (stream: ServerHttp2Stream, path: string, method: string, body: string) => void;

/** A server of HTTP/2 without TLS on a loopback port. */
async function serve(t: TestContext, handler: Handler) {
  const server: Http2Server = createServer();
  const sessions = new Set<{ destroy(): void }>();
  server.on("session", (session) => sessions.add(session));
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    let body = "";
    stream.setEncoding("utf8");
    stream.on("error", () => {}); // clients of these tests hang up
    stream.on("data", (chunk) => {
      body += chunk;
    });
    stream.on("end", () => handler(stream, String(headers[":path"]), String(headers[":method"]), body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const clock = new VirtualClock();
  const transport = httpsTransport({ server: `http://127.0.0.1:${port}`, token: "secret", clock });
  const dropAll = () => {
    for (const session of sessions) session.destroy();
    sessions.clear();
  };
  t.after(async () => {
    await transport.close();
    dropAll();
    await new Promise((resolve) => server.close(resolve));
  });
  return { clock, client: createClient(transport), transport, dropAll };
}

function answer(stream: ServerHttp2Stream, status: number, body: unknown, headers: Record<string, string> = {}) {
  stream.respond({ ":status": status, "content-type": "application/json", ...headers });
  stream.end(JSON.stringify(body));
}

const pod = (name: string) => ({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: "a" } });

test("a request carries path, query, body and token, and answers a frozen object", async (t) => {
  const seen: string[] = [];
  const { client } = await serve(t, (stream, path, method, body) => {
    seen.push(`${method} ${path} ${body}`);
    answer(stream, 200, pod("x"));
  });
  const got = await client.get(Pod, { namespace: "a", name: "x" });
  await client.patch(
    Pod,
    { namespace: "a", name: "x" },
    "merge",
    { metadata: {} },
    { subresource: "status", fieldManager: "me" },
  );
  assert.ok(Object.isFrozen(got) && Object.isFrozen(got.metadata));
  assert.deepEqual(seen, [
    "GET /api/v1/namespaces/a/pods/x ",
    'PATCH /api/v1/namespaces/a/pods/x/status?fieldManager=me {"metadata":{}}',
  ]);
});

test("the items of a list are given their kind", async (t) => {
  const { client } = await serve(t, (stream, path) => {
    assert.equal(path, "/api/v1/pods?labelSelector=app%3Dweb&limit=2");
    answer(stream, 200, { kind: "PodList", metadata: { resourceVersion: "7" }, items: [{ metadata: { name: "x" } }] });
  });
  const list = await client.list(Pod, { labelSelector: "app=web", limit: 2 });
  assert.equal(list.items[0]?.kind, "Pod");
  assert.equal(list.items[0]?.apiVersion, "v1");
});

test("a failure is thrown as the Status the server sent, or made from what it sent", async (t) => {
  const conflict = failure(409, "Conflict", "too late").status;
  const { client } = await serve(t, (stream, path) => {
    if (path.endsWith("/x")) answer(stream, 409, conflict);
    else {
      stream.respond({ ":status": 502 });
      stream.end("bad gateway");
    }
  });
  await assert.rejects(client.get(Pod, { namespace: "a", name: "x" }), isConflict);
  await assert.rejects(
    client.get(Pod, { namespace: "a", name: "y" }),
    (error) => error instanceof StatusError && error.code === 502 && error.message === "bad gateway",
  );
});

test("a watch hands on events as they come, also when a line is cut in two", async (t) => {
  const { client } = await serve(t, async (stream) => {
    stream.respond({ ":status": 200 });
    const lines = ["a", "b", "é"].map((name) => JSON.stringify({ type: "ADDED", object: pod(name) }));
    const bytes = Buffer.from(`${lines.join("\n")}\n`);
    const middle = bytes.indexOf(0xc3) + 1;
    stream.write(bytes.subarray(0, middle));
    await setImmediate();
    stream.end(bytes.subarray(middle));
  });
  const names: string[] = [];
  for await (const event of client.watch(Pod, {}, new AbortController().signal))
    names.push(event.object.metadata.name!);
  assert.deepEqual(names, ["a", "b", "é"]);
});

test("an ERROR event ends a watch with its Status", async (t) => {
  const { client } = await serve(t, (stream) => {
    stream.respond({ ":status": 200 });
    stream.end(`${JSON.stringify({ type: "ERROR", object: failure(410, "Expired", "too old").status })}\n`);
  });
  await assert.rejects(async () => {
    for await (const _ of client.watch(Pod, {}, new AbortController().signal));
  }, isGone);
});

test("a watch ends when its signal aborts", async (t) => {
  const { client } = await serve(t, (stream) => {
    stream.respond({ ":status": 200 });
    stream.write(`${JSON.stringify({ type: "ADDED", object: pod("a") })}\n`);
  });
  const stop = new AbortController();
  let count = 0;
  for await (const _ of client.watch(Pod, {}, stop.signal)) {
    count++;
    stop.abort();
  }
  assert.equal(count, 1);
});

test("after a lost connection, the next request makes a new one", async (t) => {
  const { client, dropAll } = await serve(t, (stream) => answer(stream, 200, pod("x")));
  await client.get(Pod, { namespace: "a", name: "x" });
  dropAll();
  await setImmediate();
  assert.equal((await client.create(Pod, pod("x") as Pod)).metadata.name, "x");
});

test("what was refused for being too much is sent again after the time the server asks for", async (t) => {
  let count = 0;
  const { clock, client } = await serve(t, (stream) => {
    if (++count === 1) answer(stream, 429, failure(429, "TooManyRequests", "slow down").status, { "retry-after": "3" });
    else answer(stream, 201, pod("x"));
  });
  const before = clock.now();
  const made = client.create(Pod, pod("x") as Pod);
  while (count < 1 || clock.nextTimer() === undefined || clock.nextTimer()! > before + 3000) await setImmediate();
  clock.step(before + 3000);
  assert.equal((await made).metadata.name, "x");
  assert.equal(count, 2);
});

test("a write whose answer was lost is not sent twice", async (t) => {
  let count = 0;
  const { client } = await serve(t, (stream) => {
    count++;
    stream.close(2);
  });
  await assert.rejects(
    client.create(Pod, pod("x") as Pod),
    (error) => error instanceof StatusError && error.code === 503,
  );
  assert.equal(count, 1);
});

test("what is given up while the connection is not made yet ends at once", async (t) => {
  const silent = createTcpServer(() => {}).listen(0, "127.0.0.1");
  t.after(() => silent.close());
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const transport = httpsTransport({ server: `https://127.0.0.1:${port}`, insecureSkipTlsVerify: true });
  t.after(() => transport.close());
  const giveUp = new AbortController();
  silent.once("connection", () => giveUp.abort(new Error("enough")));
  await assert.rejects(transport.request({ method: "GET", path: "/api", signal: giveUp.signal }), /enough/);
});
