import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createServer, request as httpsRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { gunzipSync } from "node:zlib";
import WebSocket from "ws";
import { ConfigMap, type Node } from "../../api/core/v1/index.ts";
import { decodeMessage, decodeProtobuf, readEnvelope, readWatchEvent } from "../../apimachinery/codec/protobuf.ts";
import { parseYaml } from "../../apimachinery/codec/yaml.ts";
import type { DevServer } from "../devserver.ts";
import { type Answer, type Http, openHttp as open } from "../testHttp.ts";
import { ADMIN } from "../testServer.ts";

const COLLECTION = "/api/v1/namespaces/default/configmaps";
const json = (answer: Answer) => JSON.parse(answer.body.toString());
const make = (http: Http, name: string, data: Record<string, string> = {}) =>
  http.ask("POST", COLLECTION, {
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name }, data }),
  });

test("answers HTTP/2 and HTTP/1.1 on one port", async (t) => {
  const http = await open(t);
  assert.equal((await make(http, "a")).status, 201);
  const { port } = new URL(http.server.url);
  const answer = await new Promise<string>((resolve, reject) => {
    const request = httpsRequest({ ...http.tls, host: "127.0.0.1", port, path: `${COLLECTION}/a` }, (response) => {
      let text = `${response.httpVersion} ${response.statusCode} `;
      response.on("data", (chunk) => {
        text += chunk;
      });
      response.on("end", () => resolve(text));
    });
    request.on("error", reject).end();
  });
  assert.match(answer, /^1\.1 200 \{/);
});

test("gives one object in every form", async (t) => {
  const http = await open(t);
  await make(http, "a", { k: "v" });
  const get = async (accept: string) => http.ask("GET", `${COLLECTION}/a`, { headers: { accept } });
  const plain = json(await get("application/json"));
  assert.equal(plain.data.k, "v");
  assert.deepEqual(parseYaml((await get("application/yaml")).body.toString()), plain);
  const bytes = (await get("application/vnd.kubernetes.protobuf")).body;
  assert.deepEqual(decodeProtobuf(ConfigMap, bytes), plain);
  const table = json(await get("application/json;as=Table;v=v1;g=meta.k8s.io, application/json"));
  assert.deepEqual([table.kind, table.rows[0].cells.slice(0, 2)], ["Table", ["a", 1]]);
  const partial = json(await get("application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"));
  assert.deepEqual(partial, { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: plain.metadata });
  assert.equal((await get("text/html")).status, 406);
});

/** Splits a protobuf list into its items, each a message without an envelope. */
function items(raw: Uint8Array): Uint8Array[] {
  const out: Uint8Array[] = [];
  let at = 0;
  const varint = () => {
    let n = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = raw[at++]!;
      n |= (byte & 127) << shift;
      if (byte < 128) return n;
    }
  };
  while (at < raw.length) {
    const tag = varint();
    const length = varint();
    if (tag === 0x12) out.push(raw.subarray(at, at + length));
    at += length;
  }
  return out;
}

test("gives a list in every form", async (t) => {
  const http = await open(t);
  for (const name of ["a", "b"]) await make(http, name, { k: name });
  const get = async (accept: string) => http.ask("GET", COLLECTION, { headers: { accept } });
  const plain = json(await get("application/json"));
  assert.deepEqual([plain.kind, plain.items.length, plain.items[0].kind], ["ConfigMapList", 2, undefined]);
  assert.deepEqual(parseYaml((await get("application/yaml")).body.toString()), plain);
  const envelope = readEnvelope((await get("application/vnd.kubernetes.protobuf")).body);
  assert.equal(envelope.kind, "ConfigMapList");
  const decoded = items(envelope.raw).map((raw) => decodeMessage(ConfigMap.schema, raw));
  assert.deepEqual(
    decoded.map(({ metadata, data }) => [metadata.name, data]),
    [
      ["a", { k: "a" }],
      ["b", { k: "b" }],
    ],
  );
  const partial = readEnvelope(
    (await get("application/vnd.kubernetes.protobuf;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io")).body,
  );
  assert.equal(partial.kind, "PartialObjectMetadataList");
  assert.equal(items(partial.raw).length, 2);
  const table = json(await get("application/json;as=Table;v=v1;g=meta.k8s.io"));
  assert.equal(table.rows.length, 2);
});

test("watches in JSON, protobuf and as a table", async (t) => {
  const http = await open(t);
  await make(http, "a", { k: "v" });
  const path = `${COLLECTION}?watch=true&timeoutSeconds=1`;
  const get = async (accept: string) => http.ask("GET", path, { headers: { accept } });
  const event = JSON.parse((await get("application/json")).body.toString().trim());
  assert.deepEqual([event.type, event.object.kind, event.object.metadata.name], ["ADDED", "ConfigMap", "a"]);
  const { body, headers } = await get("application/vnd.kubernetes.protobuf;stream=watch");
  assert.equal(headers["content-type"], "application/vnd.kubernetes.protobuf;stream=watch");
  const read = readWatchEvent(body.subarray(4, 4 + body.readUInt32BE(0)));
  assert.equal(read.type, "ADDED");
  assert.equal(decodeProtobuf(ConfigMap, read.object).metadata.name, "a");
  const table = JSON.parse((await get("application/json;as=Table;v=v1;g=meta.k8s.io")).body.toString().trim());
  assert.equal(table.object.rows[0].cells[0], "a");
});

test("watches over a WebSocket", async (t) => {
  const http = await open(t);
  await make(http, "a");
  const url = `${http.server.url.replace("https", "wss")}${COLLECTION}?watch=true`;
  const socket = new WebSocket(url, http.tls);
  const message = await new Promise<string>((resolve, reject) => {
    socket.once("message", (data) => resolve(String(data)));
    socket.once("error", reject);
  });
  assert.equal(JSON.parse(message).object.metadata.name, "a");
  socket.close();
});

test("compresses a large list when asked", async (t) => {
  const http = await open(t);
  for (let i = 0; i < 4; i++) await make(http, `a${i}`, { k: "x".repeat(50_000) });
  const answer = await http.ask("GET", COLLECTION, { headers: { "accept-encoding": "gzip" } });
  assert.equal(answer.headers["content-encoding"], "gzip");
  assert.ok(answer.body.length < 20_000);
  assert.equal(JSON.parse(gunzipSync(answer.body).toString()).items.length, 4);
});

test("refuses a body that is too large, one that does not parse, and one of an unknown type", async (t) => {
  const http = await open(t);
  const large = await make(http, "a", { k: "x".repeat(4 * 1024 * 1024) });
  assert.deepEqual([large.status, json(large).reason], [413, "RequestEntityTooLarge"]);
  const headers = { "content-type": "application/json" };
  const broken = await http.ask("POST", COLLECTION, { headers, body: '{"apiVersion": "v1", ' });
  assert.equal(broken.status, 400);
  const typed = await http.ask("POST", COLLECTION, { headers: { "content-type": "text/plain" }, body: "x" });
  assert.equal(typed.status, 415);
});

test("warns of unknown fields", async (t) => {
  const http = await open(t);
  const body = JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" }, bogus: 1 });
  const answer = await http.ask("POST", COLLECTION, { headers: { "content-type": "application/json" }, body });
  assert.equal(answer.status, 201);
  assert.equal(answer.headers.warning, '299 - "unknown field \\"bogus\\""');
  assert.match(String(answer.headers["audit-id"]), /^[0-9a-f-]{36}$/);
});

test("knows its clients by certificate, by token, or not at all", async (t) => {
  const http = await open(t, { anonymous: true });
  assert.equal((await http.ask("GET", COLLECTION)).status, 403);
  assert.equal((await http.ask("GET", "/readyz")).body.toString(), "ok");
  assert.equal((await http.ask("GET", COLLECTION, { headers: { authorization: "Bearer nonsense" } })).status, 401);
  const admin = http.server.server.directTransport(ADMIN);
  const account = { metadata: { name: "robot", namespace: "default" } };
  await admin.request({ method: "POST", path: "/api/v1/namespaces/default/serviceaccounts", body: account });
  const issued = (await admin.request({
    method: "POST",
    path: "/api/v1/namespaces/default/serviceaccounts/robot/token",
    body: { spec: {} },
  })) as { status: { token: string } };
  const headers = { authorization: `Bearer ${issued.status.token}` };
  const refused = await http.ask("GET", COLLECTION, { headers });
  assert.match(json(refused).message, /User "system:serviceaccount:default:robot" cannot list/);
  await admin.request({ method: "DELETE", path: "/api/v1/namespaces/default/serviceaccounts/robot" });
  assert.equal((await http.ask("GET", COLLECTION, { headers })).status, 401, "the account is gone, so is its token");
});

test("publishes the keys by which its tokens can be checked", async (t) => {
  const http = await open(t);
  const configuration = json(await http.ask("GET", "/.well-known/openid-configuration"));
  assert.equal(configuration.issuer, "https://kubernetes.default.svc.cluster.local");
  const { keys } = json(await http.ask("GET", "/openid/v1/jwks"));
  assert.deepEqual([keys.length, keys[0].alg, keys[0].use], [1, "RS256", "sig"]);
});

test("lets an administrator act as someone else", async (t) => {
  const http = await open(t);
  const headers = { "impersonate-user": "ann", "impersonate-group": "dev" };
  const answer = await http.ask("GET", COLLECTION, { headers });
  assert.match(json(answer).message, /User "ann" cannot list/);
  const review = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
  const body = JSON.stringify({ apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" });
  const who = json(
    await http.ask("POST", review, { headers: { ...headers, "content-type": "application/json" }, body }),
  );
  assert.deepEqual(who.status.userInfo, { username: "ann", groups: ["dev", "system:authenticated"] });
});

test("says what is well, piece by piece", async (t) => {
  const http = await open(t);
  assert.match(
    (await http.ask("GET", "/readyz?verbose")).body.toString(),
    /\[\+\]etcd ok\n[\s\S]*readyz check passed\n$/,
  );
  assert.equal((await http.ask("GET", "/livez/ping")).body.toString(), "ok");
  assert.equal((await http.ask("GET", "/livez/nonsense")).status, 404);
  assert.equal((await http.ask("GET", "/nonsense")).body.toString(), "404 page not found\n");
  assert.match((await http.ask("GET", "/metrics")).body.toString(), /apiserver_request_total\{code="200"/);
});

/** A kubelet that says what it was asked. */
async function fakeKubelet(t: TestContext, server: DevServer): Promise<number> {
  const file = (name: string) => readFileSync(join(server.pki, name));
  const options = { cert: file("kubelet.crt"), key: file("kubelet.key"), ca: file("ca.crt"), requestCert: true };
  const kubelet = createServer(options, (request, response) => {
    if (request.url?.endsWith("previous=true")) response.statusCode = 400;
    response.end(`${request.method} ${request.url}`);
  });
  kubelet.on("upgrade", (request, socket) => {
    socket.write("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n");
    socket.write(`${request.url} `);
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => kubelet.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    kubelet.closeAllConnections();
    kubelet.close();
  });
  return (kubelet.address() as AddressInfo).port;
}

async function runningPod(http: Http, port: number): Promise<void> {
  const admin = http.server.server.directTransport(ADMIN);
  const post = (path: string, body: object) => admin.request({ method: "POST", path, body });
  await post("/api/v1/namespaces/default/serviceaccounts", { metadata: { name: "default" } });
  const node = (await post("/api/v1/nodes", { metadata: { name: "n" } })) as Node;
  const addresses = [{ type: "InternalIP", address: "127.0.0.1" }];
  const status = { ...node.status, addresses, daemonEndpoints: { kubeletEndpoint: { Port: port } } };
  await admin.request({ method: "PUT", path: "/api/v1/nodes/n/status", body: { ...node, status } });
  const containers = [{ name: "c", image: "i" }];
  await post("/api/v1/namespaces/default/pods", { metadata: { name: "p" }, spec: { containers } });
  await post("/api/v1/namespaces/default/pods/p/binding", { target: { kind: "Node", name: "n" } });
}

test("fetches logs from the pod's kubelet", async (t) => {
  const http = await open(t);
  await runningPod(http, await fakeKubelet(t, http.server));
  const log = await http.ask("GET", "/api/v1/namespaces/default/pods/p/log?tailLines=3&container=c");
  assert.equal(log.body.toString(), "GET /containerLogs/default/p/c?tailLines=3");
  const refused = json(await http.ask("GET", "/api/v1/namespaces/default/pods/p/log?previous=true"));
  assert.deepEqual([refused.reason, refused.message], ["BadRequest", "GET /containerLogs/default/p/c?previous=true"]);
  const wrong = await http.ask("GET", "/api/v1/namespaces/default/pods/p/log?container=x");
  assert.equal(json(wrong).message, "container x is not valid for pod p");
  const proxied = await http.ask("GET", "/api/v1/nodes/n/proxy/stats/summary?x=y");
  assert.equal(proxied.body.toString(), "GET /stats/summary?x=y");
});

test("speaks a log over a WebSocket, or refuses to", async (t) => {
  const http = await open(t);
  await runningPod(http, await fakeKubelet(t, http.server));
  const { port } = new URL(http.server.url);
  const dial = (query: string, protocols: string[]) =>
    new Promise<string>((resolve, reject) => {
      const url = `wss://127.0.0.1:${port}/api/v1/namespaces/default/pods/p/log?${query}`;
      const socket = new WebSocket(url, protocols, http.tls);
      let text = "";
      socket.on("message", (data: Buffer, isBinary) => {
        text += isBinary ? data : Buffer.from(data.toString(), "base64");
      });
      socket.on("close", () => resolve(`${socket.protocol} ${text}`));
      socket.on("error", reject);
    });
  const said = "GET /containerLogs/default/p/c?tailLines=3";
  assert.equal(await dial("tailLines=3", ["binary.k8s.io"]), `binary.k8s.io ${said}`);
  assert.equal(await dial("tailLines=3", ["base64.binary.k8s.io"]), `base64.binary.k8s.io ${said}`);
  assert.equal(await dial("tailLines=3", []), ` ${said}`);
  await assert.rejects(dial("container=x", []), /400/);
});

test("joins an exec session with the kubelet's, byte for byte", async (t) => {
  const http = await open(t);
  await runningPod(http, await fakeKubelet(t, http.server));
  const { port } = new URL(http.server.url);
  const path = "/api/v1/namespaces/default/pods/p/exec?command=sh&command=-c&stdin=true&stdout=true";
  const headers = { connection: "Upgrade", upgrade: "echo" };
  const seen = await new Promise<string>((resolve, reject) => {
    const request = httpsRequest({ ...http.tls, host: "127.0.0.1", port, path, method: "POST", headers });
    request.on("upgrade", (_response, socket, head) => {
      let text = head.toString();
      socket.write("hello");
      socket.on("data", (chunk: Buffer) => {
        text += chunk;
        if (!text.endsWith("hello")) return;
        socket.destroy();
        resolve(text);
      });
    });
    request.on("error", reject).end();
  });
  assert.equal(seen, "/exec/default/p/c?input=1&output=1&command=sh&command=-c hello");
});

test("ends watches and answers what is under way when it closes", async (t) => {
  const http = await open(t);
  const watching = http.ask("GET", `${COLLECTION}?watch=true`);
  await make(http, "a");
  const writes = Promise.all(["b", "c", "d"].map((name) => make(http, name)));
  await writes;
  const closed = http.server.close();
  const { status, body } = await watching;
  assert.equal(status, 200);
  assert.match(body.toString(), /"name":"a"/);
  await closed;
});

test("a revision keeps the blanks it was sent with, which no JSON answer shows, and which forbid to patch it", async (t) => {
  const http = await open(t);
  const path = "/apis/apps/v1/namespaces/default/controllerrevisions";
  const names = '"apiVersion":"apps/v1","kind":"ControllerRevision","metadata":{"name":"r"}';
  const headers = { "content-type": "application/json" };
  const body = `{${names},"data":{"a": 1},"revision":1}`;
  assert.equal((await http.ask("POST", path, { headers, body })).status, 201);
  assert.match((await http.ask("GET", `${path}/r`)).body.toString(), /"data":\{"a":1\}/);
  const accept = "application/vnd.kubernetes.protobuf";
  assert.ok((await http.ask("GET", `${path}/r`, { headers: { accept } })).body.includes('{"a": 1}'));
  const again = body.replace('"revision":1', '"revision":2');
  assert.equal((await http.ask("PUT", `${path}/r`, { headers, body: again })).status, 200);
  const compact = await http.ask("PUT", `${path}/r`, { headers, body: again.replace(" ", "") });
  assert.match(json(compact).message, /data: Invalid value: \{"a":1\}: field is immutable$/);
  const type = { "content-type": "application/merge-patch+json" };
  const label = '{"metadata":{"labels":{"more":"x"}}}';
  assert.equal((await http.ask("PATCH", `${path}/r`, { headers: type, body: label })).status, 422);
});
