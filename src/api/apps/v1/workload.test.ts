import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeObject } from "../../../apimachinery/decode.ts";
import type { FieldError } from "../../../apimachinery/fieldErrors.ts";
import { deepFreeze } from "../../../apimachinery/freeze.ts";
import type { Kind } from "../../../apimachinery/kind.ts";
import { DaemonSet } from "./daemonSet.ts";
import { Deployment } from "./deployment.ts";
import { ReplicaSet } from "./replicaSet.ts";
import { StatefulSet } from "./statefulSet.ts";

const says = (errors: readonly FieldError[]) => errors.map(({ field, message }) => `${field}: ${message}`);

function deployment(spec: object = {}, status: object = {}): Deployment {
  const template = { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image: "i" }] } };
  const value = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name: "web", namespace: "default" },
    spec: { selector: { matchLabels: { app: "web" } }, template, ...spec },
    status,
  };
  const { object } = decodeObject(Deployment, value, { fieldValidation: "Strict" });
  Deployment.defaults?.(object);
  return object;
}

test("a Deployment is filled in with Kubernetes' defaults", () => {
  const { spec } = deployment();
  assert.equal(spec.replicas, 1);
  assert.equal(spec.revisionHistoryLimit, 10);
  assert.equal(spec.progressDeadlineSeconds, 600);
  assert.deepEqual(spec.strategy, { type: "RollingUpdate", rollingUpdate: { maxUnavailable: "25%", maxSurge: "25%" } });
  assert.equal(spec.template.spec.restartPolicy, "Always");
  assert.equal(spec.template.spec.containers[0]?.imagePullPolicy, "Always");
});

test("Recreate gets no rolling update, and may not have one", () => {
  assert.equal(deployment({ strategy: { type: "Recreate" } }).spec.strategy.rollingUpdate, undefined);
  const both = deployment({ strategy: { type: "Recreate", rollingUpdate: {} } });
  assert.deepEqual(says(Deployment.validate!(both)), [
    "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
  ]);
});

test("a rolling update must be able to move", () => {
  const rolling = (rollingUpdate: object) =>
    says(Deployment.validate!(deployment({ strategy: { type: "RollingUpdate", rollingUpdate } })));
  assert.deepEqual(rolling({ maxSurge: 0, maxUnavailable: "0%" }), [
    'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "0%": may not be 0 when `maxSurge` is 0',
  ]);
  assert.deepEqual(rolling({ maxSurge: 1, maxUnavailable: "101%" }), [
    'spec.strategy.rollingUpdate.maxUnavailable: Invalid value: "101%": must not be greater than 100%',
  ]);
  assert.deepEqual(rolling({ maxSurge: "200%", maxUnavailable: 0 }), []);
});

test("Pods of a Deployment always restart", () => {
  const template = {
    metadata: { labels: { app: "web" } },
    spec: { restartPolicy: "Never", activeDeadlineSeconds: 5, containers: [{ name: "c", image: "i" }] },
  };
  assert.deepEqual(says(Deployment.validate!(deployment({ template }))), [
    'spec.template.spec.restartPolicy: Unsupported value: "Never": supported values: "Always"',
    "spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported",
  ]);
});

test("a selector cannot be changed", () => {
  const changed = deployment({ selector: { matchLabels: { app: "web", more: "x" } } });
  assert.deepEqual(says(Deployment.validateUpdate!(changed, deployment())), [
    'spec.selector: Invalid value: {"matchLabels":{"app":"web","more":"x"}}: field is immutable',
  ]);
});

test("a status must add up", () => {
  const status = deployment(
    {},
    { replicas: 1, readyReplicas: 1, availableReplicas: 2, updatedReplicas: 3, collisionCount: 1 },
  );
  const old = deployment({}, { collisionCount: 2 });
  assert.deepEqual(says(Deployment.validateStatusUpdate!(status, old)), [
    "status.updatedReplicas: Invalid value: 3: cannot be greater than status.replicas",
    "status.availableReplicas: Invalid value: 2: cannot be greater than status.replicas",
    "status.availableReplicas: Invalid value: 2: cannot be greater than readyReplicas",
    "status.collisionCount: Invalid value: 1: cannot be decremented",
  ]);
});

test("a ReplicaSet's status must add up", () => {
  const value = {
    apiVersion: "apps/v1",
    kind: "ReplicaSet",
    metadata: { name: "web" },
    status: { replicas: 1, fullyLabeledReplicas: 2, readyReplicas: -1 },
  };
  const { object } = decodeObject(ReplicaSet, value, { fieldValidation: "Strict" });
  assert.deepEqual(says(ReplicaSet.validateStatusUpdate!(object, object)), [
    "status.readyReplicas: Invalid value: -1: must be greater than or equal to 0",
    "status.fullyLabeledReplicas: Invalid value: 2: cannot be greater than status.replicas",
    "status.availableReplicas: Invalid value: 0: cannot be greater than readyReplicas",
  ]);
});

test("tables show what is ready, and the template with -o wide", () => {
  const object = deployment(
    { replicas: 3 },
    { replicas: 3, readyReplicas: 2, updatedReplicas: 3, availableReplicas: 1 },
  );
  object.metadata.creationTimestamp = "2026-01-01T00:00:00Z";
  const now = Date.UTC(2026, 0, 1, 0, 5);
  assert.deepEqual(
    Deployment.columns.map(({ value }) => value(object, now)),
    ["web", "2/3", 3, 1, "5m", "c", "i", "app=web"],
  );
});

test("defaults that are filled in already are not written again: the rest of an object may be frozen", () => {
  const template = { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image: "i" }] } };
  const claim = { metadata: { name: "data" }, spec: { resources: { requests: { storage: "1Gi" } } } };
  const spec = { selector: { matchLabels: { app: "web" } }, template };
  for (const [kind, more] of [
    [Deployment, {}],
    [ReplicaSet, {}],
    [DaemonSet, {}],
    [StatefulSet, { volumeClaimTemplates: [claim] }],
  ] as const) {
    const value = { apiVersion: "apps/v1", kind: kind.kind, metadata: { name: "web" }, spec: { ...spec, ...more } };
    const { object } = decodeObject(kind as Kind, value, { fieldValidation: "Strict" });
    kind.defaults?.(object as never);
    deepFreeze(object);
    assert.doesNotThrow(() => kind.defaults?.(object as never), kind.kind);
  }
});
