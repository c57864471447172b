import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { APIService } from "../../api/apiregistration/v1/index.ts";
import { servedKinds } from "../../api/index.ts";
import { localServices } from "./localServices.ts";

const facts = join(import.meta.dirname, "../../../../shared/upstream/bootstrap.json");
const skip = !existsSync(facts) && "what a fresh Kubernetes holds is not here";

test("registers its own groups as Kubernetes does", { skip }, () => {
  const theirs = JSON.parse(readFileSync(facts, "utf8"))["/apis/apiregistration.k8s.io/v1/apiservices"] as APIService[];
  const ours = localServices(servedKinds).map(({ object }) => object as APIService);
  assert.ok(ours.length > 10);
  for (const { metadata, spec } of ours) {
    const expected = theirs.find((one) => one.metadata.name === metadata.name);
    // Kubernetes serves its betas when it is told to; the recorded one was not
    if (expected === undefined && /beta/.test(spec.version ?? "")) continue;
    assert.deepEqual({ spec, labels: metadata.labels }, { spec: expected?.spec, labels: expected?.metadata.labels });
  }
});
