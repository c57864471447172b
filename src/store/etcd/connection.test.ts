import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type ServerHttp2Stream } from "node:http2";
import { type TestContext, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { VirtualClock } from "../../util/clock.ts";
import type { GrpcError } from "../../util/grpc/channel.ts";
import { encode } from "../../util/grpc/wire.ts";
import { silentLogger } from "../../util/logger.ts";
import { EtcdConnection } from "./connection.ts";
import { RANGE, RangeResponse, TXN } from "./messages.ts";

/** A member that tells its term to whoever reads, and leaves every write without an answer. */
async function startMember(t: TestContext) {
  const member = { term: 1, isStopped: false, writes: 0, url: "" };
  const server = createServer();
  server.on("session", (session) => t.after(() => session.destroy()));
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    stream.on("error", () => {});
    stream.resume();
    if (headers[":path"] === TXN.path) member.writes++;
    else if (!member.isStopped) stream.on("end", () => answer(stream, member.term));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  member.url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  return member;
}

function answer(stream: ServerHttp2Stream, term: number): void {
  const body = encode(RangeResponse, { header: { term } });
  const head = Buffer.alloc(5);
  head.writeUInt32BE(body.length, 1);
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
  stream.end(Buffer.concat([head, body]));
}

async function setUp(t: TestContext, count = 1) {
  const clock = new VirtualClock();
  const members = await Promise.all(Array.from({ length: count }, () => startMember(t)));
  const endpoints = members.map(({ url }) => url);
  const connection = new EtcdConnection({ endpoints, clock, logger: silentLogger });
  t.after(() => connection.close());
  /** A ms of ours for each turn of the event loop: calls, which take a few, are always in time. */
  const advance = async (ms: number) => {
    for (let i = 0; i < ms; i++) {
      await setImmediate();
      const end = clock.now() + 1;
      while (clock.step(end));
    }
  };
  const write = () => {
    const began = clock.now();
    const ending = { after: 0, error: undefined as GrpcError | undefined };
    void connection.write(TXN, {}).catch((error: GrpcError) => {
      ending.after = clock.now() - began;
      ending.error = error;
    });
    return ending;
  };
  return { members, connection, advance, write };
}

test("a write that was passed to a leader who is gone is given up soon after the next one is there", async (t) => {
  const { members, connection, advance, write } = await setUp(t);
  const lost = write();
  await advance(1_500);
  members[0]!.term = 2;
  await advance(1_000);
  const later = write();
  await advance(1_000);
  assert.equal(lost.error?.code, "ABORTED");
  assert.ok(lost.after < 3_200, `${lost.after} ms`);
  await advance(1_000);
  assert.equal(later.error, undefined, "the next leader has it");
  const { header } = await connection.read(RANGE, {});
  assert.equal(header?.term, 2);
  assert.equal(members[0]!.writes, 2, "nothing is written twice");
});

test("a write without an answer is given up after 5 s", async (t) => {
  const { advance, write } = await setUp(t);
  const lost = write();
  await advance(4_900);
  assert.equal(lost.after, 0);
  await advance(200);
  assert.deepEqual([lost.error?.code, lost.error?.unsent], ["DEADLINE_EXCEEDED", false]);
});

test("a member that shows no sign of life is left for another within 3.6 s", async (t) => {
  const { members, connection, advance, write } = await setUp(t, 2);
  members[0]!.isStopped = true;
  const lost = write();
  await advance(3_600);
  assert.equal(lost.error?.code, "UNAVAILABLE");
  members[1]!.term = 7;
  assert.equal((await connection.read(RANGE, {})).header?.term, 7);
  assert.equal(members[1]!.writes, 0, "nobody knows whether the first has it");
});
