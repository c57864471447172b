import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Pod } from "../../api/core/v1/index.ts";
import { startDevServer } from "../devserver.ts";
import { ADMIN } from "../testServer.ts";

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}
type Ask = (method: string, path: string, body?: string) => Promise<Answer>;

/** A program that says what it was asked, or redirects, or answers with a page. */
async function program(t: TestContext): Promise<number> {
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    if (request.url === "/page") response.setHeader("content-type", "text/html").end('<a href="/next">next</a>');
    else if (request.url === "/bare") request.socket.end("HTTP/1.0 200 OK\nContent-Type: text/plain\n\nbare lines");
    else if (request.url === "/moved") response.writeHead(302, { location: "/new" }).end();
    else response.end(`${request.method} ${request.url} ${body}`);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** An API server with a Pod in which the program runs. */
async function open(t: TestContext): Promise<{ ask: Ask; base: string }> {
  const port = await program(t);
  const server = await startDevServer();
  t.after(() => server.close());
  const admin = server.server.directTransport(ADMIN);
  const pods = "/api/v1/namespaces/default/pods";
  await admin.request({
    method: "POST",
    path: "/api/v1/namespaces/default/serviceaccounts",
    body: { metadata: { name: "default" } },
  });
  const containers = [{ name: "c", image: "i", ports: [{ containerPort: port }] }];
  const body = { metadata: { name: "proxy" }, spec: { containers } };
  const pod = (await admin.request({ method: "POST", path: pods, body })) as Pod;
  const status = { ...pod.status, podIP: "127.0.0.1", podIPs: [{ ip: "127.0.0.1" }] };
  await admin.request({ method: "PUT", path: `${pods}/proxy/status`, body: { ...pod, status } });
  const file = (name: string) => readFileSync(join(server.pki, name));
  const tls = { ca: file("ca.crt"), cert: file("admin.crt"), key: file("admin.key"), agent: false as const };
  const ask: Ask = (method, path, sent) =>
    new Promise((resolve, reject) => {
      const request = httpsRequest(new URL(path, server.url), { ...tls, method }, (response) => {
        let text = "";
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode!, headers: response.headers, text }));
      });
      request.on("error", reject).end(sent);
    });
  return { ask, base: `${pods}/proxy/proxy` };
}

test("passes every method on, with path and query as they were sent", async (t) => {
  const { ask, base } = await open(t);
  for (const method of ["DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"]) {
    const { status, text } = await ask(method, `${base}/some/p%2Fath/?a=b%20c&d`, method === "POST" ? "hello" : "");
    assert.equal(status, 200);
    assert.equal(text, `${method} /some/p%2Fath/?a=b%20c&d ${method === "POST" ? "hello" : ""}`);
  }
  assert.equal((await ask("HEAD", `${base}/x`)).status, 200);
});

test("sends readers to the root's slash, and asks the root for others", async (t) => {
  const { ask, base } = await open(t);
  for (const method of ["GET", "HEAD"]) {
    const { status, headers } = await ask(method, `${base}?method=${method}`);
    assert.equal(status, 301);
    assert.equal(headers.location, `${base}/?method=${method}`);
  }
  assert.equal((await ask("POST", `${base}?x=y`)).text, "POST /?x=y ");
});

test("leads a page's links and redirects through itself", async (t) => {
  const { ask, base } = await open(t);
  assert.equal((await ask("GET", `${base}/page`)).text, `<a href="${base}/next">next</a>`);
  const moved = await ask("GET", `${base}/moved`);
  assert.deepEqual([moved.status, moved.headers.location], [302, `${base}/new`]);
});

test("reads an answer whose lines end without a carriage return, as scripts write them", async (t) => {
  const { ask, base } = await open(t);
  const { status, headers, text } = await ask("GET", `${base}/bare`);
  assert.deepEqual([status, headers["content-type"], text], [200, "text/plain", "bare lines"]);
});
