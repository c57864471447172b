import { after, before, describe, test } from "node:test";
import {
  BOX,
  configMap,
  container,
  type Json,
  type OutputCase,
  PodCluster,
  runOutputCases,
  secret,
} from "./podFixture.ts";
import { cannotRun } from "./realCluster.ts";

const skip = await cannotRun();

const DATA = { "data-1": "value-1", "data-2": "value-2", "data-3": "value-3" };
const OBJECTS = [
  configMap("settings", DATA, {
    binaryData: { "dump.bin": Buffer.from([0xde, 0xca, 0xfe, 0xba, 0xd0, 0xfe, 0xff]).toString("base64") },
  }),
  secret("keys", DATA),
  configMap("odd-names", { "1badname": "digits", "good-name": "dash", GOOD: "yes" }),
];
const service = (name: string, namespacePort: number): Json => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name },
  spec: { ports: [{ port: namespacePort, targetPort: 8080 }], selector: { app: "none" } },
});

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
const consumer = (script: string, volumes: Json[], context: Json = {}) => ({
  securityContext: context,
  containers: [
    container(script, {
      volumeMounts: volumes.map(({ name }) => ({ name, mountPath: `/etc/${name}`, readOnly: true })),
    }),
  ],
  volumes,
});
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

// --- downward API ---

const LIMITED = { requests: { cpu: "250m", memory: "32Mi" }, limits: { cpu: "1250m", memory: "64Mi" } };
const downwardVolume = (items: Json[], projected: boolean, defaultMode?: number): Json =>
  projected
    ? { name: "podinfo", projected: { sources: [{ downwardAPI: { items } }], defaultMode } }
    : { name: "podinfo", downwardAPI: { items, defaultMode } };
const fieldItem = (fieldPath: string, more: Json = {}) => ({ path: "podname", fieldRef: { fieldPath }, ...more });
const resourceItem = (resource: string, divisor?: string) => ({
  path: "amount",
  resourceFieldRef: { containerName: "main", resource, ...(divisor ? { divisor } : {}) },
});
const downwardCases: OutputCase[] = [false, true].flatMap((projected) => {
  const title = projected ? "Projected downwardAPI" : "Downward API volume";
  const amount = (
    name: string,
    resource: string,
    says: string | RegExp,
    more: { divisor?: string; resources?: Json } = {},
  ) => ({
    name: `${title} should provide ${name}`,
    spec: {
      containers: [
        container("echo amount=$(cat /etc/podinfo/amount)", {
          resources: more.resources ?? LIMITED,
          volumeMounts: [{ name: "podinfo", mountPath: "/etc/podinfo" }],
        }),
      ],
      volumes: [downwardVolume([resourceItem(resource, more.divisor)], projected)],
    },
    says: [says],
  });
  return [
    amount("container's cpu limit", "limits.cpu", "amount=2\n"),
    amount("container's memory limit", "limits.memory", "amount=67108864\n"),
    amount("container's cpu request", "requests.cpu", "amount=1\n"),
    amount("container's cpu request in millis", "requests.cpu", "amount=250\n", { divisor: "1m" }),
    amount("container's memory request", "requests.memory", "amount=33554432\n"),
    amount("node allocatable (cpu) as default cpu limit", "limits.cpu", /amount=[1-9]/, { resources: {} }),
    amount("node allocatable (memory) as default memory limit", "limits.memory", /amount=[1-9]\d{6}/, {
      resources: {},
    }),
    {
      name: `${title} should provide podname only`,
      spec: consumer("cat /etc/podinfo/podname", [downwardVolume([fieldItem("metadata.name")], projected)]),
      says: [/^[a-z-]+-\d+$/],
    },
    {
      name: `${title} should set DefaultMode on files`,
      spec: consumer("stat -Lc ' mode %a' /etc/podinfo/podname", [
        downwardVolume([fieldItem("metadata.name")], projected, 0o400),
      ]),
      says: ["mode 400"],
    },
    {
      name: `${title} should set mode on item file`,
      spec: consumer("stat -Lc ' mode %a' /etc/podinfo/podname", [
        downwardVolume([fieldItem("metadata.name", { mode: 0o400 })], projected),
      ]),
      says: ["mode 400"],
    },
  ];
});

const fieldEnv = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
const resourceEnv = (name: string, resource: string) => ({ name, valueFrom: { resourceFieldRef: { resource } } });
const AMOUNTS = ["limits.cpu", "limits.memory", "requests.cpu", "requests.memory"];
const amountEnv = AMOUNTS.map((it) => resourceEnv(it.replace(".", "_").toUpperCase(), it));
const environment = (name: string, env: Json[], says: (string | RegExp)[], more: Json = {}): OutputCase => ({
  name,
  // Not through a shell: it would drop names that it cannot say.
  spec: { containers: [container("", { command: ["/bin/env"], env, ...more })] },
  says,
});
const IP = String.raw`\d+\.\d+\.\d+\.\d+`;
const environmentCases: OutputCase[] = [
  environment(
    "Downward API should provide pod name, namespace and IP address as env vars",
    [
      fieldEnv("POD_NAME", "metadata.name"),
      fieldEnv("POD_NAMESPACE", "metadata.namespace"),
      fieldEnv("POD_IP", "status.podIP"),
    ],
    [/POD_NAME=[a-z-]+-\d+/, "POD_NAMESPACE=default", new RegExp(`POD_IP=${IP}`)],
  ),
  environment(
    "Downward API should provide host IP and host IPs as an env var",
    [fieldEnv("HOST_IP", "status.hostIP"), fieldEnv("HOST_IPS", "status.hostIPs")],
    [new RegExp(`HOST_IP=${IP}`), new RegExp(`HOST_IPS=${IP}`)],
  ),
  environment(
    "Downward API should provide pod UID as env vars",
    [fieldEnv("POD_UID", "metadata.uid")],
    [/POD_UID=[-0-9a-f]{36}/],
  ),
  environment(
    "Downward API should provide container's limits and requests as env vars",
    amountEnv,
    ["LIMITS_CPU=2\n", "LIMITS_MEMORY=67108864", "REQUESTS_CPU=1\n", "REQUESTS_MEMORY=33554432"],
    { resources: LIMITED },
  ),
  environment("Downward API should provide default limits from node allocatable", amountEnv.slice(0, 2), [
    /LIMITS_CPU=[1-9]/,
    /LIMITS_MEMORY=[1-9]\d{6}/,
  ]),
  environment(
    "ConfigMap and Secrets should be consumable via environment variable",
    [
      { name: "CONFIG_DATA_1", valueFrom: { configMapKeyRef: { name: "settings", key: "data-1" } } },
      { name: "SECRET_DATA", valueFrom: { secretKeyRef: { name: "keys", key: "data-1" } } },
      { name: "NONE", valueFrom: { secretKeyRef: { name: "missing", key: "x", optional: true } } },
    ],
    ["CONFIG_DATA_1=value-1", "SECRET_DATA=value-1"],
  ),
  environment(
    "ConfigMap and Secrets should be consumable via the environment",
    [],
    ["data-1=value-1", "p-data-2=value-2", "s_data-3=value-3"],
    {
      envFrom: [
        { configMapRef: { name: "settings" } },
        { prefix: "p-", configMapRef: { name: "settings" } },
        { prefix: "s_", secretRef: { name: "keys" } },
      ],
    },
  ),
  environment(
    "ConfigMap should be consumable as environment variable names with various prefixes",
    [],
    ["1badname=digits", "p#1badname=digits", "good-name=dash"],
    { envFrom: [{ configMapRef: { name: "odd-names" } }, { prefix: "p#", configMapRef: { name: "odd-names" } }] },
  ),
  environment(
    "Variable Expansion should allow composing env vars into new env vars",
    [
      { name: "FOO", value: "foo-value" },
      { name: "BAR", value: "bar-value" },
      { name: "FOOBAR", value: "$(FOO);;$(BAR)" },
    ],
    ["FOO=foo-value", "BAR=bar-value", "FOOBAR=foo-value;;bar-value"],
  ),
  environment(
    "Pods should contain environment variables for services",
    [],
    [
      new RegExp(`FOOSERVICE_SERVICE_HOST=${IP}`),
      "FOOSERVICE_SERVICE_PORT=8765",
      new RegExp(`FOOSERVICE_PORT=tcp://${IP}:8765`),
      new RegExp(`FOOSERVICE_PORT_8765_TCP=tcp://${IP}:8765`),
      "FOOSERVICE_PORT_8765_TCP_PORT=8765",
      "FOOSERVICE_PORT_8765_TCP_PROTO=tcp",
      new RegExp(`FOOSERVICE_PORT_8765_TCP_ADDR=${IP}`),
    ],
  ),
];

// --- commands, expansion, security ---

const EXPANDED = [{ name: "TEST_VAR", value: "test-value" }];
const commandCases: OutputCase[] = [
  {
    name: "Variable Expansion should allow substituting values in a container's command",
    spec: {
      containers: [container("", { env: EXPANDED, command: ["sh", "-c", 'TEST_VAR=wrong echo "$(TEST_VAR)"'] })],
    },
    says: ["test-value"],
  },
  {
    name: "Variable Expansion should allow substituting values in a container's args",
    spec: {
      containers: [
        container("", { env: EXPANDED, command: ["sh", "-c"], args: ['TEST_VAR=wrong echo "$(TEST_VAR)"'] }),
      ],
    },
    says: ["test-value"],
  },
  {
    name: "Variable Expansion should allow substituting values in a volume subpath",
    spec: {
      containers: [
        container("test -d /testcontainer/$POD_NAME && echo found; mount | grep -c logscontainer", {
          env: [fieldEnv("POD_NAME", "metadata.name")],
          volumeMounts: [
            { name: "v", mountPath: "/logscontainer", subPathExpr: "$(POD_NAME)" },
            { name: "v", mountPath: "/testcontainer" },
          ],
        }),
      ],
      volumes: [{ name: "v", emptyDir: {} }],
    },
    says: ["found"],
  },
  {
    name: "Containers should use the image defaults if command and args are blank",
    spec: { containers: [container("", { command: undefined })] },
    says: [/^the image speaks$/m],
  },
  {
    name: "Containers should be able to override the image's default arguments",
    spec: { containers: [container("", { command: undefined, args: ["override", "arguments"] })] },
    says: [/^override arguments$/m],
  },
  {
    name: "Containers should be able to override the image's default command",
    spec: { containers: [container("", { command: ["/bin/printf", "another"] })] },
    says: [/^another$/],
  },
  {
    name: "Containers should be able to override the image's default command and arguments",
    spec: { containers: [container("", { command: ["/bin/printf", "%s-%s"], args: ["a", "b"] })] },
    says: [/^a-b$/],
  },
  {
    name: "Security Context should run the container with uid 65534",
    spec: { containers: [container("id -u", { securityContext: { runAsUser: 65534 } })] },
    says: [/^65534$/m],
  },
  {
    name: "Security Context should support pod.Spec.SecurityContext.RunAsUser And RunAsGroup",
    spec: { securityContext: { runAsUser: 1001, runAsGroup: 2002 }, containers: [container("id")] },
    says: ["uid=1001", "gid=2002"],
  },
  {
    name: "Security Context should support container.SecurityContext.RunAsUser And RunAsGroup",
    spec: {
      securityContext: { runAsUser: 1001 },
      containers: [container("id", { securityContext: { runAsUser: 1003, runAsGroup: 2003 } })],
    },
    says: ["uid=1003", "gid=2003"],
  },
  {
    name: "Security Context should run the container as unprivileged when false",
    spec: {
      containers: [
        container("busybox ip link add dummy1 type dummy || echo refused", { securityContext: { privileged: false } }),
      ],
    },
    says: [/not permitted.*refused/s],
  },
  {
    name: "Security Context should run the container with writable rootfs when readOnlyRootFilesystem=false",
    spec: {
      containers: [
        container("echo 1 > /checkfile && cat /checkfile", { securityContext: { readOnlyRootFilesystem: false } }),
      ],
    },
    says: ["1"],
  },
  {
    name: "Kubelet should not write to root filesystem",
    spec: {
      containers: [
        container("echo test > /file || echo refused", { securityContext: { readOnlyRootFilesystem: true } }),
      ],
    },
    says: ["Read-only file system", "refused"],
  },
  {
    name: "Security Context should not allow privilege escalation when false",
    spec: {
      containers: [
        container("grep NoNewPrivs /proc/self/status", {
          securityContext: { allowPrivilegeEscalation: false, runAsUser: 1000 },
        }),
      ],
    },
    says: [/NoNewPrivs:\s+1/],
  },
  {
    name: "Sysctls should support sysctls",
    spec: {
      securityContext: { sysctls: [{ name: "kernel.shm_rmid_forced", value: "1" }] },
      containers: [container("sysctl kernel.shm_rmid_forced 2>/dev/null || cat /proc/sys/kernel/shm_rmid_forced")],
    },
    says: [/1\s*$/],
  },
  {
    name: "Kubelet should write hostAliases entries to /etc/hosts",
    spec: {
      hostAliases: [{ ip: "123.45.67.89", hostnames: ["foo", "bar"] }],
      containers: [container("cat /etc/hosts")],
    },
    says: ["# Kubernetes-managed hosts file.", "123.45.67.89\tfoo\tbar"],
  },
];

// --- subPath ---

const subPath = (title: string, file: string, volume: Json, content: string | RegExp): OutputCase => ({
  name: `Subpath Atomic writer volumes should support subpaths with ${title}`,
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
  subPath("secret pod", "data-1", { secret: { secretName: "keys" } }, "value-1"),
  subPath("configmap pod", "data-1", { configMap: { name: "settings" } }, "value-1"),
  subPath(
    "downward pod",
    "downward/podname",
    { downwardAPI: { items: [{ path: "downward/podname", fieldRef: { fieldPath: "metadata.name" } }] } },
    /^[a-z-]+-\d+/,
  ),
  subPath(
    "projected pod",
    "projected/data-1",
    {
      projected: {
        sources: [{ configMap: { name: "settings", items: [{ key: "data-1", path: "projected/data-1" }] } }],
      },
    },
    "value-1",
  ),
  {
    name: "Subpath Atomic writer volumes should support subpaths with configmap pod with mountPath of existing file",
    spec: {
      containers: [
        container("cat /etc/passwd", { volumeMounts: [{ name: "v", mountPath: "/etc/passwd", subPath: "data-1" }] }),
      ],
      volumes: [{ name: "v", configMap: { name: "settings" } }],
    },
    says: [/^value-1$/],
  },
];

describe("what a Pod's containers see", { skip }, () => {
  let at: PodCluster;
  before(async () => {
    at = await PodCluster.start("podout");
    await at.create(...OBJECTS, service("fooservice", 8765));
  });
  after(() => at?.remove());

  const groups: Record<string, OutputCase[]> = {
    emptyDir: emptyDirCases,
    "ConfigMaps and Secrets": [...sourceCases, ...volumeCases],
    "downward API": downwardCases,
    environment: environmentCases,
    "commands and security": commandCases,
    subPath: subPathCases,
  };
  for (const [group, cases] of Object.entries(groups)) {
    test(group, async (t) => {
      await runOutputCases(at, cases, group, (name, run) => t.test(name, run).then(() => {}));
    });
  }
});
