/** The conformance suite's sentences about the API of storage: what a client does to each kind in its life. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigMap, Pod, Secret, ServiceAccount } from "../../api/core/v1/index.ts";
import {
  CSIDriver,
  CSINode,
  CSIStorageCapacity,
  StorageClass,
  VolumeAttachment,
  VolumeAttributesClass,
} from "../../api/storage/v1/index.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import type { Client } from "../../client/index.ts";
import { testServer } from "../testServer.ts";

const NAMESPACE = "default";
const GROUP = "/apis/storage.k8s.io";

/** One kind in the hands of a client. */
class Resource<T extends KubernetesObject> {
  readonly client: Client;
  readonly kind: Kind<T>;
  constructor(client: Client, kind: Kind<T>) {
    this.client = client;
    this.kind = kind;
  }
  key(name: string) {
    return this.kind.scope === "Namespaced" ? { namespace: NAMESPACE, name } : { name };
  }
  create(object: object): Promise<T> {
    const { apiVersion, kind } = this.kind;
    const { metadata, ...rest } = object as T;
    const namespace = this.kind.scope === "Namespaced" ? { namespace: NAMESPACE } : {};
    return this.client.create(this.kind, { apiVersion, kind, metadata: { ...metadata, ...namespace }, ...rest } as T);
  }
  get(name: string): Promise<T> {
    return this.client.get(this.kind, this.key(name));
  }
  /** A label added by PATCH is found afterwards. */
  async patchLabel(name: string): Promise<void> {
    const patch = { metadata: { labels: { [name]: "patched" } } };
    const patched = await this.client.patch(this.kind, this.key(name), "merge", patch);
    assert.equal(patched.metadata.labels?.[name], "patched");
  }
  /** A label added by PUT is found afterwards. */
  async updateLabel(name: string): Promise<void> {
    const object = structuredClone(await this.get(name));
    object.metadata.labels = { ...object.metadata.labels, [name]: "updated" };
    const updated = await this.client.update(this.kind, object);
    assert.equal(updated.metadata.labels?.[name], "updated");
  }
  async count(labelSelector: string): Promise<number> {
    return (await this.client.list(this.kind, { labelSelector })).items.length;
  }
  /** Deletes, takes off what protects it (there is no controller here), and sees it gone. */
  async delete(name: string): Promise<void> {
    await this.client.delete(this.kind, this.key(name));
    await this.release(name);
    await assert.rejects(this.get(name), isNotFound);
  }
  async deleteAll(labelSelector: string): Promise<void> {
    const found = (await this.client.list(this.kind, { labelSelector })).items;
    const namespace = this.kind.scope === "Namespaced" ? { namespace: NAMESPACE } : {};
    await this.client.deleteCollection(this.kind, { ...namespace, labelSelector });
    for (const { metadata } of found) await this.release(metadata.name!);
    assert.equal(await this.count(labelSelector), 0);
  }
  async release(name: string): Promise<void> {
    const patch = { metadata: { finalizers: null } };
    await this.client.patch(this.kind, this.key(name), "merge", patch).catch((error) => {
      if (!isNotFound(error)) throw error;
    });
  }
}

test("[sig-storage] CSIInlineVolumes should run through the lifecycle of a CSIDriver [Conformance]", async (t) => {
  const drivers = new Resource((await testServer(t)).client, CSIDriver);
  const names = ["inline-driver-a", "inline-driver-b"] as const;
  for (const name of names) {
    await drivers.create({
      metadata: { name, labels: { test: "inline" } },
      spec: { volumeLifecycleModes: ["Ephemeral"], attachRequired: false, podInfoOnMount: true },
    });
  }
  await drivers.patchLabel(names[0]);
  await drivers.updateLabel(names[1]);
  assert.equal(await drivers.count("test=inline"), 2);
  await drivers.delete(names[0]);
  await drivers.deleteAll("test=inline");
});

test("[sig-storage] CSIInlineVolumes should support CSIVolumeSource in Pod API [Conformance]", async (t) => {
  const { client } = await testServer(t);
  await new Resource(client, ServiceAccount).create({ metadata: { name: "default" } });
  const pods = new Resource(client, Pod);
  const csi = { driver: "e2e.example.com", volumeAttributes: { foo: "bar" }, readOnly: true };
  const spec = {
    containers: [{ name: "pod", image: "example/pause:1", volumeMounts: [{ name: "inline", mountPath: "/mnt" }] }],
    volumes: [{ name: "inline", csi }],
  };
  await pods.create({ metadata: { name: "inline", labels: { test: "inline" } }, spec });
  const [volume] = (await pods.get("inline")).spec.volumes!.filter(({ name }) => name === "inline");
  assert.deepEqual(volume?.csi, csi);
  assert.equal(await pods.count("test=inline"), 1);
  await pods.patchLabel("inline");
  await pods.client.delete(Pod, pods.key("inline"), { gracePeriodSeconds: 0 });
  await assert.rejects(pods.get("inline"), isNotFound);
});

test("[sig-storage] CSINodes CSI Conformance should run through the lifecycle of a csinode [Conformance]", async (t) => {
  const nodes = new Resource((await testServer(t)).client, CSINode);
  const spec = { drivers: [] };
  await nodes.create({ metadata: { name: "initial" }, spec });
  assert.equal((await nodes.get("initial")).metadata.name, "initial");
  await nodes.patchLabel("initial");
  assert.equal(await nodes.count("initial=patched"), 1);
  await nodes.delete("initial");
  await nodes.create({ metadata: { name: "replacement" }, spec });
  assert.equal((await nodes.get("replacement")).metadata.name, "replacement");
  await nodes.updateLabel("replacement");
  await nodes.deleteAll("replacement=updated");
});

test("[sig-storage] CSIStorageCapacity should support CSIStorageCapacities API operations [Conformance]", async (t) => {
  const { ask, client } = await testServer(t);
  const read = async <T>(path: string) => (await ask({ method: "GET", path })) as T;
  const { groups } = await read<{ groups: { name: string; versions: { version: string }[] }[] }>("/apis");
  assert.ok(groups.some(({ name, versions }) => name === "storage.k8s.io" && versions[0]?.version === "v1"));
  const group = await read<{ versions: { version: string }[] }>(GROUP);
  assert.ok(group.versions.some(({ version }) => version === "v1"));
  const { resources } = await read<{ resources: { name: string }[] }>(`${GROUP}/v1`);
  assert.ok(resources.some(({ name }) => name === "csistoragecapacities"));

  const capacities = new Resource(client, CSIStorageCapacity);
  const labels = { test: "capacity" };
  for (const name of ["a", "b", "c"]) {
    await capacities.create({ metadata: { name, labels }, storageClassName: "fast", capacity: "1Gi" });
  }
  assert.equal((await capacities.get("a")).capacity, "1Gi");
  assert.equal(await capacities.count("test=capacity"), 3);
  const options = { namespace: NAMESPACE, labelSelector: "test=capacity" };
  const inNamespace = (await client.list(CSIStorageCapacity, options)).items;
  assert.equal(inNamespace.length, 3);
  const stop = new AbortController();
  t.after(() => stop.abort());
  const since = (await client.list(CSIStorageCapacity, { namespace: NAMESPACE })).metadata.resourceVersion;
  const watched = client.watch(CSIStorageCapacity, { namespace: NAMESPACE, resourceVersion: since }, stop.signal);
  await capacities.patchLabel("a");
  await capacities.updateLabel("a");
  const seen: string[] = [];
  for await (const event of watched) {
    if (event.type !== "BOOKMARK") seen.push(`${event.type} ${event.object.metadata.labels?.a}`);
    if (seen.length === 2) break;
  }
  assert.deepEqual(seen, ["MODIFIED patched", "MODIFIED updated"]);
  await capacities.delete("a");
  await capacities.deleteAll("test=capacity");
});

test("[sig-storage] StorageClasses CSI Conformance should run through the lifecycle of a StorageClass [Conformance]", async (t) => {
  const classes = new Resource((await testServer(t)).client, StorageClass);
  const object = (name: string) => ({
    metadata: { name },
    provisioner: "e2e-fake-provisioner",
    reclaimPolicy: "Delete",
  });
  await classes.create(object("initial"));
  assert.equal((await classes.get("initial")).provisioner, "e2e-fake-provisioner");
  await classes.patchLabel("initial");
  await classes.delete("initial");
  await classes.create(object("replacement"));
  await classes.updateLabel("replacement");
  await classes.deleteAll("replacement=updated");
});

const attachment = (name: string) => ({
  metadata: { name },
  spec: { attacher: "e2e-test.example.com", nodeName: "node-a", source: { persistentVolumeName: `pv-${name}` } },
});

test("[sig-storage] VolumeAttachment Conformance should run through the lifecycle of a VolumeAttachment [Conformance]", async (t) => {
  const attachments = new Resource((await testServer(t)).client, VolumeAttachment);
  await attachments.create(attachment("first"));
  assert.equal((await attachments.get("first")).metadata.name, "first");
  await attachments.patchLabel("first");
  assert.equal(await attachments.count("first=patched"), 1);
  await attachments.delete("first");
  for (const name of ["second", "third"]) {
    await attachments.create({ ...attachment(name), metadata: { name, labels: { test: "pair" } } });
    await attachments.updateLabel(name);
  }
  await attachments.deleteAll("test=pair");
});

test("[sig-storage] VolumeAttachment Conformance should apply changes to a volumeattachment status [Conformance]", async (t) => {
  const { client } = await testServer(t);
  const attachments = new Resource(client, VolumeAttachment);
  await attachments.create(attachment("va"));
  await attachments.patchLabel("va");
  assert.equal((await attachments.get("va")).status.attached, false);
  const options = { subresource: "status" };
  const patched = await client.patch(
    VolumeAttachment,
    { name: "va" },
    "merge",
    { status: { attached: true } },
    options,
  );
  assert.equal(patched.status.attached, true);
  const changed = structuredClone(await attachments.get("va"));
  changed.status.attached = false;
  assert.equal((await client.updateStatus(VolumeAttachment, changed)).status.attached, false);
  await attachments.delete("va");
});

test("[sig-storage] VolumeAttributesClass [FeatureGate:VolumeAttributesClass] should run through the lifecycle of a VolumeAttributesClass [Conformance]", async (t) => {
  const classes = new Resource((await testServer(t)).client, VolumeAttributesClass);
  const object = (name: string) => ({
    metadata: { name },
    driverName: "e2e-fake-csi-driver",
    parameters: { iops: "100" },
  });
  await classes.create(object("initial"));
  assert.equal((await classes.get("initial")).driverName, "e2e-fake-csi-driver");
  await classes.patchLabel("initial");
  await classes.delete("initial");
  await classes.create(object("replacement"));
  await classes.updateLabel("replacement");
  await classes.deleteAll("replacement=updated");
});

const IMMUTABLE = /field is immutable when `immutable` is set/;

/** What is marked as immutable can no longer change, and no longer be unmarked; only deleted and made anew. */
async function staysAsItIs<T extends KubernetesObject>(resource: Resource<T>, data: (text: string) => object) {
  const patch = (body: object) => resource.client.patch(resource.kind, resource.key("same"), "merge", body);
  await resource.create({ metadata: { name: "same" }, ...data("value-1") });
  await patch(data("value-2"));
  await patch({ immutable: true });
  await assert.rejects(patch(data("value-3")), IMMUTABLE);
  await assert.rejects(patch({ immutable: false }), IMMUTABLE);
  await assert.rejects(patch({ immutable: null }), IMMUTABLE);
  await resource.patchLabel("same");
  await resource.delete("same");
  await resource.create({ metadata: { name: "same" }, ...data("value-4") });
}

test("[sig-storage] ConfigMap should be immutable if `immutable` field is set [Conformance]", async (t) => {
  const { client } = await testServer(t);
  await staysAsItIs(new Resource(client, ConfigMap), (text) => ({ data: { "data-1": text } }));
});

test("[sig-storage] Secrets should be immutable if `immutable` field is set [Conformance]", async (t) => {
  const { client } = await testServer(t);
  await staysAsItIs(new Resource(client, Secret), (text) => ({ data: { "data-1": btoa(text) } }));
});

test("[sig-node] ConfigMap should fail to create ConfigMap with empty key [Conformance]", async (t) => {
  const { client } = await testServer(t);
  const bad = new Resource(client, ConfigMap).create({ metadata: { name: "empty" }, data: { "": "value" } });
  await assert.rejects(bad, /Invalid value: ""/);
});

test("[sig-node] Secrets should fail to create secret due to empty secret key [Conformance]", async (t) => {
  const { client } = await testServer(t);
  const bad = new Resource(client, Secret).create({ metadata: { name: "empty" }, data: { "": btoa("value") } });
  await assert.rejects(bad, /Invalid value: ""/);
});
