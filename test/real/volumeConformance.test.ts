/** The conformance suite's sentences about what containers see of their volumes, on one cluster, all at once. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  BOX,
  configMap,
  container,
  FOREVER,
  isOver,
  isReady,
  type Json,
  PodCluster,
  pod,
  secret,
} from "./podFixture.ts";
import { OBJECTS } from "./podSubjects.ts";
import { cannotRun, until } from "./realCluster.ts";
import {
  placed,
  plainConfigMap,
  plainDownward,
  plainSecret,
  projectedConfigMap,
  projectedDownward,
  projectedSecret,
  type VolumeCase,
} from "./volumeSubjects.ts";

const skip = await cannotRun();

// --- emptyDir ---

const modeOf = (mode: string) =>
  `umask 0; echo mount-tester new file > /etc/v/f; chmod ${mode} /etc/v/f; stat -c 'mode %a of %u' /etc/v/f; ` +
  "cat /etc/v/f; stat -f -c 'type %T' /etc/v; stat -c 'folder %A' /etc/v";

/** A new file of a mode in an empty folder of a kind, as root or not: as the title says. */
function emptyDir(title: string): VolumeCase {
  const [, user, mode, medium] = /\((root|non-root),(\d+),(\w+)\)/.exec(title) ?? ["", "root", "0600", title];
  const inMemory = medium!.includes("tmpfs");
  const owner = user === "root" ? 0 : 1001;
  return {
    title,
    script: modeOf(mode!),
    volumes: { v: { emptyDir: inMemory ? { medium: "Memory" } : {} } },
    more: { securityContext: { runAsUser: owner } },
    says: [
      `mode ${Number(mode)} of ${owner}\n`,
      "mount-tester new file\n",
      inMemory ? /type tmpfs/ : /type (?!tmpfs)/,
      `folder ${inMemory ? "drwxrwxrwt" : "drwxrwxrwx"}`,
    ],
  };
}

const emptyDirs: VolumeCase[] = [
  "[sig-storage] EmptyDir volumes should support (root,0644,tmpfs) [LinuxOnly] [NodeConformance] [Conformance]",
  "[sig-storage] EmptyDir volumes should support (root,0666,tmpfs) [LinuxOnly] [NodeConformance] [Conformance]",
  "[sig-storage] EmptyDir volumes should support (root,0777,tmpfs) [LinuxOnly] [NodeConformance] [Conformance]",
  "[sig-storage] EmptyDir volumes should support (non-root,0644,tmpfs) [LinuxOnly] [NodeConformance] [Conformance]",
  "[sig-storage] EmptyDir volumes should support (non-root,0666,tmpfs) [LinuxOnly] [NodeConformance] [Conformance]",
  "[sig-storage] EmptyDir volumes should support (non-root,0777,tmpfs) [LinuxOnly] [NodeConformance] [Conformance]",
  "[sig-storage] EmptyDir volumes should support (root,0644,default) [LinuxOnly] [NodeConformance] [Conformance]",
  "[sig-storage] EmptyDir volumes should support (root,0666,default) [LinuxOnly] [NodeConformance] [Conformance]",
  "[sig-storage] EmptyDir volumes should support (root,0777,default) [LinuxOnly] [NodeConformance] [Conformance]",
  "[sig-storage] EmptyDir volumes should support (non-root,0644,default) [LinuxOnly] [NodeConformance] [Conformance]",
  "[sig-storage] EmptyDir volumes should support (non-root,0666,default) [LinuxOnly] [NodeConformance] [Conformance]",
  "[sig-storage] EmptyDir volumes should support (non-root,0777,default) [LinuxOnly] [NodeConformance] [Conformance]",
  "[sig-storage] EmptyDir volumes volume on default medium should have the correct mode [LinuxOnly] [NodeConformance] [Conformance]",
  "[sig-storage] EmptyDir volumes volume on tmpfs should have the correct mode [LinuxOnly] [NodeConformance] [Conformance]",
].map(emptyDir);

// --- ConfigMap, Secret and projected volumes ---

const READ = "cat /etc/v/data-1; stat -Lc ' mode %A' /etc/v/data-1; touch /etc/v/new || echo read only";
const READ_MAPPED = "ls /etc/v; cat /etc/v/path/to/data-2; stat -Lc ' mode %A' /etc/v/path/to/data-2";
const MAPPED = { key: "data-2", path: "path/to/data-2" };
const PLAIN_USER = { securityContext: { runAsUser: 1000 } };
const GROUP = { runAsUser: 1000, fsGroup: 1001 };

const whole = (title: string, v: Json, more?: Json): VolumeCase => ({
  title,
  script: READ,
  volumes: { v },
  says: ["value-1", "mode -rw-r--r--\n", "Read-only file system", "read only"],
  ...(more ? { more } : {}),
});
const withMode = (title: string, v: Json): VolumeCase => ({
  title,
  script: READ,
  volumes: { v },
  says: ["value-1", "mode -r--------\n"],
});
const withGroup = (title: string, v: Json): VolumeCase => ({
  title,
  script: `id; stat -c 'folder %A' /etc/v; stat -Lc 'group %g' /etc/v/data-1; ${READ}`,
  volumes: { v },
  context: GROUP,
  says: ["uid=1000", "group 1001", "value-1", "mode -r--r-----\n", /folder drwxrws/],
});
const mapped = (title: string, v: Json, mode = "-rw-r--r--", more?: Json): VolumeCase => ({
  title,
  script: READ_MAPPED,
  volumes: { v },
  says: [/^path$/m, "value-2", `mode ${mode}\n`],
  ...(more ? { more } : {}),
});
const twice = (title: string, v: Json): VolumeCase => ({
  title,
  script: "cat /etc/v/data-1 /etc/w/data-1",
  volumes: { v, w: v },
  says: [/^value-1value-1$/],
});

const contents: VolumeCase[] = [
  whole(
    "[sig-storage] ConfigMap should be consumable from pods in volume [NodeConformance] [Conformance]",
    plainConfigMap("settings"),
  ),
  whole(
    "[sig-storage] ConfigMap should be consumable from pods in volume as non-root [NodeConformance] [Conformance]",
    plainConfigMap("settings"),
    PLAIN_USER,
  ),
  withMode(
    "[sig-storage] ConfigMap should be consumable from pods in volume with defaultMode set [LinuxOnly] [NodeConformance] [Conformance]",
    plainConfigMap("settings", { defaultMode: 0o400 }),
  ),
  mapped(
    "[sig-storage] ConfigMap should be consumable from pods in volume with mappings [NodeConformance] [Conformance]",
    plainConfigMap("settings", { items: [MAPPED] }),
  ),
  mapped(
    "[sig-storage] ConfigMap should be consumable from pods in volume with mappings and Item mode set [LinuxOnly] [NodeConformance] [Conformance]",
    plainConfigMap("settings", { items: [{ ...MAPPED, mode: 0o400 }] }),
    "-r--------",
  ),
  mapped(
    "[sig-storage] ConfigMap should be consumable from pods in volume with mappings as non-root [NodeConformance] [Conformance]",
    plainConfigMap("settings", { items: [MAPPED] }),
    undefined,
    PLAIN_USER,
  ),
  twice(
    "[sig-storage] ConfigMap should be consumable in multiple volumes in the same pod [NodeConformance] [Conformance]",
    plainConfigMap("settings"),
  ),
  {
    title: "[sig-storage] ConfigMap binary data should be reflected in volume [NodeConformance] [Conformance]",
    script: "cat /etc/v/data-1; busybox hexdump -C /etc/v/dump.bin",
    volumes: { v: plainConfigMap("settings") },
    says: ["value-1", /de ca fe ba {1,2}d0 fe ff/],
  },
  whole(
    "[sig-storage] Projected configMap should be consumable from pods in volume [NodeConformance] [Conformance]",
    projectedConfigMap("settings"),
  ),
  whole(
    "[sig-storage] Projected configMap should be consumable from pods in volume as non-root [NodeConformance] [Conformance]",
    projectedConfigMap("settings"),
    PLAIN_USER,
  ),
  withMode(
    "[sig-storage] Projected configMap should be consumable from pods in volume with defaultMode set [LinuxOnly] [NodeConformance] [Conformance]",
    projectedConfigMap("settings", { defaultMode: 0o400 }),
  ),
  mapped(
    "[sig-storage] Projected configMap should be consumable from pods in volume with mappings [NodeConformance] [Conformance]",
    projectedConfigMap("settings", { items: [MAPPED] }),
  ),
  mapped(
    "[sig-storage] Projected configMap should be consumable from pods in volume with mappings and Item mode set [LinuxOnly] [NodeConformance] [Conformance]",
    projectedConfigMap("settings", { items: [{ ...MAPPED, mode: 0o400 }] }),
    "-r--------",
  ),
  mapped(
    "[sig-storage] Projected configMap should be consumable from pods in volume with mappings as non-root [NodeConformance] [Conformance]",
    projectedConfigMap("settings", { items: [MAPPED] }),
    undefined,
    PLAIN_USER,
  ),
  twice(
    "[sig-storage] Projected configMap should be consumable in multiple volumes in the same pod [NodeConformance] [Conformance]",
    projectedConfigMap("settings"),
  ),
  whole(
    "[sig-storage] Secrets should be consumable from pods in volume [NodeConformance] [Conformance]",
    plainSecret("keys"),
  ),
  withMode(
    "[sig-storage] Secrets should be consumable from pods in volume with defaultMode set [LinuxOnly] [NodeConformance] [Conformance]",
    plainSecret("keys", { defaultMode: 0o400 }),
  ),
  withGroup(
    "[sig-storage] Secrets should be consumable from pods in volume as non-root with defaultMode and fsGroup set [LinuxOnly] [NodeConformance] [Conformance]",
    plainSecret("keys", { defaultMode: 0o440 }),
  ),
  mapped(
    "[sig-storage] Secrets should be consumable from pods in volume with mappings [NodeConformance] [Conformance]",
    plainSecret("keys", { items: [MAPPED] }),
  ),
  mapped(
    "[sig-storage] Secrets should be consumable from pods in volume with mappings and Item Mode set [LinuxOnly] [NodeConformance] [Conformance]",
    plainSecret("keys", { items: [{ ...MAPPED, mode: 0o400 }] }),
    "-r--------",
  ),
  twice(
    "[sig-storage] Secrets should be consumable in multiple volumes in a pod [NodeConformance] [Conformance]",
    plainSecret("keys"),
  ),
  whole(
    "[sig-storage] Projected secret should be consumable from pods in volume [NodeConformance] [Conformance]",
    projectedSecret("keys"),
  ),
  withMode(
    "[sig-storage] Projected secret should be consumable from pods in volume with defaultMode set [LinuxOnly] [NodeConformance] [Conformance]",
    projectedSecret("keys", { defaultMode: 0o400 }),
  ),
  withGroup(
    "[sig-storage] Projected secret should be consumable from pods in volume as non-root with defaultMode and fsGroup set [LinuxOnly] [NodeConformance] [Conformance]",
    projectedSecret("keys", { defaultMode: 0o440 }),
  ),
  mapped(
    "[sig-storage] Projected secret should be consumable from pods in volume with mappings [NodeConformance] [Conformance]",
    projectedSecret("keys", { items: [MAPPED] }),
  ),
  mapped(
    "[sig-storage] Projected secret should be consumable from pods in volume with mappings and Item Mode set [LinuxOnly] [NodeConformance] [Conformance]",
    projectedSecret("keys", { items: [{ ...MAPPED, mode: 0o400 }] }),
    "-r--------",
  ),
  twice(
    "[sig-storage] Projected secret should be consumable in multiple volumes in a pod [NodeConformance] [Conformance]",
    projectedSecret("keys"),
  ),
  {
    title:
      "[sig-storage] Projected combined should project all components that make up the projection API [Projection] [NodeConformance] [Conformance]",
    script: "cat /etc/v/podname /etc/v/secret-data /etc/v/configmap-data",
    volumes: {
      v: {
        projected: {
          sources: [
            { downwardAPI: { items: [{ path: "podname", fieldRef: { fieldPath: "metadata.name" } }] } },
            { secret: { name: "keys", items: [{ key: "data-1", path: "secret-data" }] } },
            { configMap: { name: "settings", items: [{ key: "data-2", path: "configmap-data" }] } },
          ],
        },
      },
    },
    says: [/^volumes-\d+value-1value-2$/],
  },
  {
    title: "[sig-storage] EmptyDir wrapper volumes should not conflict [Conformance]",
    script: "cat /etc/s/data-1 /etc/c/data-1; stat -c ' %A' /etc/s /etc/c",
    volumes: { s: plainSecret("keys"), c: plainConfigMap("settings") },
    says: ["value-1value-1 drwxrwxrwt\n drwxrwxrwx\n"],
  },
  {
    title: "ImageVolume should succeed with pod",
    script: "cat /etc/image/etc/passwd /etc/passwd; touch /etc/image/x 2>/dev/null || echo read only",
    volumes: { image: { image: { reference: BOX, pullPolicy: "IfNotPresent" } } },
    mounts: [
      { name: "image", mountPath: "/etc/image" },
      { name: "image", mountPath: "/etc/passwd", subPath: "etc/passwd" },
    ],
    says: ["root:x:0:0:root:/:/bin/sh\nroot:x:0:0:root:/:/bin/sh", "read only"],
  },
];

// --- what a Pod is told about itself ---

const FIELD = { path: "podname", fieldRef: { fieldPath: "metadata.name" } };
const LIMITS = {
  resources: { requests: { cpu: "10m", memory: "8Mi" }, limits: { cpu: "1250m", memory: "64Mi" } },
};
const REQUESTS = {
  resources: { requests: { cpu: "250m", memory: "32Mi" }, limits: { cpu: "1250m", memory: "64Mi" } },
};
type Downward = (items: Json[], defaultMode?: number) => Json;

const field = (title: string, v: Json, mode = "-rw-r--r--"): VolumeCase => ({
  title,
  script: "cat /etc/v/podname; stat -Lc ' mode %A' /etc/v/podname; stat -f -c 'type %T' /etc/v",
  volumes: { v },
  says: [/^volumes-\d+ /, `mode ${mode}\n`, "type tmpfs"],
});
/** Amounts of the container itself, which its name in the Pod stands for. */
const amount = (title: string, form: Downward, resource: string, says: string | RegExp, more?: Json): VolumeCase => ({
  title,
  script: "echo amount=$(cat /etc/v/amount)",
  volumes: { v: (containerName) => form([{ path: "amount", resourceFieldRef: { containerName, resource } }]) },
  says: [says],
  ...(more ? { more } : {}),
});
const CORES = /^amount=[1-9]\d*\n$/;
const BYTES = /^amount=[1-9]\d{7,}\n$/;

const downward: VolumeCase[] = [
  field(
    "[sig-storage] Downward API volume should provide podname only [NodeConformance] [Conformance]",
    plainDownward([FIELD]),
  ),
  field(
    "[sig-storage] Downward API volume should set DefaultMode on files [LinuxOnly] [NodeConformance] [Conformance]",
    plainDownward([FIELD], 0o400),
    "-r--------",
  ),
  field(
    "[sig-storage] Downward API volume should set mode on item file [LinuxOnly] [NodeConformance] [Conformance]",
    plainDownward([{ ...FIELD, mode: 0o400 }]),
    "-r--------",
  ),
  amount(
    "[sig-storage] Downward API volume should provide container's cpu limit [NodeConformance] [Conformance]",
    plainDownward,
    "limits.cpu",
    "amount=2\n",
    LIMITS,
  ),
  amount(
    "[sig-storage] Downward API volume should provide container's memory limit [NodeConformance] [Conformance]",
    plainDownward,
    "limits.memory",
    "amount=67108864\n",
    LIMITS,
  ),
  amount(
    "[sig-storage] Downward API volume should provide container's cpu request [NodeConformance] [Conformance]",
    plainDownward,
    "requests.cpu",
    "amount=1\n",
    REQUESTS,
  ),
  amount(
    "[sig-storage] Downward API volume should provide container's memory request [NodeConformance] [Conformance]",
    plainDownward,
    "requests.memory",
    "amount=33554432\n",
    REQUESTS,
  ),
  amount(
    "[sig-storage] Downward API volume should provide node allocatable (cpu) as default cpu limit if the limit is not set [NodeConformance] [Conformance]",
    plainDownward,
    "limits.cpu",
    CORES,
  ),
  amount(
    "[sig-storage] Downward API volume should provide node allocatable (memory) as default memory limit if the limit is not set [NodeConformance] [Conformance]",
    plainDownward,
    "limits.memory",
    BYTES,
  ),
  field(
    "[sig-storage] Projected downwardAPI should provide podname only [NodeConformance] [Conformance]",
    projectedDownward([FIELD]),
  ),
  field(
    "[sig-storage] Projected downwardAPI should set DefaultMode on files [LinuxOnly] [NodeConformance] [Conformance]",
    projectedDownward([FIELD], 0o400),
    "-r--------",
  ),
  field(
    "[sig-storage] Projected downwardAPI should set mode on item file [LinuxOnly] [NodeConformance] [Conformance]",
    projectedDownward([{ ...FIELD, mode: 0o400 }]),
    "-r--------",
  ),
  amount(
    "[sig-storage] Projected downwardAPI should provide container's cpu limit [NodeConformance] [Conformance]",
    projectedDownward,
    "limits.cpu",
    "amount=2\n",
    LIMITS,
  ),
  amount(
    "[sig-storage] Projected downwardAPI should provide container's memory limit [NodeConformance] [Conformance]",
    projectedDownward,
    "limits.memory",
    "amount=67108864\n",
    LIMITS,
  ),
  amount(
    "[sig-storage] Projected downwardAPI should provide container's cpu request [NodeConformance] [Conformance]",
    projectedDownward,
    "requests.cpu",
    "amount=1\n",
    REQUESTS,
  ),
  amount(
    "[sig-storage] Projected downwardAPI should provide container's memory request [NodeConformance] [Conformance]",
    projectedDownward,
    "requests.memory",
    "amount=33554432\n",
    REQUESTS,
  ),
  amount(
    "[sig-storage] Projected downwardAPI should provide node allocatable (cpu) as default cpu limit if the limit is not set [NodeConformance] [Conformance]",
    projectedDownward,
    "limits.cpu",
    CORES,
  ),
  amount(
    "[sig-storage] Projected downwardAPI should provide node allocatable (memory) as default memory limit if the limit is not set [NodeConformance] [Conformance]",
    projectedDownward,
    "limits.memory",
    BYTES,
  ),
];

// --- subPath ---

/** One file of a volume at a place of its own; e2e's Pods carry an SELinux level, which hosts without it pass over. */
const subPath = (title: string, part: string, v: Json, says: string | RegExp, mountPath = "/probe"): VolumeCase => ({
  title,
  script: `cat ${mountPath}; echo; mount | grep -c ' ${mountPath} '`,
  volumes: { v },
  mounts: [{ name: "v", mountPath, subPath: part }],
  context: { seLinuxOptions: { level: "s0:c0,c1" } },
  says: [says, /^1$/m],
});
const parts: VolumeCase[] = [
  subPath(
    "[sig-storage] Subpath Atomic writer volumes should support subpaths with secret pod [Conformance]",
    "data-1",
    plainSecret("keys"),
    "value-1",
  ),
  subPath(
    "[sig-storage] Subpath Atomic writer volumes should support subpaths with configmap pod [Conformance]",
    "data-1",
    plainConfigMap("settings"),
    "value-1",
  ),
  subPath(
    "[sig-storage] Subpath Atomic writer volumes should support subpaths with configmap pod with mountPath of existing file [Conformance]",
    "data-1",
    plainConfigMap("settings"),
    /^value-1$/m,
    "/etc/resolv.conf",
  ),
  subPath(
    "[sig-storage] Subpath Atomic writer volumes should support subpaths with downward pod [Conformance]",
    "downward/podname",
    plainDownward([{ path: "downward/podname", fieldRef: { fieldPath: "metadata.name" } }]),
    /^volumes-\d+$/m,
  ),
  subPath(
    "[sig-storage] Subpath Atomic writer volumes should support subpaths with projected pod [Conformance]",
    "projected/data-1",
    projectedConfigMap("settings", { items: [{ key: "data-1", path: "projected/data-1" }] }),
    "value-1",
  ),
];

// --- live updates ---

const ABSENT = "absent";
/** A volume of a Pod that stays, a file in it, and what it says before and after its objects have changed. */
interface LiveCase {
  title: string;
  volumes: Record<string, Json>;
  before: Record<string, string>;
  after: Record<string, string>;
}
const optional = (title: string, id: string, source: (name: string, more?: Json) => Json): LiveCase => ({
  title,
  volumes: {
    [`${id}-upd`]: source(`${id}-upd`, { optional: true }),
    [`${id}-del`]: source(`${id}-del`, { optional: true }),
    [`${id}-new`]: source(`${id}-new`, { optional: true, items: [{ key: "data-1", path: "path/to/data-1" }] }),
  },
  before: {
    [`${id}-upd/data-1`]: "value-1",
    [`${id}-del/data-1`]: "value-1",
    [`${id}-new/path/to/data-1`]: ABSENT,
  },
  after: {
    [`${id}-upd/data-1`]: ABSENT,
    [`${id}-upd/data-3`]: "value-3",
    [`${id}-del/data-1`]: ABSENT,
    [`${id}-new/path/to/data-1`]: "value-1",
  },
});
const updated = (title: string, id: string, source: Json): LiveCase => ({
  title,
  volumes: { [id]: source },
  before: { [`${id}/data-1`]: "value-1", [`${id}/data-2`]: "value-2" },
  after: { [`${id}/data-1`]: "value-2", [`${id}/data-2`]: "value-2" },
});
const told = (title: string, id: string, form: Downward): LiveCase => {
  const what = id.split("-").at(-1)!;
  return {
    title,
    volumes: { [id]: form([{ path: what, fieldRef: { fieldPath: `metadata.${what}` } }]) },
    before: { [`${id}/${what}`]: 'key1="value1"\nkey2="value2"' },
    after: { [`${id}/${what}`]: 'key1="value1"\nkey2="value2"\nkey3="value3"' },
  };
};
const live: LiveCase[] = [
  optional(
    "[sig-storage] ConfigMap optional updates should be reflected in volume [NodeConformance] [Conformance]",
    "map",
    plainConfigMap,
  ),
  optional(
    "[sig-storage] Projected configMap optional updates should be reflected in volume [NodeConformance] [Conformance]",
    "projected-map",
    projectedConfigMap,
  ),
  optional(
    "[sig-storage] Secrets optional updates should be reflected in volume [NodeConformance] [Conformance]",
    "secret",
    plainSecret,
  ),
  optional(
    "[sig-storage] Projected secret optional updates should be reflected in volume [NodeConformance] [Conformance]",
    "projected-secret",
    projectedSecret,
  ),
  updated(
    "[sig-storage] ConfigMap updates should be reflected in volume [NodeConformance] [Conformance]",
    "changing",
    plainConfigMap("changing"),
  ),
  updated(
    "[sig-storage] Projected configMap updates should be reflected in volume [NodeConformance] [Conformance]",
    "changing-projected",
    projectedConfigMap("changing"),
  ),
  told(
    "[sig-storage] Downward API volume should update labels on modification [NodeConformance] [Conformance]",
    "plain-labels",
    plainDownward,
  ),
  told(
    "[sig-storage] Downward API volume should update annotations on modification [NodeConformance] [Conformance]",
    "plain-annotations",
    plainDownward,
  ),
  told(
    "[sig-storage] Projected downwardAPI should update labels on modification [NodeConformance] [Conformance]",
    "projected-labels",
    projectedDownward,
  ),
  told(
    "[sig-storage] Projected downwardAPI should update annotations on modification [NodeConformance] [Conformance]",
    "projected-annotations",
    projectedDownward,
  ),
];

describe("what containers see of their volumes", { skip }, () => {
  let at: PodCluster;
  before(async () => {
    at = await PodCluster.start("volviews", "--nodes", "2");
    await at.create(...OBJECTS);
  });
  after(() => at?.remove());

  test("each as it was asked for", async (t) => {
    const { pods, cases } = placed([...emptyDirs, ...contents, ...downward, ...parts]);
    await at.create(...pods);
    for (const it of cases) {
      await t.test(it.title, async () => {
        const over = await at.podWhen(it.pod, isOver, 90_000);
        const log = await at.logOf(it.pod, it.container);
        const ended = over.status.containerStatuses?.find(({ name }) => name === it.container)?.state?.terminated;
        assert.equal(ended?.exitCode, 0, log);
        for (const text of it.says) {
          const found = typeof text === "string" ? log.includes(text) : text.test(log);
          assert.ok(found, `expected ${text} in:\n${log}`);
        }
      });
    }
  });

  test("[sig-storage] EmptyDir volumes pod should support shared volumes between containers [Conformance]", async () => {
    const volumeMounts = [{ name: "v", mountPath: "/share" }];
    const containers = [
      container("until test -f /share/x; do sleep 0.1; done; cat /share/x", { volumeMounts }),
      container("echo from the other > /share/x", { name: "other", volumeMounts }),
    ];
    await at.create(pod("shared", { containers, volumes: [{ name: "v", emptyDir: {} }] }));
    await at.podWhen("shared", isOver);
    assert.equal(await at.logOf("shared", "main"), "from the other\n");
  });

  test("as their objects change", async (t) => {
    const data = { "data-1": "value-1" };
    for (const name of ["map", "projected-map"]) {
      await at.create(configMap(`${name}-upd`, data), configMap(`${name}-del`, data));
    }
    for (const name of ["secret", "projected-secret"]) {
      await at.create(secret(`${name}-upd`, data), secret(`${name}-del`, data));
    }
    await at.create(configMap("changing", { ...data, "data-2": "value-2" }));
    const told = { key1: "value1", key2: "value2" };
    await at.create(livePod({ labels: told, annotations: told }));
    await at.podWhen("live", isReady);
    assert.deepEqual(await read(live.map((it) => it.before)), Object.assign({}, ...live.map((it) => it.before)));

    for (const kind of ["map", "secret"]) {
      const plural = kind === "map" ? "configmaps" : "secrets";
      for (const name of [kind, `projected-${kind}`]) {
        const changed = { data: { "data-1": null, "data-3": kind === "map" ? "value-3" : btoa("value-3") } };
        await patch(`${plural}/${name}-upd`, changed);
        await at.request("DELETE", `/api/v1/namespaces/default/${plural}/${name}-del`);
        await at.create(kind === "map" ? configMap(`${name}-new`, data) : secret(`${name}-new`, data));
      }
    }
    await patch("configmaps/changing", { data: { "data-1": "value-2" } });
    await patch("pods/live", { metadata: { labels: { key3: "value3" }, annotations: { key3: "value3" } } });
    for (const it of live) {
      await t.test(it.title, async () => {
        let seen: unknown;
        const isSo = async () => {
          seen = await read([it.after]);
          return JSON.stringify(seen) === JSON.stringify(it.after);
        };
        await until(it.title, isSo, 20_000).catch((error) => {
          throw new Error(`${error.message}; last seen: ${JSON.stringify(seen)}`);
        });
      });
    }
  });

  const patch = (path: string, body: Json) =>
    at.request("PATCH", `/api/v1/namespaces/default/${path}`, body, "application/merge-patch+json");
  function livePod(metadata: Json): Json {
    const volumes = live.flatMap((it) => Object.entries(it.volumes).map(([name, source]) => ({ name, ...source })));
    const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/etc/${name}` }));
    return pod(
      "live",
      { restartPolicy: "Always", containers: [container(FOREVER, { volumeMounts })], volumes },
      metadata,
    );
  }
  /** What files of the Pod that stays say, all in one look. */
  async function read(expected: readonly Record<string, string>[]): Promise<Record<string, string>> {
    const files = expected.flatMap((it) => Object.keys(it));
    const show = (file: string) => `cat /etc/${file} 2>/dev/null || echo ${ABSENT}`;
    const all = await at.sh("live", files.map((file) => `(${show(file)}); echo; echo ---`).join(";"));
    const texts = all.split(/\n+---\n?/);
    return Object.fromEntries(files.map((file, i) => [file, texts[i]!]));
  }

  test("[sig-storage] Secrets should be able to mount in a volume regardless of a different secret existing with same name in different namespace [NodeConformance] [Conformance]", async () => {
    const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "other" } };
    await at.request("POST", "/api/v1/namespaces", namespace);
    await at.create(secret("twin", { "data-1": "value-1" }));
    await at.request("POST", "/api/v1/namespaces/other/secrets", secret("twin", { "this-should": "not-show" }));
    const volumeMounts = [{ name: "s", mountPath: "/etc/s" }];
    const volumes = [{ name: "s", secret: { secretName: "twin" } }];
    await at.create(
      pod("twin", { containers: [container("cat /etc/s/data-1; ls /etc/s", { volumeMounts })], volumes }),
    );
    await at.podWhen("twin", isOver);
    assert.equal(await at.logOf("twin", "main"), "value-1data-1\n");
  });

  test("[sig-storage] EmptyDir wrapper volumes should not cause race condition when used for configmaps [Serial] [Conformance]", async () => {
    const names = Array.from({ length: 50 }, (_, i) => `racey-${i}`);
    await at.create(...names.map((name) => configMap(name, { "data-1": name })));
    const volumes = names.map((name) => ({ name, configMap: { name, items: [{ key: "data-1", path: "data-1" }] } }));
    const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/etc/${name}` }));
    const ids = Array.from({ length: 5 }, (_, i) => `race-${i}`);
    const containers = [container("cat /etc/racey-*/data-1 | wc -c", { volumeMounts })];
    await at.create(...ids.map((id) => pod(id, { containers, volumes })));
    for (const id of ids) {
      await at.podWhen(id, isOver, 60_000);
      assert.equal(Number(await at.logOf(id, "main")), names.join("").length);
    }
  });
});
