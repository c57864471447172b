/** Sentences of Kubernetes' conformance suite that are about HTTP: headers, bodies, documents, whom a client is. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, type Http, openHttp } from "../testHttp.ts";

const json = (answer: Answer) => JSON.parse(answer.body.toString());
const JSON_BODY = { "content-type": "application/json" };
const STRICT = "/apis/apps/v1/namespaces/default/deployments?fieldManager=field_validation_mgr&fieldValidation=Strict";

/** A Deployment as text, so that it can say things twice. */
const deployment = (metadata: string, spec: string) => `{
  "apiVersion": "apps/v1",
  "kind": "Deployment",
  "metadata": { "name": "my-dep", ${metadata} "labels": {"app": "nginx"} },
  "spec": {
    ${spec}
    "selector": { "matchLabels": { "app": "nginx" } },
    "template": {
      "metadata": { "labels": { "app": "nginx" } },
      "spec": { "containers": [{ "name": "nginx", "image": "nginx:latest" }] }
    }
  }
}`;

test("[sig-api-machinery] FieldValidation should detect unknown and duplicate fields of a typed object [Conformance]", async (t) => {
  const http = await openHttp(t);
  const body = deployment("", '"unknownField": "foo", "replicas": 2, "replicas": 3,');
  const refused = await http.ask("POST", STRICT, { headers: JSON_BODY, body });
  assert.equal(refused.status, 400);
  assert.match(
    json(refused).message,
    /strict decoding error: unknown field "spec\.unknownField", duplicate field "spec\.replicas"/,
  );
});

test("[sig-api-machinery] FieldValidation should detect unknown metadata fields of a typed object [Conformance]", async (t) => {
  const http = await openHttp(t);
  const body = deployment('"unknownMeta": "foo",', "");
  const refused = await http.ask("POST", STRICT, { headers: JSON_BODY, body });
  assert.equal(refused.status, 400);
  assert.match(json(refused).message, /strict decoding error: unknown field "metadata\.unknownMeta"/);
});

test("[sig-api-machinery] Servers with support for Table transformation should return a 406 for a backend which does not implement metadata [Conformance]", async (t) => {
  const http = await openHttp(t);
  const review = { kind: "SelfSubjectAccessReview", apiVersion: "authorization.k8s.io/v1" };
  const body = JSON.stringify({ ...review, spec: { nonResourceAttributes: { path: "/", verb: "get" } } });
  const headers = { ...JSON_BODY, accept: "application/json;as=Table;v=v1;g=meta.k8s.io" };
  const refused = await http.ask("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", { headers, body });
  assert.equal(refused.status, 406);
  assert.equal(json(refused).code, 406);
});

test("[sig-api-machinery] server version should find the server version [Conformance]", async (t) => {
  const http = await openHttp(t);
  const { major, minor } = json(await http.ask("GET", "/version"));
  assert.match(major, /^[1-9]\d*$/);
  assert.match(minor, /^\d+$/);
});

test("[sig-api-machinery] Discovery should validate PreferredVersion for each APIGroup [Conformance]", async (t) => {
  const http = await openHttp(t);
  const { groups } = json(await http.ask("GET", "/apis/"));
  assert.ok(groups.length > 0);
  for (const { name } of groups) {
    const { versions, preferredVersion } = json(await http.ask("GET", `/apis/${name}/`));
    const known = versions.map(({ groupVersion }: { groupVersion: string }) => groupVersion);
    assert.ok(known.includes(preferredVersion.groupVersion), name);
  }
});

async function serviceAccount(http: Http, name: string): Promise<string> {
  const body = JSON.stringify({ metadata: { name } });
  const made = await http.ask("POST", "/api/v1/namespaces/default/serviceaccounts", { headers: JSON_BODY, body });
  assert.equal(made.status, 201);
  return `system:serviceaccount:default:${name}`;
}

test("[sig-auth] ServiceAccounts should create a serviceAccountToken and ensure a successful TokenReview [Conformance]", async (t) => {
  const http = await openHttp(t);
  const user = await serviceAccount(http, "e2e-sa");
  const post = async (path: string, spec: object) => {
    const answer = await http.ask("POST", path, { headers: JSON_BODY, body: JSON.stringify({ spec }) });
    assert.equal(answer.status, 201);
    return json(answer).status;
  };
  const { token } = await post("/api/v1/namespaces/default/serviceaccounts/e2e-sa/token", {});
  assert.ok(token);
  const { error, ...status } = await post("/apis/authentication.k8s.io/v1/tokenreviews", { token });
  assert.equal(error, undefined);
  assert.equal(status.authenticated, true);
  assert.equal(status.user.username, user);
});

test("[sig-auth] SubjectReview should support SubjectReview API operations [Conformance]", async (t) => {
  const http = await openHttp(t);
  const user = await serviceAccount(http, "e2e");
  const reviews = async (namespace: string, verb: string) => {
    const spec = { user, resourceAttributes: { verb, resource: "configmaps", namespace, version: "v1" } };
    const local = { metadata: { namespace }, spec };
    const asked: [path: string, body: object][] = [
      ["/apis/authorization.k8s.io/v1/subjectaccessreviews", { spec }],
      [`/apis/authorization.k8s.io/v1/namespaces/${namespace}/localsubjectaccessreviews`, local],
    ];
    const answers = asked.map(([path, body]) =>
      http.ask("POST", path, { headers: JSON_BODY, body: JSON.stringify(body) }),
    );
    return (await Promise.all(answers)).map((answer) => json(answer).status.allowed);
  };
  const list = async () => {
    const headers = { "impersonate-user": user };
    return (await http.ask("GET", "/api/v1/namespaces/default/configmaps", { headers })).status;
  };
  assert.deepEqual([await list(), ...(await reviews("default", "list"))], [403, false, false]);
  const rbac = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "RoleBinding", metadata: { name: "viewer" } };
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "view" };
  const subjects = [{ kind: "ServiceAccount", name: "e2e", namespace: "default" }];
  const path = "/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings";
  const body = JSON.stringify({ ...rbac, roleRef, subjects });
  assert.equal((await http.ask("POST", path, { headers: JSON_BODY, body })).status, 201);
  assert.deepEqual([await list(), ...(await reviews("default", "list"))], [200, true, true]);
  assert.deepEqual(await reviews("default", "delete"), [false, false]);
});
