import assert from "node:assert/strict";
import { duplexPair } from "node:stream";
import { test } from "node:test";
import { deflateSync } from "node:zlib";
import { SpdyConnection } from "./connection.ts";
import { headerDictionary } from "./dictionary.ts";
import { FrameReader, synStream } from "./frames.ts";
import { HeaderReader, HeaderWriter } from "./headers.ts";
import type { SpdyStream } from "./stream.ts";

test("the dictionary is the one that SPDY/3 peers name by its checksum", () => {
  const packed = deflateSync(Buffer.from("x"), { dictionary: headerDictionary });
  assert.equal(packed.subarray(2, 6).toString("hex"), "e3c6a7c2");
});

test("header blocks of one connection are read in turn, however they were packed", async () => {
  const reader = new HeaderReader();
  const writer = new HeaderWriter();
  assert.deepEqual(await reader.decode(writer.encode({ streamType: "stdin" })), { streamtype: "stdin" });
  assert.deepEqual(await reader.decode(writer.encode({ port: "80", requestID: "0" })), { port: "80", requestid: "0" });
  reader.close();
});

test("frames are cut from any partition of the bytes", () => {
  const bytes = Buffer.concat([synStream(1, Buffer.from("abc")), synStream(3, Buffer.alloc(0))]);
  const reader = new FrameReader();
  const seen = [...bytes].flatMap((byte) => [...reader.push(Buffer.from([byte]))]);
  assert.deepEqual(
    seen.map((frame) => (frame.type === "synStream" ? [frame.streamId, frame.block.toString()] : frame.type)),
    [
      [1, "abc"],
      [3, ""],
    ],
  );
});

/** Reads to the end and leaves the writable half alone, as iterating would not. */
function text(stream: SpdyStream): Promise<string> {
  let all = "";
  stream.on("data", (chunk: Buffer) => (all += chunk.toString()));
  return new Promise((resolve) => stream.once("end", () => resolve(all)));
}

async function pair() {
  const [a, b] = duplexPair();
  const arrived: SpdyStream[] = [];
  const server = new SpdyConnection(b, { role: "server", onStream: (stream) => arrived.push(stream) });
  const client = new SpdyConnection(a, { role: "client" });
  return { client, server, arrived };
}

test("streams carry bytes both ways and half-close", async () => {
  const { client, server, arrived } = await pair();
  const out = await client.open({ streamType: "data" });
  const [there] = arrived;
  assert.equal(there?.headers.streamtype, "data");
  out.end("x".repeat(200_000));
  assert.equal((await text(there!)).length, 200_000);
  there!.end("answer");
  assert.equal(await text(out), "answer");
  client.close();
  await Promise.all([client.closed, server.closed]);
});

test("a lost connection ends all its streams", async () => {
  const { client, server, arrived } = await pair();
  const out = await client.open({});
  server.close();
  await Promise.all([client.closed, server.closed]);
  assert.ok(out.destroyed);
  assert.ok(arrived[0]!.destroyed);
});

test("a stream destroyed at one end is gone at the other", async () => {
  const { client, server, arrived } = await pair();
  const out = await client.open({});
  const gone = new Promise((resolve) => arrived[0]!.once("close", resolve));
  out.destroy();
  await gone;
  client.close();
  await server.closed;
});
