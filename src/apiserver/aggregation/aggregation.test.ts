import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { test } from "node:test";
import type { TLSSocket } from "node:tls";
import { APIService } from "../../api/apiregistration/v1/index.ts";
import { ConfigMap, Service } from "../../api/core/v1/index.ts";
import type { Transport } from "../../client/index.ts";
import { GROUP, outside, registration, until, withServer } from "./testApi.ts";

const FLUNDERS = {
  kind: "APIResourceList",
  apiVersion: "v1",
  groupVersion: `${GROUP}/v1alpha1`,
  resources: [
    { name: "flunders", singularName: "flunder", namespaced: true, kind: "Flunder", verbs: ["get", "list"] },
    { name: "flunders/status", singularName: "", namespaced: true, kind: "Flunder", verbs: ["get"] },
  ],
};

const reference = (name: string) => ({ $ref: `#/definitions/${name}` });
const V2 = {
  swagger: "2.0",
  paths: {
    [`/apis/${GROUP}/v1alpha1/flunders`]: { get: { responses: { 200: { schema: reference("x.Flunder") } } } },
    "/apis/other/v1/things": { get: { responses: { 200: { schema: reference("x.Thing") } } } },
  },
  definitions: {
    "x.Flunder": { type: "object", properties: { spec: reference("x.Spec") } },
    "x.Spec": { type: "object" },
    "x.Thing": { type: "object" },
  },
};

/** Tells what it was asked, and by whom. */
function answer(request: IncomingMessage, response: ServerResponse) {
  const send = (body: unknown) => response.setHeader("content-type", "application/json").end(JSON.stringify(body));
  const path = request.url!.split("?")[0];
  if (path === `/apis/${GROUP}/v1alpha1`) return send(FLUNDERS);
  if (path === "/openapi/v3") {
    const at = `apis/${GROUP}/v1alpha1`;
    return send({ paths: { [at]: { serverRelativeURL: `/openapi/v3/${at}?hash=X` } } });
  }
  if (path === "/openapi/v2") return send(V2);
  if (path?.startsWith("/openapi/v3/")) return send({ openapi: "3.0.0", paths: {} });
  const socket = request.socket as TLSSocket;
  send({ kind: "Flunder", authorized: socket.authorized, url: request.url, headers: request.headers });
}

type Json = Record<string, unknown>;
const get = (transport: Transport, path: string) => transport.request({ method: "GET", path }) as Promise<Json>;

test("passes requests on, with the user and nobody else in their headers", async (t) => {
  const { client, transport, dev, service } = await withServer(t, answer);
  const ports = [{ port: service.port }];
  await client.create(Service, { metadata: { name: "api", namespace: "wardle" }, spec: { ports } } as never);
  await client.create(APIService, registration({ service }));
  const available = async () => {
    const { status } = await client.get(APIService, { name: `v1alpha1.${GROUP}` });
    return status.conditions?.[0];
  };
  await until("there is no endpoint", async () => (await available())?.reason === "MissingEndpoints");
  await assert.rejects(get(transport, `/apis/${GROUP}/v1alpha1/flunders`), /service unavailable/);
  await client.delete(Service, { namespace: "wardle", name: "api" });
  await client.create(Service, outside());
  await until("it is available", async () => (await available())?.status === "True");
  assert.deepEqual((await available())?.message, "all checks passed");

  const flunder = await get(transport, `/apis/${GROUP}/v1alpha1/namespaces/x/flunders/f`);
  const headers = flunder.headers as Json;
  assert.equal(flunder.authorized, true);
  assert.equal(flunder.url, `/apis/${GROUP}/v1alpha1/namespaces/x/flunders/f`);
  assert.equal(headers["x-remote-user"], "kubernetes-admin");
  assert.match(String(headers["x-remote-group"]), /system:authenticated/);
  assert.equal(headers.authorization, undefined);

  const direct = dev.server.directTransport({ name: "inside", groups: ["system:masters"] });
  const inside = (await get(direct, `/apis/${GROUP}/v1alpha1/flunders`)) as { headers: Json };
  assert.equal(inside.headers["x-remote-user"], "inside");
});

test("tells what the other server has as if it were here", async (t) => {
  const { client, transport, service } = await withServer(t, answer);
  await client.create(Service, outside());
  await client.create(APIService, registration({ service }));
  const groups = async () => ((await get(transport, "/apis")).groups as { name: string }[]).map(({ name }) => name);
  await until("the group is listed", async () => (await groups()).includes(GROUP));
  const group = await get(transport, `/apis/${GROUP}`);
  assert.deepEqual(group.preferredVersion, { groupVersion: `${GROUP}/v1alpha1`, version: "v1alpha1" });
  assert.deepEqual(await get(transport, `/apis/${GROUP}/v1alpha1`), FLUNDERS);
  const index = (await get(transport, "/openapi/v3")).paths as Record<string, { serverRelativeURL: string }>;
  assert.match(index[`apis/${GROUP}/v1alpha1`]!.serverRelativeURL, /hash=X$/);
  assert.deepEqual(await get(transport, `/openapi/v3/apis/${GROUP}/v1alpha1`), { openapi: "3.0.0", paths: {} });
  const v2 = (await get(transport, "/openapi/v2")) as { paths: Json; definitions: Json };
  assert.ok(v2.paths["/api/v1/pods"] && v2.paths[`/apis/${GROUP}/v1alpha1/flunders`]);
  assert.equal(v2.paths["/apis/other/v1/things"], undefined);
  assert.deepEqual([v2.definitions["x.Spec"], v2.definitions["x.Thing"]], [{ type: "object" }, undefined]);
  await client.delete(APIService, { name: `v1alpha1.${GROUP}` });
  await until("the group is gone", async () => !(await groups()).includes(GROUP));
});

test("does not trust a server whose certificate it cannot verify, and says so", async (t) => {
  const { client, service } = await withServer(t, answer);
  await client.create(Service, outside());
  await client.create(APIService, registration({ service, insecureSkipTLSVerify: false }));
  const condition = async () => (await client.get(APIService, { name: `v1alpha1.${GROUP}` })).status.conditions?.[0];
  await until("it was looked at", async () => (await condition())?.reason === "FailedDiscoveryCheck");
  assert.match((await condition())!.message!, /failing or missing response from https:\/\/localhost:\d+\/apis/);
});

test("has an APIService for each of its own groups, and tells others by what it is known", async (t) => {
  const { client } = await withServer(t, answer);
  const { items } = await client.list(APIService);
  const batch = items.find(({ metadata }) => metadata.name === "v1.batch");
  assert.equal(batch?.spec.groupPriorityMinimum, 17400);
  assert.equal(batch?.status.conditions?.[0]?.reason, "Local");
  const name = "extension-apiserver-authentication";
  const { data } = await client.get(ConfigMap, { namespace: "kube-system", name });
  assert.equal(data?.["requestheader-username-headers"], '["X-Remote-User"]');
  assert.match(data?.["requestheader-client-ca-file"] ?? "", /BEGIN CERTIFICATE/);
});
