/** Creates of core/v1's kinds, held against what Kubernetes answered. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeObject } from "../../../apimachinery/decode.ts";
import { invalid } from "../../../apimachinery/errors.ts";
import { root } from "../../../apimachinery/fieldErrors.ts";
import type { Kind } from "../../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../../apimachinery/meta.ts";
import { validateObjectMeta } from "../../../apimachinery/validation/objectMeta.ts";
import { type Answer, answerCreate, compareAnswers, createQuestions, type Question, skip } from "../../differential.ts";
import * as core from "./index.ts";

const SHARE = 0.95;

/** What the API server's registry and admission add to a Pod; here only as far as the recorded answers show it. */
function admitPod(pod: core.Pod): void {
  const { spec } = pod;
  spec.serviceAccountName ||= "default";
  spec.serviceAccount = spec.serviceAccountName;
  spec.priority ??= 0;
  spec.preemptionPolicy ??= "PreemptLowerPriority";
  const mount = {
    name: "kube-api-access-xxxxx",
    readOnly: true,
    mountPath: "/var/run/secrets/kubernetes.io/serviceaccount",
  };
  if (!spec.volumes?.some(({ name }) => name.startsWith("kube-api-access"))) {
    const sources = [
      { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
      { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
      {
        downwardAPI: {
          items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }],
        },
      },
      { configMap: { name: "openshift-service-ca.crt", items: [{ key: "service-ca.crt", path: "service-ca.crt" }] } },
    ];
    if (spec.automountServiceAccountToken !== false) {
      spec.volumes = [...(spec.volumes ?? []), { name: mount.name, projected: { sources, defaultMode: 420 } }];
      for (const list of ["containers", "initContainers"] as const) {
        for (const one of spec[list] ?? []) one.volumeMounts = [...(one.volumeMounts ?? []), { ...mount }];
      }
    }
  }
  for (const key of ["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"]) {
    const tolerated = spec.tolerations?.some(
      (one) => (one.key === key || !one.key) && (one.effect === "NoExecute" || !one.effect),
    );
    if (tolerated) continue;
    const one = { key, operator: "Exists", effect: "NoExecute", tolerationSeconds: 300 };
    spec.tolerations = [...(spec.tolerations ?? []), one];
  }
  pod.status = { phase: "Pending", qosClass: core.podQOSClass(spec) };
}

/** What the registry allocates for a Service. */
function allocate(service: core.Service): void {
  const { spec } = service;
  service.status = { loadBalancer: {} };
  if (spec.type === "ExternalName") return;
  spec.clusterIP ||= "10.96.0.10";
  spec.clusterIPs ??= [spec.clusterIP];
  spec.ipFamilies ??= ["IPv4"];
  spec.ipFamilyPolicy ??= "SingleStack";
  const needsPorts = spec.type === "NodePort" || (spec.type === "LoadBalancer" && spec.allocateLoadBalancerNodePorts);
  if (needsPorts) for (const [i, port] of (spec.ports ?? []).entries()) port.nodePort ??= 30000 + i;
  if (core.needsHealthCheck(spec)) spec.healthCheckNodePort ||= 30100;
}

const effects: Record<string, (object: KubernetesObject) => void> = {
  Pod: (object) => admitPod(object as core.Pod),
  Service: (object) => allocate(object as core.Service),
  Node: (object) => {
    const { spec } = object as core.Node;
    const taint = { key: "node.kubernetes.io/not-ready", effect: "NoSchedule" };
    if (!spec.taints?.some(({ key }) => key === taint.key)) spec.taints = [...(spec.taints ?? []), taint];
  },
  Namespace: (object) => {
    (object as core.Namespace).spec.finalizers = ["kubernetes"];
    (object as core.Namespace).status = { phase: "Active" };
  },
};

function answer<T extends KubernetesObject>(kind: Kind<T>, question: Question): Answer {
  const fieldValidation = /fieldValidation=(\w+)/.exec(question.path)?.[1] as "Strict" | "Warn" | "Ignore";
  let warnings: string[] = [];
  const made = answerCreate(() => {
    const { object } = decodeObject(kind, question.body, { fieldValidation });
    if (kind.scope === "Namespaced") object.metadata.namespace ||= "diff";
    kind.defaults?.(object);
    effects[kind.kind]?.(object);
    const errors = [
      ...validateObjectMeta(object.metadata, kind, root.child("metadata")),
      ...(kind.validate?.(object) ?? []),
      ...(kind.validateCreate?.(object) ?? []),
    ];
    if (errors.length > 0) throw invalid(kind, object.metadata.name ?? "", errors);
    const header = (text: string) => `299 - "${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
    warnings = (kind.warnings?.(object) ?? []).map(header);
    return object;
  });
  return { ...made, warnings };
}

/** Addresses and ports differ from cluster to cluster. */
function masked(have: Answer): Answer {
  const text = JSON.stringify(have.body, (key, value) => {
    if (key === "clusterIP" && value !== "None" && value) return "<ip>";
    if (key === "clusterIPs" && Array.isArray(value)) return value.map((one) => (one === "None" ? one : "<ip>"));
    if (value === "kube-api-access-xxxxx") return "kube-api-access-<id>";
    if ((key === "nodePort" || key === "healthCheckNodePort") && value) return "<port>";
    return value;
  });
  return { ...have, body: JSON.parse(text) };
}

/** Where two answers differ, for people; fields that must differ are left out. */
function differences(want: unknown, have: unknown, path = ""): string[] {
  if (JSON.stringify(want) === JSON.stringify(have) || /managedFields|\.generation$/.test(path)) return [];
  if (typeof want !== "object" || typeof have !== "object" || want === null || have === null) {
    return [`  ${path}: want ${JSON.stringify(want)?.slice(0, 700)} have ${JSON.stringify(have)?.slice(0, 700)}`];
  }
  const keys = new Set([...Object.keys(want), ...Object.keys(have)]);
  const field = (of: object, key: string) => (of as Record<string, unknown>)[key];
  return [...keys].flatMap((key) => differences(field(want, key), field(have, key), `${path}.${key}`));
}

/** A refusal of Endpoints warns, too, but that is decided where the answer is written. */
const warningsOf = ({ expect }: Question) => (expect.code < 300 ? (expect.warnings ?? []).toSorted() : []);

const kinds: readonly [Kind<never>, string][] = [
  [core.Pod, "Pod.v1."],
  [core.Service, "Service.v1."],
  [core.Node, "Node.v1."],
  [core.Namespace, "Namespace.v1."],
  [core.ConfigMap, "ConfigMap.v1."],
  [core.Secret, "Secret.v1."],
  [core.ServiceAccount, "ServiceAccount.v1."],
  [core.Endpoints, "Endpoints.v1."],
  [core.Event, "Event.v1."],
] as never;

for (const [kind, prefix] of kinds) {
  test(`creating a ${kind.kind} is answered as Kubernetes does`, { skip }, (t) => {
    const asked = createQuestions(prefix);
    const unlike: string[] = [];
    let [verdicts, bodies, messages] = [0, 0, 0];
    for (const question of asked) {
      const have = masked(answer(kind as Kind<KubernetesObject>, question));
      const like = compareAnswers(question, have);
      const decoding = /unknown field/.test(String(question.expect.warnings));
      if (like.body && !decoding) assert.deepEqual(have.warnings?.toSorted(), warningsOf(question), question.id);
      verdicts += Number(like.verdict);
      bodies += Number(like.body);
      messages += Number(like.message);
      if (process.env.UNLIKE && !like[process.env.UNLIKE as keyof typeof like]) {
        unlike.push(`${question.id}\n${differences(question.expect.body, have.body).slice(0, 6).join("\n")}`);
      }
    }
    t.diagnostic(`${asked.length} asked, ${verdicts} verdicts, ${bodies} bodies, ${messages} messages alike`);
    if (unlike.length > 0) console.log(unlike.join("\n"));
    assert.ok(asked.length > 0);
    assert.ok(bodies >= SHARE * asked.length, `only ${bodies} of ${asked.length} alike`);
  });
}
