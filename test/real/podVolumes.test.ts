import { after, before, describe, test } from "node:test";
import { BOX, container, type Json, type OutputCase, PodCluster, runOutputCases } from "./podFixture.ts";
import { consumer, OBJECTS } from "./podSubjects.ts";
import { cannotRun } from "./realCluster.ts";

const skip = await cannotRun();

// --- emptyDir ---

const emptyDirCases: OutputCase[] = [undefined, 1001].flatMap((runAsUser) =>
  ["0644", "0666", "0777"].flatMap((mode) =>
    ["", "Memory"].map(
      (medium): OutputCase => ({
        name: `EmptyDir volumes should support (${runAsUser ? "non-root" : "root"},${mode},${medium ? "tmpfs" : "default"})`,
        spec: {
          ...(runAsUser ? { securityContext: { runAsUser } } : {}),
          containers: [
            container(
              `umask 0; echo mount-tester new file > /test-volume/f && chmod ${mode} /test-volume/f && stat -c 'mode %a' /test-volume/f; cat /test-volume/f; stat -f -c 'type %T' /test-volume; stat -c 'folder %a' /test-volume`,
              { volumeMounts: [{ name: "v", mountPath: "/test-volume" }] },
            ),
          ],
          volumes: [{ name: "v", emptyDir: { medium } }],
        },
        says: [
          `mode ${Number(mode)}\n`,
          "mount-tester new file",
          /folder 1?777/,
          medium ? "type tmpfs" : /type (?!tmpfs)/,
        ],
      }),
    ),
  ),
);

// --- ConfigMap, Secret and projected volumes ---

type Source = { title: string; volume(more: Json): Json };
const SOURCES: Source[] = [
  { title: "ConfigMap", volume: (more) => ({ configMap: { name: "settings", ...more } }) },
  { title: "Secrets", volume: (more) => ({ secret: { secretName: "keys", ...more } }) },
  {
    title: "Projected configMap",
    volume: ({ defaultMode, ...more }) => ({
      projected: { sources: [{ configMap: { name: "settings", ...more } }], defaultMode },
    }),
  },
  {
    title: "Projected secret",
    volume: ({ defaultMode, ...more }) => ({
      projected: { sources: [{ secret: { name: "keys", ...more } }], defaultMode },
    }),
  },
];
const MAPPED = [{ key: "data-2", path: "path/to/data-2" }];

const sourceCases: OutputCase[] = SOURCES.flatMap(({ title, volume }) => [
  {
    name: `${title} should be consumable from pods in volume`,
    spec: consumer("cat /etc/v/data-1; stat -Lc ' mode %a' /etc/v/data-1; touch /etc/v/new || echo read only", [
      { name: "v", ...volume({}) },
    ]),
    says: ["value-1", "mode 644", "read only"],
  },
  {
    name: `${title} should be consumable from pods in volume as non-root`,
    spec: consumer("id -u; cat /etc/v/data-1", [{ name: "v", ...volume({}) }], { runAsUser: 1000 }),
    says: ["1000", "value-1"],
  },
  {
    name: `${title} should be consumable from pods in volume with defaultMode set`,
    spec: consumer("cat /etc/v/data-1; stat -Lc ' mode %a' /etc/v/data-1", [
      { name: "v", ...volume({ defaultMode: 0o400 }) },
    ]),
    says: ["value-1", "mode 400"],
  },
  {
    name: `${title} should be consumable from pods in volume as non-root with defaultMode and fsGroup set`,
    spec: consumer(
      "cat /etc/v/data-1; stat -Lc ' mode %a group %g' /etc/v/data-1",
      [{ name: "v", ...volume({ defaultMode: 0o440 }) }],
      { runAsUser: 1000, fsGroup: 1001 },
    ),
    says: ["value-1", "mode 440 group 1001"],
  },
  {
    name: `${title} should be consumable from pods in volume with mappings`,
    spec: consumer("ls /etc/v; cat /etc/v/path/to/data-2", [{ name: "v", ...volume({ items: MAPPED }) }]),
    says: ["value-2", /^path$/m],
  },
  {
    name: `${title} should be consumable from pods in volume with mappings as non-root`,
    spec: consumer("cat /etc/v/path/to/data-2", [{ name: "v", ...volume({ items: MAPPED }) }], { runAsUser: 1000 }),
    says: ["value-2"],
  },
  {
    name: `${title} should be consumable from pods in volume with mappings and Item mode set`,
    spec: consumer("cat /etc/v/path/to/data-2; stat -Lc ' mode %a' /etc/v/path/to/data-2", [
      { name: "v", ...volume({ items: [{ ...MAPPED[0], mode: 0o400 }] }) },
    ]),
    says: ["value-2", "mode 400"],
  },
  {
    name: `${title} should be consumable in multiple volumes in the same pod`,
    spec: consumer("cat /etc/v/data-1 /etc/w/data-1", [
      { name: "v", ...volume({}) },
      { name: "w", ...volume({}) },
    ]),
    says: ["value-1value-1"],
  },
]);

const volumeCases: OutputCase[] = [
  {
    name: "ConfigMap binary data should be reflected in volume",
    spec: consumer(
      "sha256sum /etc/v/dump.bin 2>/dev/null; od -An -tx1 /etc/v/dump.bin 2>/dev/null || busybox hexdump -C /etc/v/dump.bin",
      [{ name: "v", configMap: { name: "settings" } }],
    ),
    says: [/de ca fe ba {1,2}d0 fe ff/],
  },
  {
    name: "Projected combined should project all components that make up the projection API",
    metadata: { labels: { app: "all" } },
    spec: consumer("cat /etc/v/podname /etc/v/secret-data /etc/v/configmap-data", [
      {
        name: "v",
        projected: {
          sources: [
            { downwardAPI: { items: [{ path: "podname", fieldRef: { fieldPath: "metadata.name" } }] } },
            { secret: { name: "keys", items: [{ key: "data-1", path: "secret-data" }] } },
            { configMap: { name: "settings", items: [{ key: "data-2", path: "configmap-data" }] } },
          ],
        },
      },
    ]),
    says: [/^[a-z-]+-\d+value-1value-2/],
  },
  {
    name: "ImageVolume should succeed with pod",
    spec: {
      containers: [
        container("cat /image/etc/passwd /passwd; touch /image/x || echo read only", {
          volumeMounts: [
            { name: "v", mountPath: "/image" },
            { name: "v", mountPath: "/passwd", subPath: "etc/passwd" },
          ],
        }),
      ],
      volumes: [{ name: "v", image: { reference: BOX, pullPolicy: "IfNotPresent" } }],
    },
    says: ["root:x:0:0:root:/:/bin/sh\nroot:x:0:0:root:/:/bin/sh", "read only"],
  },
  {
    name: "EmptyDir wrapper volumes should not conflict",
    spec: consumer("cat /etc/s/data-1 /etc/c/data-1", [
      { name: "s", secret: { secretName: "keys" } },
      { name: "c", configMap: { name: "settings" } },
    ]),
    says: ["value-1value-1"],
  },
  {
    name: "EmptyDir volumes pod should support shared volumes between containers",
    spec: {
      containers: [
        container("until test -f /share/x; do sleep 0.1; done; cat /share/x", {
          volumeMounts: [{ name: "v", mountPath: "/share" }],
        }),
        container("echo from the other > /share/x", {
          name: "other",
          volumeMounts: [{ name: "v", mountPath: "/share" }],
        }),
      ],
      volumes: [{ name: "v", emptyDir: {} }],
    },
    says: ["from the other"],
  },
];

// --- subPath ---

const subPath = (name: string, file: string, volume: Json, content: string | RegExp): OutputCase => ({
  name,
  spec: {
    containers: [
      container("cat /probe-volume; mount | grep ' /probe-volume '; id -u", {
        volumeMounts: [{ name: "v", mountPath: "/probe-volume", subPath: file }],
      }),
    ],
    volumes: [{ name: "v", ...volume }],
  },
  says: [content],
});
const subPathCases: OutputCase[] = [
  subPath(
    "[sig-storage] Subpath Atomic writer volumes should support subpaths with secret pod [Conformance]",
    "data-1",
    { secret: { secretName: "keys" } },
    "value-1",
  ),
  subPath(
    "[sig-storage] Subpath Atomic writer volumes should support subpaths with configmap pod [Conformance]",
    "data-1",
    { configMap: { name: "settings" } },
    "value-1",
  ),
  subPath(
    "[sig-storage] Subpath Atomic writer volumes should support subpaths with downward pod [Conformance]",
    "downward/podname",
    { downwardAPI: { items: [{ path: "downward/podname", fieldRef: { fieldPath: "metadata.name" } }] } },
    /^[a-z-]+-\d+/,
  ),
  subPath(
    "[sig-storage] Subpath Atomic writer volumes should support subpaths with projected pod [Conformance]",
    "projected/data-1",
    {
      projected: {
        sources: [{ configMap: { name: "settings", items: [{ key: "data-1", path: "projected/data-1" }] } }],
      },
    },
    "value-1",
  ),
  {
    name: "[sig-storage] Subpath Atomic writer volumes should support subpaths with configmap pod with mountPath of existing file [Conformance]",
    spec: {
      containers: [
        container("cat /etc/passwd", { volumeMounts: [{ name: "v", mountPath: "/etc/passwd", subPath: "data-1" }] }),
      ],
      volumes: [{ name: "v", configMap: { name: "settings" } }],
    },
    says: [/^value-1$/],
  },
];

describe("what a Pod's volumes show", { skip }, () => {
  let at: PodCluster;
  before(async () => {
    at = await PodCluster.start("podvolumes");
    await at.create(...OBJECTS);
  });
  after(() => at?.remove());

  const groups: Record<string, OutputCase[]> = {
    emptyDir: emptyDirCases,
    "ConfigMaps and Secrets": [...sourceCases, ...volumeCases],
    subPath: subPathCases,
  };
  for (const [group, cases] of Object.entries(groups)) {
    test(group, async (t) => {
      await runOutputCases(at, cases, group, (name, run) => t.test(name, run).then(() => {}));
    });
  }
});
