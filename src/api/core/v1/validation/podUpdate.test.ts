import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeObject } from "../../../../apimachinery/decode.ts";
import { invalid } from "../../../../apimachinery/errors.ts";
import { applyJsonPatch } from "../../../../apimachinery/patch/json.ts";
import { applyMergePatch } from "../../../../apimachinery/patch/merge.ts";
import { allQuestions, answerCreate, compareAnswers, type Question, questions, skip } from "../../../differential.ts";
import { Pod, validatePodEphemeralContainersUpdate, validatePodResize } from "../index.ts";

const made = (spec: object, status: object = {}): Pod => {
  const body = { metadata: { name: "p" }, spec: { containers: [{ name: "c", image: "i:1" }], ...spec }, status };
  const { object } = decodeObject(Pod, body, { fieldValidation: "Strict" });
  Pod.defaults!(object);
  return object;
};
const texts = (errors: readonly { field: string; message: string }[]) =>
  errors.map(({ field, message }) => `${field}: ${message.split("\n")[0]}`);
const update = (spec: object, old: object) => texts(Pod.validateUpdate!(made(spec), made(old)));

test("an image may change, the number of containers may not", () => {
  assert.deepEqual(update({ containers: [{ name: "c", image: "i:2" }] }, {}), []);
  const two = [
    { name: "c", image: "i:1" },
    { name: "d", image: "i:1" },
  ];
  assert.deepEqual(update({ containers: two }, {}), [
    "spec.containers: Forbidden: pod updates may not add or remove containers",
  ]);
});

test("a deadline may come closer, not go away", () => {
  assert.deepEqual(update({ activeDeadlineSeconds: 5 }, { activeDeadlineSeconds: 10 }), []);
  assert.deepEqual(update({ activeDeadlineSeconds: 11 }, { activeDeadlineSeconds: 10 }), [
    "spec.activeDeadlineSeconds: Invalid value: 11: must be less than or equal to previous value",
  ]);
});

test("tolerations may be added, and gates taken away", () => {
  const tolerations = [{ key: "a", operator: "Exists" }];
  assert.deepEqual(update({ tolerations }, {}), []);
  assert.deepEqual(update({}, { tolerations }), [
    "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds",
  ]);
  const schedulingGates = [{ name: "example.com/g" }];
  assert.deepEqual(update({}, { schedulingGates }), []);
  assert.match(update({ schedulingGates }, {})[0]!, /only deletion is allowed/);
});

test("a gated Pod may be narrowed to fewer nodes", () => {
  const gated = { schedulingGates: [{ name: "example.com/g" }] };
  assert.deepEqual(update({ ...gated, nodeSelector: { a: "1", b: "2" } }, { ...gated, nodeSelector: { a: "1" } }), []);
  assert.match(update({ ...gated, nodeSelector: {} }, { ...gated, nodeSelector: { a: "1" } })[0]!, /only additions/);
});

test("a refused change shows the lines that differ", () => {
  const errors = Pod.validateUpdate!(made({ hostname: "b" }), made({ hostname: "a" }));
  assert.match(
    errors[0]!.message,
    / {2}"ImagePullSecrets": null,\n- "Hostname": "a",\n\+ "Hostname": "b",\n {2}"Subdomain": "",/,
  );
});

test("ephemeral containers may be added, never changed", () => {
  const [a, b] = [
    { name: "a", image: "i:1" },
    { name: "b", image: "i:1" },
  ];
  const check = (now: object[], old: object[]) =>
    texts(validatePodEphemeralContainersUpdate(made({ ephemeralContainers: now }), made({ ephemeralContainers: old })));
  assert.deepEqual(check([a, b], [a]), []);
  assert.match(check([b], [a])[0]!, /existing ephemeral containers "a" may not be removed/);
  assert.match(check([{ ...a, image: "i:2" }], [a])[0]!, /existing ephemeral containers "a" may not be changed/);
  assert.match(check([{ ...a, ports: [{ containerPort: 1 }] }], [])[0]!, /ports: Forbidden: cannot be set/);
});

test("resizing changes CPU and memory, and not the quality of service", () => {
  const sized = (resources: object, more: object = {}) =>
    made({ containers: [{ name: "c", image: "i:1", resources, ...more }] });
  const old = sized({ requests: { cpu: "100m" } });
  assert.deepEqual(texts(validatePodResize(sized({ requests: { cpu: "200m" } }), old)), []);
  const guaranteed = sized({ limits: { cpu: "1", memory: "1Gi" } });
  assert.match(texts(validatePodResize(guaranteed, old))[0]!, /Pod QOS Class may not change/);
  assert.deepEqual(texts(validatePodResize(sized({ requests: { cpu: "100m" } }, { tty: true }), old)), [
    "spec: Forbidden: only cpu and memory resources are mutable",
  ]);
});

test("a container that ended for good stays ended", () => {
  const status = (state: object) => ({
    containerStatuses: [{ name: "c", state, lastState: {}, ready: false, restartCount: 0, image: "", imageID: "" }],
  });
  const ended = made({ restartPolicy: "Never" }, status({ terminated: { exitCode: 0 } }));
  const again = made({ restartPolicy: "Never" }, status({ running: {} }));
  assert.deepEqual(texts(Pod.validateStatusUpdate!(again, ended)), [
    "status.containerStatuses[0].state: Forbidden: may not be transitioned to non-terminated state",
  ]);
});

/** What a server's own steps decide: defaults of admission, quantities that do not parse, keys that are not there. */
const SERVERS =
  /spec\.(priority|preemptionPolicy)\/removed|resources\.(requests|limits)|sizeLimit|hostPort|persistentVolumeClaim.readOnly/;

function changed(question: Question, old: Pod): Pod {
  const patched = question.type?.startsWith("application/merge")
    ? applyMergePatch(structuredClone(old), question.body)
    : applyJsonPatch(structuredClone(old), question.body as never);
  const { object } = decodeObject(Pod, patched, { fieldValidation: "Strict" });
  Pod.defaults!(object);
  object.status = old.status;
  const errors = [...Pod.validate!(object), ...Pod.validateUpdate!(object, old)];
  if (errors.length > 0) throw invalid(Pod, "base", errors);
  return object;
}

test("changing a Pod is answered as Kubernetes does, line by line", { skip }, (t) => {
  const create = allQuestions()!.find(({ id }) => id === "setup/Pod.v1.base/create")!;
  const body = JSON.parse(JSON.stringify(create.expect.body).replaceAll("<id>", "xxxxx"));
  const { object: old } = decodeObject(Pod, body, { fieldValidation: "Ignore" });
  const asked = questions("Pod.v1.base", "update").filter(({ id }) => id.includes("update/spec") && !SERVERS.test(id));
  let [verdicts, messages] = [0, 0];
  for (const question of asked) {
    const have = answerCreate(() => changed(question, old));
    const text = JSON.stringify(have.body).replaceAll("kube-api-access-xxxxx", "kube-api-access-<id>");
    const like = compareAnswers(question, { code: have.code === 201 ? 200 : have.code, body: JSON.parse(text) });
    verdicts += Number(like.verdict);
    messages += Number(like.message);
  }
  t.diagnostic(`${asked.length} asked, ${verdicts} verdicts, ${messages} messages alike`);
  assert.equal(verdicts, asked.length);
  assert.ok(messages >= asked.length - 1, "an empty map is not told from an absent one");
});
