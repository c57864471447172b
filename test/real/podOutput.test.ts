import { after, before, describe, test } from "node:test";
import { container, type Json, type OutputCase, PodCluster, runOutputCases } from "./podFixture.ts";
import { OBJECTS } from "./podSubjects.ts";
import { cannotRun } from "./realCluster.ts";

const skip = await cannotRun();

const service = (name: string, namespacePort: number): Json => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name },
  spec: { ports: [{ port: namespacePort, targetPort: 8080 }], selector: { app: "none" } },
});

// --- downward API ---

const LIMITED = { requests: { cpu: "250m", memory: "32Mi" }, limits: { cpu: "1250m", memory: "64Mi" } };
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

describe("what a Pod's containers are told", { skip }, () => {
  let at: PodCluster;
  before(async () => {
    at = await PodCluster.start("podout", "--nodes", "2");
    await at.create(...OBJECTS, service("fooservice", 8765));
  });
  after(() => at?.remove());

  const groups: Record<string, OutputCase[]> = {
    environment: environmentCases,
    "commands and security": commandCases,
  };
  for (const [group, cases] of Object.entries(groups)) {
    test(group, async (t) => {
      await runOutputCases(at, cases, group, (name, run) => t.test(name, run).then(() => {}));
    });
  }
});
