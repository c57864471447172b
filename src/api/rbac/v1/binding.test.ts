import assert from "node:assert/strict";
import { test } from "node:test";
import { ClusterRoleBinding } from "./clusterRoleBinding.ts";
import { RoleBinding } from "./roleBinding.ts";

const GROUP = "rbac.authorization.k8s.io";

function binding(subjects: RoleBinding["subjects"], kind = "ClusterRole"): RoleBinding {
  return { metadata: { name: "b" }, roleRef: { apiGroup: "", kind, name: "view" }, subjects };
}

test("groups of the API are filled in, except for service accounts", () => {
  const object = binding([
    { kind: "User", name: "u" },
    { kind: "ServiceAccount", name: "s", namespace: "n" },
  ]);
  RoleBinding.defaults!(object);
  assert.equal(object.roleRef.apiGroup, GROUP);
  assert.deepEqual(
    object.subjects?.map(({ apiGroup }) => apiGroup),
    [GROUP, undefined],
  );
  assert.deepEqual(RoleBinding.validate!(object), []);
});

test("a ClusterRoleBinding gives ClusterRoles only, and needs the namespace of a service account", () => {
  const object = binding([{ kind: "ServiceAccount", name: "s" }], "Role");
  ClusterRoleBinding.defaults!(object);
  assert.deepEqual(
    ClusterRoleBinding.validate!(object).map(({ field, message }) => `${field}: ${message}`),
    [
      'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
      "subjects[0].namespace: Required value",
    ],
  );
});

test("the role of a binding cannot be changed", () => {
  const old = binding([]);
  const object = { ...old, roleRef: { ...old.roleRef, name: "edit" } };
  assert.deepEqual(
    RoleBinding.validateUpdate!(object, old).map(({ message }) => message),
    ['Invalid value: {"APIGroup":"","Kind":"ClusterRole","Name":"edit"}: cannot change roleRef'],
  );
});
