import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { GrpcChannel, type GrpcError } from "./channel.ts";
import { decode, encode, message, string } from "./wire.ts";

const Text = message({ text: string(1) });
const METHOD = { path: "/test.Echo/Say", request: Text, response: Text };

type Behaviour = (stream: ServerHttp2Stream, text: string) => void;

async function echoServer(t: TestContext, behave: Behaviour) {
  const directory = await mkdtemp(join(tmpdir(), "cox-grpc-"));
  const path = join(directory, "s.sock");
  const sessions = new Set<{ destroy(): void }>();
  const start = async (): Promise<Http2Server> => {
    const server = createServer();
    server.on("session", (session) => sessions.add(session));
    server.on("stream", (stream) => serve(stream as ServerHttp2Stream, behave));
    await new Promise<void>((resolve) => server.listen(path, resolve));
    return server;
  };
  let server = await start();
  const stop = async () => {
    for (const session of sessions) session.destroy();
    sessions.clear();
    await new Promise((resolve) => server.close(resolve));
  };
  const channel = new GrpcChannel(`unix://${path}`);
  t.after(async () => {
    channel.close();
    await stop();
    await rm(directory, { recursive: true });
  });
  const restart = async () => {
    await stop();
    server = await start();
  };
  return { channel, restart };
}

function serve(stream: ServerHttp2Stream, behave: Behaviour): void {
  const chunks: Buffer[] = [];
  stream.on("error", () => {});
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("end", () => !stream.destroyed && behave(stream, decode(Text, Buffer.concat(chunks).subarray(5)).text));
}

function answer(stream: ServerHttp2Stream, texts: string[], status = "0", detail = ""): void {
  stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": status, "grpc-message": detail }));
  for (const text of texts) {
    const body = encode(Text, { text });
    const header = Buffer.from([0, 0, 0, 0, 0]);
    header.writeUInt32BE(body.length, 1);
    // In two pieces, so that a message never comes as one.
    stream.write(header.subarray(0, 3));
    stream.write(Buffer.concat([header.subarray(3), body]));
  }
  stream.end();
}

test("answers a call", async (t) => {
  const { channel } = await echoServer(t, (stream, text) => answer(stream, [`${text}!`]));
  assert.deepEqual(await channel.call(METHOD, { text: "hello" }), { text: "hello!" });
});

test("throws the status that the server sent", async (t) => {
  const { channel } = await echoServer(t, (stream) => answer(stream, [], "5", "no%20such%20thing"));
  await assert.rejects(channel.call(METHOD, {}), (error: GrpcError) => {
    assert.deepEqual([error.code, error.message], ["NOT_FOUND", "no such thing"]);
    return true;
  });
});

test("streams many answers, and stops when it is told to", async (t) => {
  const { channel } = await echoServer(t, (stream) => answer(stream, ["a", "b", "c"]));
  const seen: string[] = [];
  for await (const { text } of channel.stream(METHOD, {})) seen.push(text);
  assert.deepEqual(seen, ["a", "b", "c"]);
  const stop = new AbortController();
  const { channel: silent } = await echoServer(t, (stream) => stream.respond({ ":status": 200 }));
  const call = silent.call(METHOD, {}, { signal: stop.signal });
  stop.abort(new Error("enough"));
  await assert.rejects(call, /enough/);
});

test("fails at once when nobody listens, and connects anew when somebody does again", async (t) => {
  const { channel, restart } = await echoServer(t, (stream, text) => answer(stream, [text]));
  await channel.call(METHOD, { text: "1" });
  await restart();
  await channel.call(METHOD, { text: "2" }).catch(() => {});
  assert.deepEqual(await channel.call(METHOD, { text: "3" }), { text: "3" });
  const nobody = new GrpcChannel("/nonexistent/socket");
  await assert.rejects(nobody.call(METHOD, {}), (error: GrpcError) => error.code === "UNAVAILABLE");
});

test("sends requests while answers come", async (t) => {
  const { channel } = await echoServer(t, () => {});
  const call = await channel.duplex(METHOD, {});
  await call.responses.return(undefined);
  call.send({ text: "too late" });
});

test("says when the server cannot have seen a request", async () => {
  const nobody = new GrpcChannel("/nonexistent/socket");
  await assert.rejects(nobody.call(METHOD, {}), (error: GrpcError) => error.unsent);
});
