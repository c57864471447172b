import assert from "node:assert/strict";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex, Readable } from "node:stream";
import { type TestContext, test } from "node:test";
import { WebSocket } from "ws";
import {
  acceptPortForward,
  acceptRemoteCommand,
  dialPortForward,
  dialRemoteCommand,
  relayPortForward,
  type Wants,
} from "./index.ts";

type OnUpgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

async function serve(t: TestContext, onUpgrade: OnUpgrade): Promise<string> {
  const server = createServer().on("upgrade", onUpgrade).listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

function text(stream: Readable): Promise<string> {
  let all = "";
  stream.on("data", (chunk: Buffer) => (all += chunk.toString()));
  return new Promise((resolve) => stream.once("end", () => resolve(all)));
}

const ALL: Wants = { stdin: true, stdout: true, stderr: true, tty: false };

/** Answers stdin in upper case on stdout, a word on stderr, and exit code 3. */
function shout(wants: Wants): OnUpgrade {
  return (request, socket, head) => {
    void acceptRemoteCommand(request, socket, head, wants).then(async (command) => {
      const input = await text(command.stdin!);
      command.stdout!.write(input.toUpperCase());
      command.stderr?.write("done");
      await command.finish({ status: "Failure", reason: "NonZeroExitCode", message: "exit code 3" });
    });
  };
}

test("a command over SPDY: input to its end, both outputs, and the status", async (t) => {
  const url = await serve(t, shout(ALL));
  const session = await dialRemoteCommand(url, ALL, AbortSignal.timeout(5000));
  const out = text(session.stdout!);
  const err = text(session.stderr!);
  session.stdin!.end("hello ".repeat(50_000));
  assert.equal((await out).length, 300_000);
  assert.equal(await err, "done");
  assert.equal((await session.done).reason, "NonZeroExitCode");
});

test("a command over WebSocket v5: input is half-closed by a message of its own", async (t) => {
  const url = await serve(t, shout(ALL));
  const socket = new WebSocket(url.replace("http", "ws"), ["v5.channel.k8s.io", "v4.channel.k8s.io"]);
  const channels = new Map<number, string>();
  socket.on("message", (data: Buffer) =>
    channels.set(data[0]!, (channels.get(data[0]!) ?? "") + data.toString("utf8", 1)),
  );
  await new Promise((resolve) => socket.once("open", resolve));
  assert.equal(socket.protocol, "v5.channel.k8s.io");
  socket.send(Buffer.from([0, ...Buffer.from("hello")]));
  socket.send(Buffer.from([255, 0]));
  await new Promise((resolve) => socket.once("close", resolve));
  assert.equal(channels.get(1), "HELLO");
  assert.equal(channels.get(2), "done");
  assert.equal(JSON.parse(channels.get(3)!).message, "exit code 3");
});

test("a terminal's size arrives over either carrier", async (t) => {
  const wants = { stdin: true, stdout: true, stderr: false, tty: true };
  const seen: unknown[] = [];
  const url = await serve(t, (request, socket, head) => {
    void acceptRemoteCommand(request, socket, head, wants).then(async (command) => {
      for await (const size of command.resizes) {
        seen.push(size);
        await command.finish({ status: "Success" });
      }
    });
  });
  const session = await dialRemoteCommand(url, wants, AbortSignal.timeout(5000));
  session.resize({ width: 80, height: 24 });
  assert.equal((await session.done).status, "Success");
  const socket = new WebSocket(url.replace("http", "ws"), ["v5.channel.k8s.io"]);
  await new Promise((resolve) => socket.once("open", resolve));
  socket.send(Buffer.concat([Buffer.from([4]), Buffer.from('{"Width":100,"Height":30}')]));
  await new Promise((resolve) => socket.once("close", resolve));
  assert.deepEqual(seen, [
    { width: 80, height: 24 },
    { width: 100, height: 30 },
  ]);
});

test("a client that speaks no known protocol is refused with a reason", async (t) => {
  let told: unknown;
  const url = await serve(t, (request, socket, head) => {
    acceptRemoteCommand(request, socket, head, ALL).catch((error) => (told = error));
  });
  const socket = new WebSocket(url.replace("http", "ws"), ["v9.channel.k8s.io"]);
  const code = await new Promise((resolve) =>
    socket.on("error", () => {}).once("unexpected-response", (_r, answer) => resolve(answer.statusCode)),
  );
  assert.equal(code, 403);
  assert.match(String(told), /v9.channel.k8s.io/);
});

test("forwarded connections carry bytes both ways, and errors by their own stream", async (t) => {
  const url = await serve(t, (request, socket, head) => {
    void (async () => {
      for await (const { port, data, error } of acceptPortForward(request, socket, head)) {
        if (port === 81) error.end("nothing listens on 81");
        else error.end();
        if (port === 80) void text(data).then((input) => data.end(`${port} ${input}`));
      }
    })();
  });
  const { data: open } = await dialPortForward(url, 80, AbortSignal.timeout(5000));
  const answer = text(open);
  open.end("hello");
  assert.equal(await answer, "80 hello");
  const { data: refused } = await dialPortForward(url, 81, AbortSignal.timeout(5000));
  const error = await new Promise<Error>((resolve) => refused.once("error", resolve));
  assert.match(error.message, /nothing listens/);
});

test("what went wrong behind a forwarded port reaches the client, though the data ended long before it was said", async (t) => {
  const say = Promise.withResolvers<void>();
  // As containerd: the data ends, and only then does it find the words.
  const runtime = await serve(t, (request, socket, head) => {
    void (async () => {
      for await (const { data, error } of acceptPortForward(request, socket, head)) {
        data.resume().end();
        void say.promise.then(() => error.end("connection refused"));
      }
    })();
  });
  const kubelet = await serve(t, (request, socket, head) => {
    void (async () => {
      for await (const stream of acceptPortForward(request, socket, head))
        void relayPortForward(stream, () => dialPortForward(runtime, stream.port, AbortSignal.timeout(5000)));
    })();
  });
  const client = await dialPortForward(kubelet, 9999, AbortSignal.timeout(5000));
  await text(client.data);
  // As kubectl, which drops what it has not sent when the answer is over.
  client.data.destroy();
  await new Promise((resolve) => client.data.once("close", resolve));
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
  say.resolve();
  assert.equal(await client.failure, "error forwarding port 9999: connection refused");
});
