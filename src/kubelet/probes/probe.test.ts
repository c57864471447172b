import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import type { Container, Pod } from "../../api/core/v1/index.ts";
import type { CriClient } from "../../cri/index.ts";
import { realClock } from "../../util/clock.ts";
import { httpGet, probe } from "./probe.ts";

const NO_RUNTIME = {} as CriClient;

/** A server of this process that answers each path as told: with a status, or with a place to go to. */
async function serve(t: TestContext, answers: Record<string, number | string>) {
  const asked: IncomingMessage[] = [];
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    asked.push(request);
    const answer = answers[request.url!] ?? 404;
    const redirect = typeof answer === "string";
    response.writeHead(redirect ? 302 : answer, redirect ? { location: answer } : {});
    response.end(`answer to ${request.url}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const container = { ports: [{ name: "web", containerPort: port }] } as Container;
  const target = { pod: {} as Pod, container, containerId: "c", podIP: "127.0.0.1", timeoutMs: 5000 };
  const check = (path: string) => probe({ httpGet: { path, port: "web" } }, target, NO_RUNTIME, realClock);
  return { asked, port, target, check };
}

test("an HTTP probe holds for statuses from 200 to 399, and says which other one came", async (t) => {
  const { check } = await serve(t, { "/ok?deep=1": 200, "/broken": 500 });
  assert.deepEqual(await check("/ok?deep=1"), { ok: true, output: "answer to /ok?deep=1" });
  assert.deepEqual(await check("/broken"), { ok: false, output: "HTTP probe failed with statuscode: 500" });
});

test("redirects on the same host are followed, to good and bad ends", async (t) => {
  const { check } = await serve(t, { "/there": "/well", "/well": 200, "/wrong": "/broken", "/broken": 500 });
  assert.equal((await check("/there")).output, "answer to /well");
  assert.equal((await check("/wrong")).ok, false);
});

test("a redirect to another host is not followed, which is a success with a warning", async (t) => {
  const { asked, check } = await serve(t, { "/away": "http://0.0.0.0/" });
  const { ok, warning } = await check("/away");
  assert.equal(ok, true);
  assert.equal(warning, "Probe terminated redirects, Response body: answer to /away");
  assert.equal(asked.length, 1);
});

test("redirects in a circle end", async (t) => {
  const { check } = await serve(t, { "/a": "/b", "/b": "/a" });
  const { ok, output } = await check("/a");
  assert.equal(ok, false);
  assert.match(output, /stopped after 10 redirects/);
});

test("hooks follow redirects anywhere, and may set headers", async (t) => {
  const there = await serve(t, { "/hook": 200 });
  const here = await serve(t, { "/hook": `http://localhost:${there.port}/hook` });
  const action = { path: "/hook", port: "web", httpHeaders: [{ name: "host", value: "example.com" }] };
  const { status } = await httpGet(action, here.target, realClock, { abroad: true });
  assert.equal(status, 200);
  assert.equal(here.asked[0]!.headers.host, "example.com");
});

test("what cannot be reached is told in the words of Kubernetes", async (t) => {
  const { target } = await serve(t, {});
  const { ok, output } = await probe({ httpGet: { path: "/", port: 1 } }, target, NO_RUNTIME, realClock);
  assert.equal(ok, false);
  assert.equal(output, 'Get "http://127.0.0.1:1/": dial tcp 127.0.0.1:1: connect: connection refused');
});
