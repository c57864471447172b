import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeObject } from "../../../apimachinery/decode.ts";
import type { FieldError } from "../../../apimachinery/fieldErrors.ts";
import { Job } from "./job.ts";
import type { JobSpec, JobStatus } from "./jobMessages.ts";

const UID = "b9f2b3a0-6f2e-4f0e-9d2e-000000000001";
const LABELS = {
  "controller-uid": UID,
  "job-name": "j",
  "batch.kubernetes.io/controller-uid": UID,
  "batch.kubernetes.io/job-name": "j",
};

/** A Job as the server has it: with its selector and defaults. */
function stored(spec: Partial<JobSpec> = {}, status: Partial<JobStatus> = {}): Job {
  const template = {
    metadata: { labels: LABELS },
    spec: { restartPolicy: "Never", containers: [{ name: "main", image: "example/work:1" }] },
  };
  const selector = { matchLabels: { "batch.kubernetes.io/controller-uid": UID } };
  const body = {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "j", namespace: "default", uid: UID },
    spec: { template, selector, ...spec },
    status,
  };
  const { object } = decodeObject(Job, body, { fieldValidation: "Strict" });
  Job.defaults!(object);
  return object;
}
const texts = (errors: readonly FieldError[]) => errors.map(({ field, message }) => `${field}: ${message}`);
const changed = (old: Job, change: (job: Job) => void): string[] => {
  const now = structuredClone(old);
  change(now);
  return texts([...Job.validate!(now), ...Job.validateUpdate!(now, old)]);
};

test("a complete Job is valid, and knows its defaults", () => {
  const job = stored();
  assert.deepEqual(texts(Job.validate!(job)), []);
  const { parallelism, completions, backoffLimit, completionMode, podReplacementPolicy, suspend } = job.spec;
  assert.deepEqual(
    [parallelism, completions, backoffLimit, completionMode, podReplacementPolicy, suspend],
    [1, 1, 6, "NonIndexed", "TerminatingOrFailed", false],
  );
  assert.deepEqual(job.metadata.labels, LABELS);
});

test("a template stays as it is, but where its Pods go may change while a Job has not begun", () => {
  const move = ({ spec }: Job) => {
    spec.template.spec.nodeSelector = { disk: "ssd" };
    spec.template.spec.containers[0]!.resources = { requests: { cpu: "1" } };
  };
  assert.match(changed(stored(), move)[0]!, /^spec\.template: Invalid value: .*: field is immutable$/);
  assert.deepEqual(changed(stored({ suspend: true }), move), []);
  const other = ({ spec }: Job) => {
    spec.template.spec.containers[0]!.image = "example/work:2";
  };
  assert.match(changed(stored({ suspend: true }), other)[0]!, /field is immutable$/);
});

test("completions change only in Indexed Jobs, together with parallelism", () => {
  const grow = (parallelism: number) => (job: Job) => {
    job.spec.completions = 5;
    job.spec.parallelism = parallelism;
  };
  assert.deepEqual(changed(stored({ completions: 3 }), grow(5)), [
    "spec.completions: Invalid value: 5: field is immutable",
  ]);
  const indexed = stored({ completionMode: "Indexed", completions: 3, parallelism: 3 });
  assert.deepEqual(changed(indexed, grow(5)), []);
  assert.deepEqual(changed(indexed, grow(3)), [
    "spec.completions: Invalid value: 5: can only be modified in tandem with spec.parallelism",
  ]);
});

test("a selector is the server's to make unless its author says otherwise", () => {
  const selector = { matchLabels: { app: "mine" } };
  const template = { ...stored().spec.template, metadata: { labels: { ...LABELS, app: "mine" } } };
  assert.deepEqual(texts(Job.validate!(stored({ selector, template }))), [
    'spec.selector: Invalid value: {"matchLabels":{"app":"mine"}}: `selector` not auto-generated',
  ]);
  const manual = { ...template, metadata: { labels: { app: "mine" } } };
  assert.deepEqual(texts(Job.validate!(stored({ selector, template: manual, manualSelector: true }))), []);
});

test("a name must be of a controller with a domain", () => {
  assert.deepEqual(texts(Job.validate!(stored({ managedBy: "example.com/batch" }))), []);
  assert.match(texts(Job.validate!(stored({ managedBy: "batch" })))[0]!, /must be a domain-prefixed path/);
});

const at = "2030-01-01T00:00:00Z";
const condition = (type: string, status = "True") =>
  ({ type, status, lastProbeTime: at, lastTransitionTime: at }) as NonNullable<JobStatus["conditions"]>[number];

test("a status must be told in order, and contradict neither itself nor what was said before", () => {
  const say = (status: Partial<JobStatus>, before: Partial<JobStatus> = {}, spec: Partial<JobSpec> = {}) =>
    texts(Job.validateStatusUpdate!(stored(spec, status), stored(spec, before)));
  const finished = { startTime: at, completionTime: at };
  assert.deepEqual(say({ conditions: [condition("SuccessCriteriaMet"), condition("Complete")], ...finished }), []);
  assert.deepEqual(say({ conditions: [condition("Complete")], ...finished }), [
    "status.conditions: Invalid value: cannot set Complete=True condition without the SuccessCriteriaMet=true condition",
  ]);
  assert.deepEqual(say({ conditions: [condition("Failed")], startTime: at }), [
    "status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition",
  ]);
  assert.deepEqual(say({}, { conditions: [condition("FailureTarget")] }), [
    "status.conditions: Invalid value: cannot disable the terminal FailureTarget=True condition",
  ]);
  assert.deepEqual(say({ failed: 1 }, { failed: 2 }), [
    "status.failed: Invalid value: 1: cannot decrease the failed counter",
  ]);
  assert.deepEqual(say({ completedIndexes: "0" }), [
    'status.completedIndexes: Invalid value: "0": cannot set non-empty completedIndexes when non-indexed completion mode',
  ]);
  const indexed = { completionMode: "Indexed", completions: 4, parallelism: 2, backoffLimitPerIndex: 1 };
  assert.deepEqual(say({ completedIndexes: "0,1", failedIndexes: "1", succeeded: 2 }, {}, indexed), [
    'status.failedIndexes: Invalid value: "1": failedIndexes and completedIndexes overlap at index: 1',
  ]);
  assert.deepEqual(say({ startTime: "2030-01-01T00:00:01Z" }, { startTime: at }), [
    'status.startTime: Invalid value: "2030-01-01T00:00:01Z": startTime cannot be updated for unsuspended job',
  ]);
  assert.deepEqual(say({ ready: 2, active: 1 }), [
    "status.ready: Invalid value: 2: cannot set more ready pods than active",
  ]);
});
