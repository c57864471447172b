import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeObject } from "../../../../apimachinery/decode.ts";
import { deepFreeze } from "../../../../apimachinery/freeze.ts";
import type { Kind } from "../../../../apimachinery/kind.ts";
import { ConfigMap, Namespace, Node, Pod, podTemplateDefaults, Secret, Service } from "../index.ts";
import { imageTag, pullPolicyFor } from "./image.ts";

const pod = (spec: object): Pod => {
  const { object } = decodeObject(Pod, { metadata: { name: "p" }, spec }, { fieldValidation: "Strict" });
  Pod.defaults!(object);
  return object;
};

test("an image is pulled always when its tag may move", () => {
  assert.equal(imageTag("busybox"), "latest");
  assert.equal(imageTag("localhost:5000/team/web:1.2"), "1.2");
  assert.equal(imageTag(`web@sha256:${"0".repeat(64)}`), "");
  assert.equal(pullPolicyFor("busybox"), "Always");
  assert.equal(pullPolicyFor("registry.example.com/web:latest"), "Always");
  assert.equal(pullPolicyFor("busybox:1.36"), "IfNotPresent");
  assert.equal(pullPolicyFor(`web@sha256:${"0".repeat(64)}`), "IfNotPresent");
  assert.equal(pullPolicyFor("Not_Valid!"), "IfNotPresent", "what does not parse is for validation to refuse");
});

test("a Pod gets what its author did not say", () => {
  const { spec } = pod({ containers: [{ name: "c", image: "busybox", ports: [{ containerPort: 80 }] }] });
  assert.deepEqual(
    { ...spec, containers: undefined },
    {
      containers: undefined,
      restartPolicy: "Always",
      dnsPolicy: "ClusterFirst",
      schedulerName: "default-scheduler",
      terminationGracePeriodSeconds: 30,
      securityContext: {},
      enableServiceLinks: true,
    },
  );
  assert.deepEqual(spec.containers[0], {
    name: "c",
    image: "busybox",
    imagePullPolicy: "Always",
    ports: [{ containerPort: 80, protocol: "TCP" }],
    resources: {},
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
  });
});

test("requests follow limits in Pods, not in templates", () => {
  const container = { name: "c", image: "i:1", resources: { limits: { cpu: "1" }, requests: { memory: "1Mi" } } };
  assert.deepEqual(pod({ containers: [container] }).spec.containers[0]!.resources.requests, {
    cpu: "1",
    memory: "1Mi",
  });
  const template = { metadata: {}, spec: structuredClone({ containers: [container] }) };
  podTemplateDefaults(template);
  assert.deepEqual(template.spec.containers[0]!.resources.requests, { memory: "1Mi" });
});

test("amounts finer than a thousandth are rounded up", () => {
  const container = { name: "c", image: "i:1", resources: { requests: { cpu: "100u", memory: "1500m" } } };
  assert.deepEqual(pod({ containers: [container] }).spec.containers[0]!.resources.requests, {
    cpu: "1m",
    memory: "1500m",
  });
});

test("a container on the host's network listens on the host's port", () => {
  const { spec } = pod({
    hostNetwork: true,
    containers: [{ name: "c", image: "i:1", ports: [{ containerPort: 80 }] }],
  });
  assert.equal(spec.containers[0]!.ports![0]!.hostPort, 80);
});

test("probes ask every ten seconds, and HTTP probes for the root", () => {
  const livenessProbe = { httpGet: { port: 80 } };
  const { spec } = pod({ containers: [{ name: "c", image: "i:1", livenessProbe }] });
  assert.deepEqual(spec.containers[0]!.livenessProbe, {
    httpGet: { port: 80, path: "/", scheme: "HTTP" },
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  });
});

test("a volume without a source is an empty folder; files get mode 0644", () => {
  const volumes = [
    { name: "a" },
    { name: "b", configMap: { name: "x" } },
    { name: "c", hostPath: { path: "/x" } },
    { name: "d", projected: { sources: [{ serviceAccountToken: { path: "t" } }] } },
  ];
  const { spec } = pod({ containers: [{ name: "c", image: "i:1" }], volumes });
  assert.deepEqual(spec.volumes, [
    { name: "a", emptyDir: {} },
    { name: "b", configMap: { name: "x", defaultMode: 420 } },
    { name: "c", hostPath: { path: "/x", type: "" } },
    {
      name: "d",
      projected: { defaultMode: 420, sources: [{ serviceAccountToken: { path: "t", expirationSeconds: 3600 } }] },
    },
  ]);
});

test("the two names of a service account say the same", () => {
  const containers = [{ name: "c", image: "i:1" }];
  assert.equal(pod({ containers, serviceAccount: "robot" }).spec.serviceAccountName, "robot");
  assert.equal(pod({ containers, serviceAccountName: "robot" }).spec.serviceAccount, "robot");
});

test("defaulting twice changes nothing, not even by writing what is there", () => {
  const once = pod({ containers: [{ name: "c", image: "i", resources: { limits: { cpu: "1.5" } } }] });
  Pod.defaults!(deepFreeze(once));
  const capacity = { cpu: "4", memory: "1Gi" };
  const node = { metadata: { name: "n" }, spec: { podCIDR: "10.0.0.0/24" }, status: { capacity } };
  for (const [kind, body] of [
    [Node, node],
    [Namespace, { metadata: { name: "n" } }],
    [Service, { metadata: { name: "s" }, spec: { type: "LoadBalancer", ports: [{ port: 80 }] } }],
  ] as unknown as [Kind, object][]) {
    const { object } = decodeObject(kind, body, { fieldValidation: "Strict" });
    kind.defaults!(object);
    kind.defaults!(deepFreeze(object));
  }
});

test("a Service without a type is a ClusterIP whose ports lead to themselves", () => {
  const service = { metadata: { name: "s" }, spec: { ports: [{ port: 80 }] } };
  const { object } = decodeObject(Service, service, { fieldValidation: "Strict" });
  Service.defaults!(object);
  assert.deepEqual(object.spec, {
    type: "ClusterIP",
    sessionAffinity: "None",
    internalTrafficPolicy: "Cluster",
    ports: [{ port: 80, targetPort: 80, protocol: "TCP" }],
  });
});

test("text given to a Secret is stored as bytes", () => {
  const secret = { metadata: { name: "s" }, data: { a: "eA==", b: "eQ==" }, stringData: { b: "plain" } };
  const { object } = decodeObject(Secret, secret, { fieldValidation: "Strict" });
  Secret.defaults!(object);
  assert.deepEqual(object.data, { a: "eA==", b: "cGxhaW4=" });
  assert.equal(object.stringData, undefined);
  assert.equal(object.type, "Opaque");
});

test("a node's first range of Pod addresses and the list of ranges say the same", () => {
  const node = { metadata: { name: "n" }, spec: { podCIDR: "10.0.0.0/24" } };
  const { object } = decodeObject(Node, node, { fieldValidation: "Strict" });
  Node.defaults!(object);
  assert.deepEqual(object.spec.podCIDRs, ["10.0.0.0/24"]);
});

test("a namespace carries its name as a label", () => {
  const { object } = decodeObject(Namespace, { metadata: { name: "n" } }, { fieldValidation: "Strict" });
  Namespace.defaults!(object);
  assert.deepEqual(object.metadata.labels, { "kubernetes.io/metadata.name": "n" });
  assert.equal(object.status.phase, "Active");
  assert.equal(ConfigMap.defaults, undefined);
});
