import assert from "node:assert/strict";
import { test } from "node:test";
import { parseRequestInfo } from "./requestInfo.ts";

function words(method: string, target: string): string {
  const [path = "", query = ""] = target.split("?");
  const info = parseRequestInfo(method, path, new URLSearchParams(query));
  if (!info.isResource) return `${info.verb} ${info.path}`;
  const { verb, group, version, namespace, resource, name, subresource, rest } = info;
  return [verb, `${group}/${version}`, namespace || "-", resource, name || "-", subresource || "-", rest || "-"].join(
    " ",
  );
}

const cases: [string, string, string][] = [
  ["GET", "/version", "get /version"],
  ["GET", "/api/v1", "get /api/v1"],
  ["GET", "/apis/apps/v1", "get /apis/apps/v1"],
  ["GET", "/api/v1/nodes", "list /v1 - nodes - - -"],
  ["GET", "/api/v1/nodes?watch=1", "watch /v1 - nodes - - -"],
  ["GET", "/api/v1/watch/nodes", "watch /v1 - nodes - - -"],
  ["GET", "/api/v1/namespaces/a", "get /v1 a namespaces a - -"],
  ["PUT", "/api/v1/namespaces/a/finalize", "update /v1 a namespaces a finalize -"],
  ["GET", "/api/v1/namespaces/a/pods", "list /v1 a pods - - -"],
  ["POST", "/api/v1/namespaces/a/pods", "create /v1 a pods - - -"],
  ["DELETE", "/api/v1/namespaces/a/pods", "deletecollection /v1 a pods - - -"],
  ["GET", "/api/v1/namespaces/a/pods/p/log", "get /v1 a pods p log -"],
  ["GET", "/api/v1/nodes/n/proxy/stats/summary", "get /v1 - nodes n proxy stats/summary"],
  ["PATCH", "/apis/apps/v1/namespaces/a/deployments/d/status", "patch apps/v1 a deployments d status -"],
  ["GET", "/api/v1/pods?fieldSelector=metadata.name%3Dp", "list /v1 - pods p - -"],
  ["GET", "/api/v1/namespaces/a/services/http%3Aweb%3A80/proxy", "get /v1 a services http:web:80 proxy -"],
];

for (const [method, target, expected] of cases) {
  test(`${method} ${target} asks to ${expected}`, () => assert.equal(words(method, target), expected));
}

test("a path that is wrongly escaped is refused", () => {
  assert.throws(() => words("GET", "/api/v1/pods/%zz"), { message: /invalid URL escape/ });
});
