/** Claims and their volumes on real nodes: folders of the default class, and disks that move between machines. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { PersistentVolume, PersistentVolumeClaim, Pod } from "../../src/api/core/v1/index.ts";
import type { CSINode } from "../../src/api/storage/v1/index.ts";
import { clusterPaths } from "../../src/cluster/layout.ts";
import { TestDriver } from "../../src/kubelet/volumes/csi/testDriver.ts";
import { container, FOREVER, type Json, PodCluster, pod } from "./podFixture.ts";
import { cannotRun, until } from "./realCluster.ts";

const skip = await cannotRun();
const claim = (name: string, spec: Json = {}): Json => ({
  apiVersion: "v1",
  kind: "PersistentVolumeClaim",
  metadata: { name },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "64Mi" } }, ...spec },
});
const mounted = (claimName: string, more: Json = {}): Json => ({
  name: "data",
  persistentVolumeClaim: { claimName, ...more },
});
const sleeper = (more: Json = {}) =>
  container(FOREVER, { volumeMounts: [{ name: "data", mountPath: "/data" }], ...more });
const isRunning = ({ status }: Pod) => status.phase === "Running";

describe("volumes of claims", { skip }, () => {
  let at: PodCluster;
  before(async () => {
    at = await PodCluster.start("volumes", "--nodes", "2");
  });
  after(() => at.remove());

  const claimed = (name: string) =>
    at.request(
      "GET",
      `/api/v1/namespaces/default/persistentvolumeclaims/${name}`,
    ) as unknown as Promise<PersistentVolumeClaim>;
  const volumeOf = async (name: string) =>
    (await at.request(
      "GET",
      `/api/v1/persistentvolumes/${(await claimed(name)).spec.volumeName}`,
    )) as unknown as PersistentVolume;
  const volumes = async () => (await at.cluster.json<{ items: PersistentVolume[] }>("get", "pv")).items;
  /** the host's own node first */
  const nodeNames = async () =>
    (await at.cluster.json<{ items: { metadata: { name: string } }[] }>("get", "nodes")).items
      .map(({ metadata }) => metadata.name)
      .sort((a, b) => Number(a.startsWith("node-")) - Number(b.startsWith("node-")));
  const gone = () => until("no volumes", async () => (await volumes()).length === 0, 60_000);
  const remove = (...pods: string[]) => at.cluster.kubectl("delete", "pod", ...pods, "--grace-period=1");

  test("a claim gets a folder on the node of its Pod, which keeps it as long as its claim lasts", async () => {
    const security = { runAsUser: 1000, fsGroup: 2000 };
    await at.create(claim("folder"));
    await at.create(pod("first", { containers: [sleeper()], securityContext: security, volumes: [mounted("folder")] }));
    await at.podWhen("first", isRunning);
    assert.match(
      await at.sh("first", "echo kept > /data/file; stat -c '%g %a' /data; stat -c %g /data/file"),
      /^2000 2777\n2000$/,
    );
    const volume = await volumeOf("folder");
    const path = volume.spec.local!.path;
    assert.equal(readFileSync(join(path, "file"), "utf8"), "kept\n");
    const first = await at.pod("first");
    const node = `/api/v1/nodes/${first.spec.nodeName}/proxy`;
    const summary = (await at.request("GET", `${node}/stats/summary`)) as { pods: Json[] };
    const told = summary.pods.find((it) => (it.podRef as Json).name === "first")!.volume as Json[];
    const { capacityBytes, usedBytes, pvcRef } = told.find(({ name }) => name === "data")!;
    assert.deepEqual(pvcRef, { name: "folder", namespace: "default" });
    assert.ok(Number(usedBytes) > 0 && Number(usedBytes) < 1024 * 1024 && Number(capacityBytes) > Number(usedBytes));
    assert.match(
      String(await at.request("GET", `${node}/metrics`)),
      new RegExp(`volume_stats_used_bytes{namespace="default",persistentvolumeclaim="folder"} ${usedBytes}`),
    );
    await remove("first");
    await at.create(pod("second", { containers: [sleeper()], volumes: [mounted("folder")] }));
    const second = await at.podWhen("second", isRunning);
    assert.equal(second.spec.nodeName, first.spec.nodeName, "where the folder is");
    assert.equal(await at.sh("second", "cat /data/file"), "kept");
    // a claim in use stays until its Pod is gone; then claim, volume and folder go
    await at.cluster.kubectl("delete", "pvc", "folder", "--wait=false");
    assert.ok((await claimed("folder")).metadata.deletionTimestamp);
    assert.ok(existsSync(path));
    await remove("second");
    await gone();
    assert.equal(existsSync(path), false);
  });

  test("a subPath leads nowhere but into its volume, and its mount goes with the Pod", async () => {
    await at.create(claim("parts"));
    await at.create(pod("whole", { containers: [sleeper()], volumes: [mounted("parts")] }));
    await at.podWhen("whole", isRunning);
    await at.sh("whole", "mkdir /data/in; ln -s in /data/near; ln -s /etc /data/far");
    const part = (name: string, subPath: string) =>
      at.create(
        pod(name, {
          containers: [sleeper({ volumeMounts: [{ name: "data", mountPath: "/data", subPath }] })],
          volumes: [mounted("parts")],
        }),
      );
    await part("near", "near/new");
    await part("far", "far");
    await at.podWhen("near", isRunning);
    await at.sh("near", "echo here > /data/file");
    assert.equal(await at.sh("whole", "cat /data/in/new/file"), "here");
    const refused = await at.podWhen("far", ({ status }) => status.containerStatuses?.[0]?.state?.waiting?.message);
    assert.match(JSON.stringify(refused.status), /subPath far leads out of the volume/);
    await remove("near", "far", "whole");
    assert.doesNotMatch(
      readFileSync("/proc/self/mountinfo", "utf8"),
      new RegExp(`${at.cluster.name}/.*volume-subpaths`),
    );
    await at.cluster.kubectl("delete", "pvc", "parts");
    await gone();
  });

  test("a claim for one Pod serves one; an ephemeral one goes with its Pod", async () => {
    const spec = claim("").spec as Json;
    await at.create(claim("alone", { accessModes: ["ReadWriteOncePod"] }));
    await at.create(pod("holder", { containers: [sleeper()], volumes: [mounted("alone")] }));
    const { nodeName } = (await at.podWhen("holder", isRunning)).spec;
    await at.create(pod("rival", { nodeName, containers: [sleeper()], volumes: [mounted("alone")] }));
    await until("the refusal", async () =>
      (await at.events("rival")).some((it) =>
        /ReadWriteOncePod access mode and is already in use by another pod/.test(it),
      ),
    );
    const ephemeral = { name: "data", ephemeral: { volumeClaimTemplate: { spec } } };
    await at.create(pod("own", { containers: [sleeper()], volumes: [ephemeral] }));
    await at.podWhen("own", isRunning);
    assert.equal((await claimed("own-data")).status.phase, "Bound");
    await remove("own", "rival", "holder");
    await at.cluster.kubectl("delete", "pvc", "alone");
    await gone();
    assert.deepEqual((await at.cluster.json<{ items: unknown[] }>("get", "pvc")).items, []);
  });

  test("volumes made by hand: a folder of the host for reading, and what a node has no driver for", async () => {
    const folder = join(at.cluster.scratch, "host");
    await mkdir(folder);
    await writeFile(join(folder, "file"), "from the host\n");
    const volume = (name: string, source: Json): Json => ({
      apiVersion: "v1",
      kind: "PersistentVolume",
      metadata: { name },
      spec: { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], storageClassName: "by-hand", ...source },
    });
    const make = (body: Json) => at.request("POST", "/api/v1/persistentvolumes", body);
    await make(volume("host", { hostPath: { path: folder } }));
    await make(volume("foreign", { csi: { driver: "foreign.example.com", volumeHandle: "1" } }));
    const byHand = (name: string) => claim(name, { storageClassName: "by-hand", volumeName: name });
    await at.create(byHand("host"), byHand("foreign"));
    await until("both bound", async () =>
      (await Promise.all(["host", "foreign"].map(claimed))).every(({ status }) => status.phase === "Bound"),
    );
    await at.create(pod("reader", { containers: [sleeper()], volumes: [mounted("host", { readOnly: true })] }));
    await at.create(pod("helpless", { containers: [sleeper()], volumes: [mounted("foreign")] }));
    const nfs = { name: "data", nfs: { server: "127.0.0.1", path: "/none" } };
    await at.create(pod("network", { containers: [sleeper()], volumes: [nfs] }));
    await at.podWhen("reader", isRunning);
    assert.equal(
      await at.sh("reader", "cat /data/file; touch /data/x 2>&1 || true"),
      "from the host\ntouch: /data/x: Read-only file system",
    );
    await until("the event", async () =>
      (await at.events("helpless")).some((it) =>
        it.includes("driver name foreign.example.com not found in the list of registered CSI drivers"),
      ),
    );
    // where the kernel has NFS, the server that is not there is waited for
    if (!/\bnfs\b/.test(readFileSync("/proc/filesystems", "utf8"))) {
      await until("what mount says", async () =>
        (await at.events("network")).some((it) =>
          /FailedMount: MountVolume.SetUp failed for volume "data" : mount failed: exit status 32\nMounting command: mount\nMounting arguments: -t nfs 127.0.0.1:\/none /.test(
            it,
          ),
        ),
      );
    }
    await remove("reader", "helpless", "network");
    await at.cluster.kubectl("delete", "pvc", "host", "foreign");
    await at.cluster.kubectl("delete", "pv", "host", "foreign");
    assert.ok(existsSync(join(folder, "file")), "what was there before stays");
  });

  test("a CSI driver serves claims and Pods of its node, also across a restart of the kubelet, and goes", async () => {
    const name = "folders.example.com";
    const rootDirectory = clusterPaths(at.cluster.name).kubelet;
    const data = join(at.cluster.scratch, "driver");
    const [host] = (await nodeNames()).filter((it) => !it.startsWith("node-"));
    const driver = new TestDriver({
      ...{ name, rootDirectory, data, nodeId: "here", seenRoot: "/var/lib/kubelet" },
      capabilities: ["STAGE_UNSTAGE_VOLUME", "GET_VOLUME_STATS"],
      topology: { [`topology.${name}/node`]: "here" },
    });
    const known = async () => {
      const { spec } = await at.cluster.json<CSINode>("get", "csinode", host!);
      return spec.drivers.some((it) => it.name === name);
    };
    await driver.start();
    try {
      await until("the driver", known);
      const labelled = await at.cluster.json<{ items: unknown[] }>("get", "nodes", "-l", `topology.${name}/node=here`);
      assert.equal(labelled.items.length, 1);
      const about = { attachRequired: false, volumeLifecycleModes: ["Persistent", "Ephemeral"] };
      const storage = "/apis/storage.k8s.io/v1";
      const object = { apiVersion: "storage.k8s.io/v1", kind: "CSIDriver", metadata: { name }, spec: about };
      await at.request("POST", `${storage}/csidrivers`, object);
      await at.request("POST", "/api/v1/persistentvolumes", {
        apiVersion: "v1",
        kind: "PersistentVolume",
        metadata: { name: "driven" },
        spec: {
          ...{ capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"], storageClassName: "by-hand" },
          csi: { driver: name, volumeHandle: "vol-1" },
        },
      });
      await at.create(claim("driven", { storageClassName: "by-hand", volumeName: "driven" }));
      const volumeMounts = ["data", "own"].map((it) => ({ name: it, mountPath: `/${it}` }));
      const volumes = [mounted("driven"), { name: "own", csi: { driver: name } }];
      await at.create(pod("driven", { nodeName: host, containers: [sleeper({ volumeMounts })], volumes }));
      const before = await at.podWhen("driven", isRunning);
      await at.sh("driven", "echo by the driver > /data/file; echo mine > /own/file");
      assert.equal(readFileSync(join(data, "vol-1", "file"), "utf8"), "by the driver\n");
      const summary = await at.request("GET", `/api/v1/nodes/${host}/proxy/stats/summary`);
      assert.match(JSON.stringify(summary), /"pvcRef":{"name":"driven","namespace":"default"},"capacityBytes":1000,/);

      const { pid } = await at.cluster.component("node");
      driver.told = undefined;
      process.kill(pid, "SIGKILL");
      await until("registered again", async () => driver.told?.pluginRegistered);
      const read = () => at.sh("driven", "cat /data/file").catch(() => ""); // not yet listening
      await until("the kubelet", async () => (await read()) === "by the driver");
      assert.deepEqual((await at.pod("driven")).status.containerStatuses?.[0]?.restartCount, 0);
      assert.equal((await at.pod("driven")).metadata.uid, before.metadata.uid);
      await remove("driven");
      const last = driver.trace.slice(-3).map((it) => it.split(" ")[0]!);
      assert.deepEqual(last.toSorted(), ["NodeUnpublishVolume", "NodeUnpublishVolume", "NodeUnstageVolume"]);
      assert.doesNotMatch(readFileSync("/proc/self/mountinfo", "utf8"), new RegExp(`${at.cluster.name}/.*~csi`));
      assert.equal(readFileSync(join(data, "vol-1", "file"), "utf8"), "by the driver\n");
    } finally {
      await driver.stop();
    }
    await until("the driver is forgotten", async () => !(await known()));
    await at.cluster.kubectl("delete", "pvc/driven", "pv/driven", `csidriver/${name}`);
  });

  test("what a Pod mounts in the kubelet's folder appears on its node, and in Pods that ask to see it", async () => {
    const path = "/var/lib/kubelet/plugins/shared";
    const shared = [{ name: "shared", hostPath: { path, type: "DirectoryOrCreate" } }];
    const mounting = (mountPropagation: string) => ({
      volumeMounts: [{ name: "shared", mountPath: "/shared", mountPropagation }],
      securityContext: { privileged: true },
    });
    for (const nodeName of await nodeNames()) {
      const containers = (way: string) => [sleeper(mounting(way))];
      await at.create(
        pod(`gives-${nodeName}`, { nodeName, containers: containers("Bidirectional"), volumes: shared }),
        pod(`sees-${nodeName}`, { nodeName, containers: containers("HostToContainer"), volumes: shared }),
      );
      for (const it of ["gives", "sees"]) await at.podWhen(`${it}-${nodeName}`, isRunning);
      const script = "mkdir -p /shared/disk; mount -t tmpfs none /shared/disk; echo there > /shared/disk/file";
      await at.sh(`gives-${nodeName}`, script);
      assert.equal(await at.sh(`sees-${nodeName}`, "cat /shared/disk/file"), "there");
      await at.sh(`gives-${nodeName}`, "busybox umount /shared/disk");
      assert.equal(await at.sh(`sees-${nodeName}`, "ls /shared/disk"), "");
      await remove(`gives-${nodeName}`, `sees-${nodeName}`);
    }
  });

  test("a disk follows its Pods between machines, one at a time, and grows", async () => {
    await at.create(claim("disk", { storageClassName: "network" }));
    await until("the disk", async () => (await claimed("disk")).status.phase === "Bound");
    const [host, other] = await nodeNames();
    await at.create(pod("here", { nodeName: host, containers: [sleeper()], volumes: [mounted("disk")] }));
    await at.podWhen("here", isRunning);
    await at.sh("here", "echo written on the first > /data/file");
    await at.create(pod("there", { nodeName: other, containers: [sleeper()], volumes: [mounted("disk")] }));
    await until("the refusal", async () =>
      (await at.events("there")).some((it) =>
        /Multi-Attach error for volume .* Volume is already used by pod\(s\) here/.test(it),
      ),
    );
    await remove("here");
    await at.podWhen("there", isRunning, 60_000);
    assert.equal(await at.sh("there", "cat /data/file"), "written on the first");
    const size = async () => Number((await at.sh("there", "df /data | tail -n 1")).trim().split(/\s+/)[1]);
    assert.ok((await size()) < 64 * 1024);
    const patch = { spec: { resources: { requests: { storage: "128Mi" } } } };
    await at.cluster.kubectl("patch", "pvc", "disk", "-p", JSON.stringify(patch));
    await until("a larger disk", async () => (await volumeOf("disk")).spec.capacity?.storage === "128Mi");
    // not every kernel lets a file system grow under a Pod; a new Pod finds it larger everywhere
    await remove("there");
    await at.create(pod("there", { nodeName: other, containers: [sleeper()], volumes: [mounted("disk")] }));
    await at.podWhen("there", isRunning, 60_000);
    await until("a larger file system", async () => (await claimed("disk")).status.capacity?.storage === "128Mi");
    assert.ok((await size()) > 100 * 1024);
    const disk = (await volumeOf("disk")).spec.csi!.volumeHandle;
    assert.match(execFileSync("losetup", ["--all"], { encoding: "utf8" }), new RegExp(disk));
    await remove("there");
    await at.cluster.kubectl("delete", "pvc", "disk");
    await gone();
    assert.doesNotMatch(execFileSync("losetup", ["--all"], { encoding: "utf8" }), new RegExp(disk));
  });

  test("a class with file systems holds claims to their size, and grows", async () => {
    await at.request("POST", "/apis/storage.k8s.io/v1/storageclasses", {
      ...{ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name: "sized" } },
      ...{ provisioner: "coxswain.io/local", volumeBindingMode: "WaitForFirstConsumer", allowVolumeExpansion: true },
      parameters: { fsType: "ext4" },
    });
    await at.create(claim("sized", { storageClassName: "sized", resources: { requests: { storage: "24Mi" } } }));
    const begin = async () => {
      await at.create(pod("sized", { containers: [sleeper()], volumes: [mounted("sized")] }));
      await at.podWhen("sized", isRunning);
    };
    await begin();
    assert.equal(await at.sh("sized", "ls -A /data; touch /data/first"), "", "empty");
    const fill = () => at.sh("sized", "dd if=/dev/zero of=/data/fill bs=1M count=40 2>&1 || true");
    assert.match(await fill(), /No space left on device/);
    const patch = { spec: { resources: { requests: { storage: "64Mi" } } } };
    await at.cluster.kubectl("patch", "pvc", "sized", "-p", JSON.stringify(patch));
    await until("a larger promise", async () => (await volumeOf("sized")).spec.capacity?.storage === "64Mi");
    // not every kernel lets a file system grow under a Pod
    await remove("sized");
    await begin();
    await until("a larger file system", async () => (await claimed("sized")).status.capacity?.storage === "64Mi");
    assert.doesNotMatch(await fill(), /No space left/);
    assert.equal(await at.sh("sized", "ls /data"), "fill\nfirst");
    const { path } = (await volumeOf("sized")).spec.local!;
    assert.ok(existsSync(`${path}.img`));
    await remove("sized");
    await at.cluster.kubectl("delete", "pvc", "sized");
    await gone();
    assert.equal(existsSync(`${path}.img`), false);
    assert.doesNotMatch(execFileSync("losetup", ["--all"], { encoding: "utf8" }), new RegExp(path));
  });

  test("a raw disk is a device in the container", async () => {
    await at.create(claim("raw", { storageClassName: "network", volumeMode: "Block" }));
    const devices = { volumeMounts: [], volumeDevices: [{ name: "data", devicePath: "/dev/raw-disk" }] };
    await at.create(pod("raw", { containers: [sleeper(devices)], volumes: [mounted("raw")] }));
    await at.podWhen("raw", isRunning, 60_000);
    await at.sh("raw", "echo straight onto it | dd of=/dev/raw-disk bs=512 conv=sync 2>/dev/null");
    assert.match(
      await at.sh("raw", "dd if=/dev/raw-disk bs=512 count=1 2>/dev/null | tr -d '\\000'"),
      /^straight onto it/,
    );
    await remove("raw");
    await at.cluster.kubectl("delete", "pvc", "raw");
    await gone();
  });
});
