/** StatefulSet, DaemonSet and ControllerRevision: defaults, refusals, columns. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeObject } from "../../../apimachinery/decode.ts";
import type { FieldError } from "../../../apimachinery/fieldErrors.ts";
import type { Kind } from "../../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../../apimachinery/meta.ts";
import { ControllerRevision } from "./controllerRevision.ts";
import { DaemonSet } from "./daemonSet.ts";
import { StatefulSet } from "./statefulSet.ts";

const says = (errors: readonly FieldError[] = []) => errors.map(({ field, message }) => `${field}: ${message}`);
const TEMPLATE = { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "c", image: "i" }] } };

function made<T extends KubernetesObject>(kind: Kind<T>, spec: object = {}, more: object = {}): T {
  const value = {
    apiVersion: "apps/v1",
    kind: kind.kind,
    metadata: { name: "web" },
    spec: { selector: { matchLabels: { app: "web" } }, template: TEMPLATE, ...spec },
    ...more,
  };
  const { object } = decodeObject(kind, value, { fieldValidation: "Strict" });
  kind.defaults?.(object);
  return object;
}

test("a StatefulSet is filled in with Kubernetes' defaults", () => {
  const claim = { metadata: { name: "data" }, spec: { accessModes: ["ReadWriteOnce"] } };
  const { spec } = made(StatefulSet, { volumeClaimTemplates: [claim] });
  const { template: _, selector: __, volumeClaimTemplates, ...rest } = spec;
  assert.deepEqual(rest, {
    replicas: 1,
    serviceName: "",
    podManagementPolicy: "OrderedReady",
    updateStrategy: { type: "RollingUpdate", rollingUpdate: { partition: 0 } },
    persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
    revisionHistoryLimit: 10,
  });
  const [filled] = volumeClaimTemplates!;
  assert.deepEqual(
    [filled?.kind, filled?.spec.volumeMode, filled?.status.phase],
    ["PersistentVolumeClaim", "Filesystem", "Pending"],
  );
});

test("a StatefulSet is refused for what cannot be", () => {
  const wrong = (spec: object) => says(StatefulSet.validate!(made(StatefulSet, spec)));
  const rolling = (rollingUpdate: object) => ({ updateStrategy: { type: "RollingUpdate", rollingUpdate } });
  assert.deepEqual(wrong(rolling({ partition: -1, maxUnavailable: 0 })), [
    "spec.updateStrategy.rollingUpdate.partition: Invalid value: -1: must be greater than or equal to 0",
    "spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: 0: cannot be 0",
  ]);
  assert.deepEqual(wrong(rolling({ maxUnavailable: "120%" })), [
    'spec.updateStrategy.rollingUpdate.maxUnavailable: Invalid value: "120%": must not be greater than 100%',
  ]);
  assert.deepEqual(wrong({ updateStrategy: { type: "OnDelete", rollingUpdate: { partition: 1 } } }), [
    'spec.updateStrategy.rollingUpdate: Invalid value: {"Partition":1,"MaxUnavailable":null}: only allowed for updateStrategy \'RollingUpdate\'',
  ]);
  assert.deepEqual(wrong({ ordinals: { start: -1 }, podManagementPolicy: "Sometimes" }), [
    "spec.podManagementPolicy: Invalid value: \"Sometimes\": must be 'OrderedReady' or 'Parallel'",
    "spec.ordinals.start: Invalid value: -1: must be greater than or equal to 0",
  ]);
});

test("of a StatefulSet that exists, only some things change", () => {
  const old = made(StatefulSet);
  const changed = made(StatefulSet, { replicas: 3, ordinals: { start: 2 }, minReadySeconds: 5 });
  assert.deepEqual(says(StatefulSet.validateUpdate!(changed, old)), []);
  const [refused] = says(StatefulSet.validateUpdate!(made(StatefulSet, { serviceName: "other" }), old));
  assert.match(refused ?? "", /^spec: Forbidden: updates to statefulset spec for fields other than 'replicas', /);
});

test("keeping every revision of a StatefulSet is allowed, and warned of", () => {
  const keepsAll = made(StatefulSet, { revisionHistoryLimit: -1 });
  assert.deepEqual(says(StatefulSet.validate!(keepsAll)), []);
  assert.match(StatefulSet.warnings!(keepsAll)[0] ?? "", /a negative value retains all historical revisions/);
});

test("a DaemonSet is filled in with Kubernetes' defaults", () => {
  const { spec } = made(DaemonSet);
  assert.deepEqual(spec.updateStrategy, { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 1, maxSurge: 0 } });
  assert.equal(spec.revisionHistoryLimit, 10);
  assert.equal(made(DaemonSet, { updateStrategy: { type: "OnDelete" } }).spec.updateStrategy.rollingUpdate, undefined);
});

test("a DaemonSet's update leaves a node without its Pod or gives it two, not both and not neither", () => {
  const wrong = (rollingUpdate: object) =>
    says(DaemonSet.validate!(made(DaemonSet, { updateStrategy: { type: "RollingUpdate", rollingUpdate } })));
  const at = "spec.updateStrategy.rollingUpdate";
  assert.deepEqual(wrong({ maxUnavailable: 1, maxSurge: "10%" }), [
    `${at}.maxSurge: Invalid value: "10%": may not be set when maxUnavailable is non-zero`,
  ]);
  assert.deepEqual(wrong({ maxUnavailable: 0, maxSurge: 0 }), [
    `${at}.maxUnavailable: Required value: cannot be 0 when maxSurge is 0`,
  ]);
  assert.deepEqual(wrong({ maxUnavailable: 0, maxSurge: "25%" }), []);
});

test("a DaemonSet's selector cannot be changed, nor be empty", () => {
  const selector = { matchLabels: { app: "web", more: "x" } };
  assert.deepEqual(says(DaemonSet.validateUpdate!(made(DaemonSet, { selector }), made(DaemonSet))), [
    'spec.selector: Invalid value: {"matchLabels":{"app":"web","more":"x"}}: field is immutable',
  ]);
  assert.deepEqual(says(DaemonSet.validate!(made(DaemonSet, { selector: {} }))), [
    "spec.selector: Invalid value: {}: empty selector is invalid for daemonset",
  ]);
});

test("a ControllerRevision's data is an object that never changes", () => {
  const revision = (data: unknown): ControllerRevision => {
    const ownerReferences = [{ apiVersion: "apps/v1", kind: "DaemonSet", name: "web", uid: "u", controller: true }];
    const value = { apiVersion: "apps/v1", kind: "ControllerRevision", metadata: { name: "web-1", ownerReferences } };
    return decodeObject(ControllerRevision, { ...value, data, revision: 1 }, { fieldValidation: "Strict" }).object;
  };
  assert.deepEqual(says(ControllerRevision.validate!(revision(undefined))), [
    "data: Required value: data is mandatory",
  ]);
  assert.deepEqual(says(ControllerRevision.validateUpdate!(revision({ a: 2 }), revision({ a: 1 }))), [
    'data: Invalid value: {"a":2}: field is immutable',
  ]);
  const cells = ControllerRevision.columns.map(({ value }) => value(revision({}), 0));
  assert.deepEqual(cells.slice(0, 3), ["web-1", "daemonset.apps/web", 1]);
});

test("tables count what there is", () => {
  const status = { replicas: 3, readyReplicas: 2, availableReplicas: 1 };
  const cells = (kind: Kind, object: KubernetesObject) => kind.columns.map(({ value }) => value(object, 0));
  const set = made(StatefulSet, { replicas: 3 }, { status });
  assert.deepEqual(cells(StatefulSet as Kind, set), ["web", "2/3", "<unknown>", "c", "i"]);
  const counts = { desiredNumberScheduled: 4, currentNumberScheduled: 3, numberReady: 2, numberMisscheduled: 0 };
  const template = { ...TEMPLATE, spec: { ...TEMPLATE.spec, nodeSelector: { disk: "ssd" } } };
  const daemon = made(
    DaemonSet,
    { template },
    { status: { ...counts, updatedNumberScheduled: 1, numberAvailable: 2 } },
  );
  assert.deepEqual(cells(DaemonSet as Kind, daemon), [
    ...["web", 4, 3, 2, 1, 2, "disk=ssd", "<unknown>"],
    ...["c", "i", "app=web"],
  ]);
});
