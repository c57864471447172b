/** Sentences of Kubernetes' conformance suite about ServiceAccounts, as far as they need no container. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigMap, Pod, ServiceAccount } from "../../api/core/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { type Cluster, namespace, pod, testCluster, witness } from "../../testing/index.ts";

const AT = { namespace: "default" };
const ROOT_CA = "kube-root-ca.crt";

/** Nothing but its absence is forgiven. */
function absent(error: unknown): false {
  assert.ok(isNotFound(error));
  return false;
}

const serviceAccount = (name: string, more: Partial<ServiceAccount> = {}, labels?: Record<string, string>) =>
  ({
    apiVersion: "v1",
    kind: "ServiceAccount",
    metadata: { ...AT, name, ...(labels && { labels }) },
    ...more,
  }) as ServiceAccount;

/** Whether the containers of a Pod of this account, with this wish of its own, find a token. */
async function hasToken(cluster: Cluster, account: string, wish: boolean | undefined): Promise<boolean> {
  const name = `pod-service-account-${account}-${wish ?? "default"}`;
  const spec = { serviceAccountName: account, ...(wish !== undefined && { automountServiceAccountToken: wish }) };
  await cluster.create(pod(name, { spec }));
  const { containers } = (await cluster.get(Pod, name)).spec;
  const mounts = containers.flatMap(({ volumeMounts = [] }) => volumeMounts);
  return mounts.some(({ mountPath }) => mountPath === "/var/run/secrets/kubernetes.io/serviceaccount");
}

test("[sig-auth] ServiceAccounts should allow opting out of API token automount [Conformance]", async (t) => {
  const cluster = await testCluster(t);
  await cluster.create(serviceAccount("mount", { automountServiceAccountToken: true }));
  await cluster.create(serviceAccount("nomount", { automountServiceAccountToken: false }));
  const found = async (account: string) => [
    await hasToken(cluster, account, undefined),
    await hasToken(cluster, account, true),
    await hasToken(cluster, account, false),
  ];
  assert.deepEqual(await found("default"), [true, true, false]);
  assert.deepEqual(await found("mount"), [true, true, false]);
  assert.deepEqual(await found("nomount"), [false, true, false]);
});

test("[sig-auth] ServiceAccounts should run through the lifecycle of a ServiceAccount [Conformance]", async (t) => {
  const cluster = await testCluster(t);
  const labelSelector = "test-serviceaccount-static=true";
  const seen = await witness(t, cluster, ServiceAccount, { ...AT, labelSelector });
  const labels = { "test-serviceaccount-static": "true" };
  await cluster.create(serviceAccount("testserviceaccount", {}, labels));
  await cluster.settle();
  assert.ok(seen.saw("ADDED", ({ metadata }) => metadata.name === "testserviceaccount"));
  const key = { ...AT, name: "testserviceaccount" };
  await cluster.client.patch(ServiceAccount, key, "strategic", { automountServiceAccountToken: false });
  await cluster.settle();
  assert.ok(seen.saw("MODIFIED", ({ automountServiceAccountToken }) => automountServiceAccountToken === false));
  const everywhere = (await cluster.client.list(ServiceAccount, { labelSelector })).items;
  assert.deepEqual(
    everywhere.map(({ metadata, automountServiceAccountToken }) => [metadata.name, automountServiceAccountToken]),
    [["testserviceaccount", false]],
  );
  await cluster.client.deleteCollection(ServiceAccount, AT);
  await cluster.settle();
  assert.ok(seen.saw("DELETED", ({ metadata }) => metadata.name === "testserviceaccount"));
});

test("[sig-auth] ServiceAccounts should update a ServiceAccount [Conformance]", async (t) => {
  const cluster = await testCluster(t);
  const made = await cluster.create(serviceAccount("e2e-sa", { automountServiceAccountToken: false }));
  assert.equal(made.automountServiceAccountToken, false);
  const updated = await cluster.edit(ServiceAccount, "e2e-sa", (account) => {
    account.automountServiceAccountToken = true;
  });
  assert.equal(updated.automountServiceAccountToken, true);
});

test("[sig-auth] ServiceAccounts should guarantee kube-root-ca.crt exist in any namespace [Conformance]", async (t) => {
  const cluster = await testCluster(t);
  await cluster.create(namespace("svcaccounts"));
  await cluster.settle();
  const published = () => cluster.get(ConfigMap, ROOT_CA, "svcaccounts");
  const data = (await published()).data;
  assert.ok(data?.["ca.crt"]);
  await cluster.delete(ConfigMap, ROOT_CA, { namespace: "svcaccounts" });
  await cluster.until(() => published().then(({ data: again }) => again !== undefined, absent), "1m");
  const overwrite = { metadata: { name: ROOT_CA, namespace: "svcaccounts" }, data: { "ca.crt": "" } };
  await cluster.client.update(ConfigMap, overwrite);
  await cluster.until(async () => (await published()).data?.["ca.crt"] === data["ca.crt"], "1m");
});
