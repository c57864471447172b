import assert from "node:assert/strict";
import { test } from "node:test";
import { Pod } from "../../api/core/v1/index.ts";
import { normalize } from "../../apimachinery/decode.ts";
import { deepFreeze } from "../../apimachinery/freeze.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import type { Call } from "../pipeline/call.ts";
import { applyPatch, type PatchKind } from "./patch.ts";

const live = deepFreeze(
  normalize(Pod.schema, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "web", namespace: "default", labels: { app: "web" } },
    spec: { containers: [{ name: "main", image: "app:1" }], restartPolicy: "Always" },
    status: { phase: "Running" },
  }),
) as unknown as Pod;

function patched(type: Exclude<PatchKind, "apply">, patch: unknown): { pod: Pod; warnings: string[] } {
  const call = { warnings: [] as string[] } as unknown as Call;
  const object = applyPatch(call, Pod as never, type, patch, live as unknown as KubernetesObject, "Warn");
  return { pod: object as unknown as Pod, warnings: call.warnings };
}

const PATCHES = {
  merge: { metadata: { labels: { tier: "front" } } },
  strategic: { metadata: { labels: { tier: "front" } } },
  json: [{ op: "add", path: "/metadata/labels/tier", value: "front" }],
} as const;

for (const type of ["merge", "strategic", "json"] as const) {
  test(`a ${type} patch of the labels leaves everything else as it was, and it may be changed further`, () => {
    const { pod } = patched(type, PATCHES[type]);
    assert.deepEqual(pod.metadata.labels, { app: "web", tier: "front" });
    assert.deepEqual(pod.spec, live.spec);
    assert.deepEqual(pod.status, live.status);
    assert.deepEqual(Object.keys(pod).slice(0, 3), ["apiVersion", "kind", "metadata"]);
    pod.spec.containers[0]!.image = "app:2";
    assert.equal(live.spec.containers[0]!.image, "app:1");
  });
}

test("what a patch touches is read by the schema", () => {
  const { pod, warnings } = patched("merge", { spec: { restartPolicy: "Never", bogus: 1 } });
  assert.equal(pod.spec.restartPolicy, "Never");
  assert.deepEqual(warnings, ['unknown field "spec.bogus"']);
  assert.deepEqual(pod.status, live.status);
  assert.throws(() => patched("merge", { status: { phase: 7 } }), /cannot unmarshal number/);
});

test("a part that a patch takes away is gone", () => {
  const { pod } = patched("json", [{ op: "remove", path: "/status/phase" }]);
  assert.equal(pod.status.phase, undefined);
  assert.deepEqual(pod.spec, live.spec);
});
