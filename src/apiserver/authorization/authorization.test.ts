import assert from "node:assert/strict";
import { test } from "node:test";
import { Lease } from "../../api/coordination/v1/index.ts";
import { ConfigMap, Node, PersistentVolume, Pod, Secret, ServiceAccount } from "../../api/core/v1/index.ts";
import { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from "../../api/rbac/v1/index.ts";
import { isForbidden } from "../../apimachinery/status.ts";
import { testServer } from "../testServer.ts";

const GROUP = "rbac.authorization.k8s.io";
const ann = { name: "ann", groups: ["system:authenticated"] };
const reads = { verbs: ["get", "list"], apiGroups: [""], resources: ["configmaps"] };
const bindAnn = (role: string) => ({
  metadata: { name: `ann-${role}`, namespace: "default" },
  roleRef: { apiGroup: GROUP, kind: "Role", name: role },
  subjects: [{ kind: "User", apiGroup: GROUP, name: "ann" }],
});

test("a user may do what a role in the namespace says, and nothing else", async (t) => {
  const { client, as } = await testServer(t);
  const asAnn = as(ann);
  const list = (namespace?: string) => asAnn.list(ConfigMap, { namespace });
  await assert.rejects(list("default"), {
    message:
      'configmaps is forbidden: User "ann" cannot list resource "configmaps" in API group "" in the namespace "default"',
  });
  await client.create(Role, { metadata: { name: "reader", namespace: "default" }, rules: [reads] });
  await client.create(RoleBinding, bindAnn("reader"));
  assert.deepEqual((await list("default")).items, []);
  await assert.rejects(list("kube-system"), isForbidden);
  await assert.rejects(list(), isForbidden);
  await assert.rejects(asAnn.create(ConfigMap, { metadata: { name: "a", namespace: "default" } }), isForbidden);
  await client.delete(RoleBinding, { namespace: "default", name: "ann-reader" });
  await assert.rejects(list("default"), isForbidden);
});

test("a role can be confined to names", async (t) => {
  const { client, as } = await testServer(t);
  for (const name of ["a", "b"]) await client.create(ConfigMap, { metadata: { name, namespace: "default" } });
  const rules = [{ ...reads, verbs: ["get"], resourceNames: ["a"] }];
  await client.create(Role, { metadata: { name: "one", namespace: "default" }, rules });
  await client.create(RoleBinding, bindAnn("one"));
  await as(ann).get(ConfigMap, { namespace: "default", name: "a" });
  await assert.rejects(as(ann).get(ConfigMap, { namespace: "default", name: "b" }), isForbidden);
});

test("nobody can give away what they do not have", async (t) => {
  const { client, as } = await testServer(t);
  const rules = [{ verbs: ["create", "update"], apiGroups: [GROUP], resources: ["roles", "rolebindings"] }, reads];
  await client.create(Role, { metadata: { name: "delegate", namespace: "default" }, rules });
  await client.create(RoleBinding, bindAnn("delegate"));
  const role = (name: string, resource: string) => ({
    metadata: { name, namespace: "default" },
    rules: [{ verbs: ["get"], apiGroups: [""], resources: [resource] }],
  });
  await as(ann).create(Role, role("fine", "configmaps"));
  await assert.rejects(
    as(ann).create(Role, role("more", "secrets")),
    /attempting to grant RBAC permissions not currently held/,
  );
  const admin = { apiGroup: GROUP, kind: "ClusterRole", name: "cluster-admin" };
  const grab = { metadata: { name: "grab", namespace: "default" }, roleRef: admin, subjects: bindAnn("").subjects };
  await assert.rejects(as(ann).create(RoleBinding, grab), isForbidden);
});

test("everybody may ask what they may do; nobody in particular may ask for the version only", async (t) => {
  const { as, server } = await testServer(t);
  const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
  const review = { spec: { resourceAttributes: { verb: "get", resource: "secrets", namespace: "default" } } };
  const asked = (await server.directTransport(ann).request({ method: "POST", path, body: review })) as {
    status: { allowed: boolean };
  };
  assert.equal(asked.status.allowed, false);
  const nobody = server.directTransport({ name: "system:anonymous", groups: ["system:unauthenticated"] });
  assert.ok(await nobody.request({ method: "GET", path: "/version" }));
  await assert.rejects(nobody.request({ method: "GET", path: "/metrics" }), isForbidden);
  assert.ok(as);
});

test("aggregated roles grant what the roles they are made of grant", async (t) => {
  const { client, as } = await testServer(t);
  await client.create(ClusterRoleBinding, {
    metadata: { name: "viewer" },
    roleRef: { apiGroup: GROUP, kind: "ClusterRole", name: "view" },
    subjects: [{ kind: "User", apiGroup: GROUP, name: "ann" }],
  });
  assert.ok(await as(ann).list(ConfigMap, {}));
  await assert.rejects(as(ann).list(Secret, {}), isForbidden);
  assert.ok((await client.get(ClusterRole, { name: "view" })).rules!.length > 5);
});

const kubelet = { name: "system:node:n1", groups: ["system:nodes", "system:authenticated"] };

async function podOn(t: import("node:test").TestContext, node: string) {
  const server = await testServer(t);
  const { client } = server;
  await client.create(ServiceAccount, { metadata: { name: "default", namespace: "default" } });
  for (const name of ["mine", "other"]) await client.create(Secret, { metadata: { name, namespace: "default" } });
  const volumes = [
    { name: "v", secret: { secretName: "mine" } },
    { name: "data", persistentVolumeClaim: { claimName: "data" } },
  ];
  const spec = { containers: [{ name: "c", image: "i" }], volumes };
  await client.create(Pod, { metadata: { name: "p", namespace: "default" }, spec } as unknown as Pod);
  const target = { kind: "Node", name: node };
  const binding = { metadata: { name: "p" }, target };
  await client.createSubresource(Pod, { namespace: "default", name: "p" }, "binding", binding);
  return server;
}

test("a kubelet reads the secrets of its pods only, and one at a time", async (t) => {
  const { client, as } = await podOn(t, "n1");
  const asNode = as(kubelet);
  await asNode.get(Secret, { namespace: "default", name: "mine" });
  await assert.rejects(asNode.get(Secret, { namespace: "default", name: "other" }), /no relationship found/);
  await assert.rejects(asNode.list(Secret, { namespace: "default" }), isForbidden);
  await client.delete(Pod, { namespace: "default", name: "p" }, { gracePeriodSeconds: 0 });
  await assert.rejects(asNode.get(Secret, { namespace: "default", name: "mine" }), isForbidden);
});

test("a kubelet reads the secrets that the volumes behind its pods' claims need", async (t) => {
  const { client, as } = await podOn(t, "n1");
  const read = (name: string) => as(kubelet).get(Secret, { namespace: "default", name });
  const volume = (name: string, claim: string, secret: string) =>
    client.create(PersistentVolume, {
      metadata: { name },
      spec: {
        ...{ capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"] },
        claimRef: { namespace: "default", name: claim },
        csi: {
          driver: "x.example.com",
          volumeHandle: name,
          nodeStageSecretRef: { namespace: "default", name: secret },
        },
      },
    } as unknown as PersistentVolume);
  await client.create(Secret, { metadata: { name: "key", namespace: "default" } });
  await assert.rejects(read("key"), isForbidden);
  await volume("mine", "data", "key");
  await volume("others", "elsewhere", "other");
  await read("key");
  await assert.rejects(read("other"), isForbidden);
});

test("a kubelet of another node reads none of them", async (t) => {
  const { as } = await podOn(t, "n2");
  await assert.rejects(as(kubelet).get(Secret, { namespace: "default", name: "mine" }), isForbidden);
});

test("a kubelet writes its own node, lease and pods, and no others", async (t) => {
  const { as } = await podOn(t, "n2");
  const asNode = as(kubelet);
  await asNode.create(Node, { metadata: { name: "n1" } } as Node);
  await assert.rejects(asNode.create(Node, { metadata: { name: "n9" } } as Node), isForbidden);
  const lease = (name: string) => ({ metadata: { name, namespace: "kube-node-lease" }, spec: {} }) as Lease;
  await asNode.create(Lease, lease("n1"));
  await assert.rejects(asNode.update(Lease, lease("n2")), isForbidden);
  const pod = await asNode.get(Pod, { namespace: "default", name: "p" });
  await assert.rejects(asNode.updateStatus(Pod, pod), /can only update pod status for pods/);
});
