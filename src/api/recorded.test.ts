/** Kinds against recorded answers of Kubernetes: what their declarations alone decide. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Kind } from "../apimachinery/kind.ts";
import type { KubernetesObject } from "../apimachinery/meta.ts";
import { applyJsonPatch } from "../apimachinery/patch/json.ts";
import { applyMergePatch } from "../apimachinery/patch/merge.ts";
import { applyStrategicPatch } from "../apimachinery/patch/strategic.ts";
import {
  type Answer,
  answerByKind,
  answerUpdateByKind,
  compareAnswers,
  createQuestions,
  type Question,
  questions,
  skip,
  storedObject,
  verdictOf,
} from "./differential.ts";
import { allKinds } from "./index.ts";

/** The share of questions that must be answered alike. */
const LEAST = 0.95;

const KINDS = [
  "Deployment.apps",
  "ReplicaSet.apps",
  "DaemonSet.apps",
  "StatefulSet.apps",
  "ControllerRevision.apps",
  "PodDisruptionBudget.policy",
  "ReplicationController.v1",
  "PodTemplate.v1",
  "Role.rbac",
  "RoleBinding.rbac",
  "ClusterRole.rbac",
  "ClusterRoleBinding.rbac",
  "EndpointSlice.discovery",
  "Lease.coordination",
  "CronJob.batch",
  "Event.events",
  "PriorityClass.scheduling",
  "RuntimeClass.node",
  "Ingress.networking",
  "IngressClass.networking",
  "NetworkPolicy.networking",
  "IPAddress.networking",
  "HorizontalPodAutoscaler.autoscaling",
  "StorageClass.storage",
  "VolumeAttachment.storage",
  "CSIDriver.storage",
  "DeviceClass.resource",
  "ResourceClaim.resource",
  "DeviceClass.resource",
  "ResourceClaim.resource",
];

function kindOf({ apiVersion, kind }: KubernetesObject): Kind {
  const found = allKinds.find((known) => known.kind === kind && known.apiVersion === apiVersion);
  assert.ok(found, `${apiVersion} ${kind} is not declared`);
  return found;
}

/** The kind that a question's name begins with: `Deployment.apps.v1.base`. */
function kindAsked({ id }: Question): Kind {
  const found = allKinds.find((kind) => id.startsWith(`${kind.kind}.${kind.apiVersion.replace("/", ".")}.`));
  assert.ok(found, `${id} is about no declared kind`);
  return found;
}

/** Holds every answer against the recorded one, and says where they part. */
function holds(asked: readonly Question[], answer: (question: Question) => Answer): void {
  const different: string[] = [];
  for (const question of asked) {
    const have = answer(question);
    if (!compareAnswers(question, have).body) {
      different.push(
        `${question.id}: ${JSON.stringify(verdictOf(question.expect))}, not ${JSON.stringify(verdictOf(have))}`,
      );
    }
  }
  assert.ok(asked.length > 0, "no questions");
  assert.ok(
    different.length <= asked.length * (1 - LEAST),
    `${different.length} of ${asked.length} differ:\n${different.join("\n")}`,
  );
}

for (const name of KINDS) {
  test(`${name}: new objects are accepted, defaulted and refused as recorded`, { skip }, () => {
    holds(createQuestions(name), (question) => answerByKind(kindAsked(question), question));
  });
}

/** Left to the server: names in the path, conflicts, rules of metadata, and whom to blame for what is no such object. */
const SERVERSIDE =
  /patch\/(unknown-type|merge\/(rename|stale|uid|finalizer|owner)|strategic\/(retain|containers|delete-container))$|update\/metadata(\.name)?\/|update\/.*([tT]ime|podFixed\.cpu)\/changed$/;

function patched({ type, body }: Question, live: KubernetesObject): unknown {
  if (type === "application/json-patch+json") return applyJsonPatch(live, body);
  if (type === "application/merge-patch+json") return applyMergePatch(live, body);
  return applyStrategicPatch(kindOf(live).schema, live, body);
}

interface Table {
  kind: string;
  columnDefinitions: { name: string; type: string; format: string; priority: number }[];
  rows: { cells: unknown[]; object: KubernetesObject }[];
}

test("tables have the recorded columns and cells", { skip }, () => {
  const asked = KINDS.flatMap((name) => questions(name, "get")).filter(({ id }) => id.endsWith("/get/table"));
  for (const question of asked) {
    const { columnDefinitions, rows } = question.expect.body as Table;
    const stored = storedObject(question)!;
    const { columns } = kindOf(stored);
    const shape = columns.map(({ name, type, format = "", priority = 0 }) => ({ name, type, format, priority }));
    assert.deepEqual(
      shape,
      columnDefinitions.map(({ name, type, format, priority }) => ({ name, type, format, priority })),
      question.id,
    );
    const cells = columns.map(({ name, value }, i) => (isTime(name) ? rows[0]?.cells[i] : value(stored, 0)));
    assert.deepEqual(cells, rows[0]?.cells, question.id);
  }
});

const isTime = (column: string): boolean => column === "Age" || column === "Created At" || column.endsWith(" Seen");

/** What controllers write comes when it comes. */
function settledAnswer({ code, body }: Answer): Answer {
  const { status: _, ...rest } = structuredClone(body) as KubernetesObject & { status?: unknown };
  if (rest.kind === "Status") return { code, body };
  delete rest.metadata.annotations;
  return { code, body: rest };
}

for (const name of KINDS) {
  test(`${name}: patches come out as recorded`, { skip }, () => {
    const asked = [...questions(name, "update"), ...questions(name, "patch")]
      .filter(({ id }) => !SERVERSIDE.test(id) && !id.includes("json/"))
      .map((question) => ({ ...question, expect: settledAnswer(question.expect) }));
    holds(asked, (question) => {
      const live = storedObject(question);
      assert.ok(live);
      return settledAnswer(answerUpdateByKind(kindOf(live), patched(question, live), live));
    });
  });
}
