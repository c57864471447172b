/** Field ownership against recorded answers of Kubernetes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Kind } from "../apimachinery/kind.ts";
import { applyObject, trackUpdate } from "../apimachinery/managedFields/index.ts";
import type { KubernetesObject, ManagedFieldsEntry } from "../apimachinery/meta.ts";
import { StatusError } from "../apimachinery/status.ts";
import { allQuestions, type Question, settled, skip, storedObject } from "./differential.ts";
import { allKinds } from "./index.ts";

const MANAGER = "differential";

function kindOf(body: unknown): Kind | undefined {
  const { apiVersion, kind } = (body ?? {}) as Partial<KubernetesObject>;
  return allKinds.find((known) => known.kind === kind && known.apiVersion === apiVersion);
}

function asked(id: RegExp): Question[] {
  return (allQuestions() ?? []).filter((question) => id.test(question.id));
}

const shown = (entries: readonly ManagedFieldsEntry[] | undefined) => (entries ?? []).map((entry) => settled(entry));

test("server-side apply answers as recorded: objects, owners, conflicts", { skip }, () => {
  // What validation refuses, once applied, is not an affair of ownership.
  const questions = asked(/\/apply\/(?!no-manager)/).filter(
    ({ body, expect }) => kindOf(body) !== undefined && expect.code !== 422,
  );
  assert.ok(questions.length > 30);
  for (const question of questions) {
    const kind = kindOf(question.body)!;
    const want = question.expect.body as KubernetesObject & { message?: string };
    const force = question.path.includes("force=true");
    try {
      const { object } = applyObject({
        kind,
        live: storedObject(question),
        applied: question.body,
        manager: "alice",
        force,
        now: 0,
      });
      assert.deepEqual(shown(object.metadata.managedFields), shown(want.metadata.managedFields), question.id);
      assert.deepEqual(settled(object.metadata.labels), settled(want.metadata.labels), question.id);
    } catch (error) {
      if (!(error instanceof StatusError)) throw error;
      assert.equal(error.message, want.message, question.id);
    }
  }
});

test("creators own what recorded creators own", { skip }, () => {
  // Not Pods and Services: what the server fills in for those shows in the answer, but was never the creator's.
  const questions = asked(
    /^(ConfigMap|Secret|Role|RoleBinding|ClusterRoleBinding|Lease|ReplicaSet|Deployment)\..*\/create\//,
  );
  let count = 0;
  for (const { id, expect } of questions) {
    const kind = kindOf(expect.body);
    if (expect.code !== 201 || kind === undefined) continue;
    if (/rules(\.0)?\/(empty|removed)$/.test(id)) continue; // answered as null, but owned: the store loses empty lists
    const updated = structuredClone(expect.body) as KubernetesObject & { status?: unknown };
    const want = updated.metadata.managedFields;
    delete updated.metadata.managedFields;
    const have = trackUpdate({ kind, live: undefined, updated, manager: MANAGER, now: 0 });
    assert.deepEqual(shown(have), shown(want), id);
    count++;
  }
  assert.ok(count > 50, `only ${count} compared`);
});

test("patches hand fields over as recorded", { skip }, () => {
  const questions = asked(/^(ConfigMap|Secret|Role|RoleBinding|ReplicaSet|Lease|EndpointSlice)\..*\/(patch|update)\//);
  let count = 0;
  for (const question of questions) {
    const { id, expect } = question;
    const kind = kindOf(expect.body);
    const live = storedObject(question);
    if (expect.code !== 200 || kind === undefined || live === undefined) continue;
    live.metadata.uid = "known";
    const updated = structuredClone(expect.body) as KubernetesObject;
    const want = updated.metadata.managedFields;
    delete updated.metadata.managedFields;
    assert.deepEqual(shown(trackUpdate({ kind, live, updated, manager: MANAGER, now: 0 })), shown(want), id);
    count++;
  }
  assert.ok(count > 30, `only ${count} compared`);
});
