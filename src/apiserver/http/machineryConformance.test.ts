/** Sentences of Kubernetes' conformance suite about the API machinery that are about HTTP: headers, bodies, documents. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, openHttp } from "../testHttp.ts";

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
