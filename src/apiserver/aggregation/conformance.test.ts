/** The sentence of Kubernetes' conformance suite about API servers behind this one. */
import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { test } from "node:test";
import { APIService } from "../../api/apiregistration/v1/index.ts";
import { ConfigMap, Service, ServiceAccount } from "../../api/core/v1/index.ts";
import { ClusterRoleBinding, RoleBinding } from "../../api/rbac/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { createClient, type Transport } from "../../client/index.ts";
import { GROUP, outside, registration, until, withServer } from "./testApi.ts";

const VERSION = `${GROUP}/v1alpha1`;
const verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const FLUNDERS = {
  kind: "APIResourceList",
  apiVersion: "v1",
  groupVersion: VERSION,
  resources: [{ name: "flunders", singularName: "flunder", namespaced: true, kind: "Flunder", verbs }],
};

interface Flunder {
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
}

/** An API server of flunders, which keeps them. */
function flunderServer() {
  const kept = new Map<string, Flunder>();
  return async (request: IncomingMessage, response: ServerResponse) => {
    const send = (code: number, body: object) =>
      response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
    const [path = ""] = request.url!.split("?");
    const [, namespace = "", name = ""] = /\/namespaces\/([^/]+)\/flunders\/?(.*)$/.exec(path) ?? [];
    const status = (code: number, reason: string) =>
      send(code, { kind: "Status", apiVersion: "v1", status: code < 400 ? "Success" : "Failure", reason, code });
    if (path === `/apis/${VERSION}`) return send(200, FLUNDERS);
    if (namespace === "") return status(404, "NotFound");
    const key = `${namespace}/${name}`;
    if (request.method === "POST") {
      let text = "";
      for await (const chunk of request) text += chunk;
      const flunder = JSON.parse(text) as Flunder;
      kept.set(key + flunder.metadata.name, flunder);
      return send(201, flunder);
    }
    if (request.method === "DELETE") return status(kept.delete(key) ? 200 : 404, kept.has(key) ? "" : "NotFound");
    const items = [...kept].filter(([at]) => at.startsWith(`${namespace}/`)).map(([, flunder]) => flunder);
    if (name === "") return send(200, { kind: "FlunderList", apiVersion: VERSION, metadata: {}, items });
    return kept.has(key) ? send(200, kept.get(key)!) : status(404, "NotFound");
  };
}

/** Creates, lists and deletes as the suite does, once with a client for any kind and once with plain requests. */
async function useFlunders(transport: Transport, name: string, path: string): Promise<void> {
  const names = async () => {
    const { items } = (await transport.request({ method: "GET", path })) as { items: Flunder[] };
    return items.map(({ metadata }) => metadata.name);
  };
  const metadata = { name, namespace: "default", labels: { "sample-label": "true" } };
  await transport.request({ method: "POST", path, body: { apiVersion: VERSION, kind: "Flunder", metadata } });
  assert.deepEqual(await names(), [name]);
  await transport.request({ method: "DELETE", path: `${path}/${name}` });
  assert.deepEqual(await names(), []);
}

test("[sig-api-machinery] Aggregator Should be able to support the 1.17 Sample API Server using the current Aggregator [LinuxOnly] [Conformance]", async (t) => {
  const { client, transport, service, dev } = await withServer(t, flunderServer());
  await client.create(Service, outside());

  // What lets a server behind this one ask who its clients are and what they may.
  const rbac = { apiGroup: "rbac.authorization.k8s.io" };
  const subjects = [{ kind: "ServiceAccount", name: "sample-apiserver", namespace: "wardle" }];
  await client.create(ServiceAccount, { metadata: { name: "sample-apiserver", namespace: "wardle" } });
  await client.create(ClusterRoleBinding, {
    metadata: { name: "wardler:wardle:auth-delegator" },
    roleRef: { ...rbac, kind: "ClusterRole", name: "system:auth-delegator" },
    subjects,
  } as ClusterRoleBinding);
  await client.create(RoleBinding, {
    metadata: { name: "wardler-auth-reader", namespace: "kube-system" },
    roleRef: { ...rbac, kind: "Role", name: "extension-apiserver-authentication-reader" },
    subjects,
  } as RoleBinding);
  const account = { name: "system:serviceaccount:wardle:sample-apiserver", groups: ["system:authenticated"] };
  const sample = dev.server.directTransport(account);
  const at = { namespace: "kube-system", name: "extension-apiserver-authentication" };
  const trust = await createClient(sample).get(ConfigMap, at);
  assert.ok(trust.data?.["client-ca-file"] && trust.data["requestheader-client-ca-file"]);
  const spec = {
    user: "kubernetes-admin",
    groups: ["system:masters"],
    nonResourceAttributes: { path: "/", verb: "get" },
  };
  const review = {
    method: "POST",
    path: "/apis/authorization.k8s.io/v1/subjectaccessreviews",
    body: { spec },
  } as const;
  assert.equal(((await sample.request(review)) as { status: { allowed: boolean } }).status.allowed, true);

  const name = `v1alpha1.${GROUP}`;
  await client.create(APIService, registration({ service }));
  const path = `/apis/${VERSION}/namespaces/default/flunders`;
  await until("flunders are served", () => transport.request({ method: "GET", path }).then(() => true, notYet));
  await useFlunders(transport, "rest-flunder", path);
  const { resources } = (await transport.request({ method: "GET", path: `/apis/${VERSION}` })) as typeof FLUNDERS;
  assert.deepEqual(resources, FLUNDERS.resources);
  await useFlunders(transport, "dynamic-flunder", path.replace("default", "wardle"));

  const read = () => client.get(APIService, { name }, { subresource: "status" });
  assert.equal((await read()).status.conditions?.find(({ type }) => type === "Available")?.status, "True");
  const priority = { spec: { versionPriority: 400 } };
  assert.equal((await client.patch(APIService, { name }, "merge", priority)).spec.versionPriority, 400);
  const listed = (await client.list(APIService)).items.find(({ metadata }) => metadata.name === name);
  assert.equal(listed?.spec.versionPriority, 400);

  const labelled = structuredClone(await client.get(APIService, { name }));
  labelled.metadata.labels = { apiservice: "patched" };
  await client.update(APIService, labelled);
  const changed = structuredClone(await read());
  const condition = { type: "StatusUpdated", status: "True", reason: "E2E", message: "Set from an e2e test" };
  changed.status.conditions?.push(condition as never);
  const updated = await client.updateStatus(APIService, changed);
  assert.ok(updated.status.conditions?.some(({ reason }) => reason === "E2E"));
  assert.equal((await read()).status.conditions?.length, 2);

  await client.deleteCollection(APIService, { labelSelector: "apiservice=patched" });
  await assert.rejects(client.get(APIService, { name }), isNotFound);
  await until("flunders are gone", () => transport.request({ method: "GET", path }).then(() => false, isNotFound));
});

const notYet = (error: { status?: { code?: number } }): false => {
  assert.ok(error.status?.code === 503 || error.status?.code === 404, String(error));
  return false;
};
