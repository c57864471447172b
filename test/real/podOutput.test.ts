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
const DATA_TWICE = ["data-1=value-1", "data-3=value-3", "p-data-1=value-1", "p-data-2=value-2"];
/** All that may stand before the name of a variable but the equals sign. */
const PREFIXES = ["p#", "1-", "$_", "!?*", "p ", "[a](b){c}"];
const environmentCases: OutputCase[] = [
  environment(
    "[sig-node] Downward API should provide pod name, namespace and IP address as env vars [NodeConformance] [Conformance]",
    [
      fieldEnv("POD_NAME", "metadata.name"),
      fieldEnv("POD_NAMESPACE", "metadata.namespace"),
      fieldEnv("POD_IP", "status.podIP"),
    ],
    [/POD_NAME=[a-z-]+-\d+/, "POD_NAMESPACE=default", new RegExp(`POD_IP=${IP}`)],
  ),
  environment(
    "[sig-node] Downward API should provide host IP as an env var [NodeConformance] [Conformance]",
    [fieldEnv("HOST_IP", "status.hostIP")],
    [new RegExp(`HOST_IP=${IP}`)],
  ),
  environment(
    "[sig-node] Downward API should provide hostIPs as an env var [NodeConformance] [Conformance]",
    [fieldEnv("HOST_IPS", "status.hostIPs")],
    [new RegExp(`HOST_IPS=${IP}`)],
  ),
  environment(
    "[sig-node] Downward API should provide pod UID as env vars [NodeConformance] [Conformance]",
    [fieldEnv("POD_UID", "metadata.uid")],
    [/POD_UID=[-0-9a-f]{36}/],
  ),
  environment(
    "[sig-node] Downward API should provide container's limits.cpu/memory and requests.cpu/memory as env vars [NodeConformance] [Conformance]",
    amountEnv,
    ["LIMITS_CPU=2\n", "LIMITS_MEMORY=67108864", "REQUESTS_CPU=1\n", "REQUESTS_MEMORY=33554432"],
    { resources: LIMITED },
  ),
  environment(
    "[sig-node] Downward API should provide default limits.cpu/memory from node allocatable [NodeConformance] [Conformance]",
    amountEnv.slice(0, 2),
    [/LIMITS_CPU=[1-9]/, /LIMITS_MEMORY=[1-9]\d{6}/],
  ),
  environment(
    "[sig-node] ConfigMap should be consumable via environment variable [NodeConformance] [Conformance]",
    [{ name: "CONFIG_DATA_1", valueFrom: { configMapKeyRef: { name: "settings", key: "data-1" } } }],
    ["CONFIG_DATA_1=value-1"],
  ),
  environment(
    "[sig-node] Secrets should be consumable from pods in env vars [NodeConformance] [Conformance]",
    [
      { name: "SECRET_DATA", valueFrom: { secretKeyRef: { name: "keys", key: "data-1" } } },
      { name: "NONE", valueFrom: { secretKeyRef: { name: "missing", key: "x", optional: true } } },
    ],
    ["SECRET_DATA=value-1"],
  ),
  environment(
    "[sig-node] ConfigMap should be consumable via the environment [NodeConformance] [Conformance]",
    [],
    DATA_TWICE,
    { envFrom: [{ configMapRef: { name: "settings" } }, { prefix: "p-", configMapRef: { name: "settings" } }] },
  ),
  environment(
    "[sig-node] Secrets should be consumable via the environment [NodeConformance] [Conformance]",
    [],
    DATA_TWICE,
    { envFrom: [{ secretRef: { name: "keys" } }, { prefix: "p-", secretRef: { name: "keys" } }] },
  ),
  environment(
    "[sig-node] ConfigMap should be consumable as environment variable names with various prefixes [Conformance]",
    [],
    ["1badname=digits", "good-name=dash", ...PREFIXES.map((it) => `${it}1badname=digits`)],
    { envFrom: ["", ...PREFIXES].map((prefix) => ({ prefix, configMapRef: { name: "odd-names" } })) },
  ),
  environment(
    "[sig-node] Secrets should be consumable as environment variable names variable names with various prefixes [Conformance]",
    [],
    ["data-1=value-1", ...PREFIXES.map((it) => `${it}data-1=value-1`)],
    { envFrom: ["", ...PREFIXES].map((prefix) => ({ prefix, secretRef: { name: "keys" } })) },
  ),
  environment(
    "[sig-node] Variable Expansion should allow composing env vars into new env vars [NodeConformance] [Conformance]",
    [
      { name: "FOO", value: "foo-value" },
      { name: "BAR", value: "bar-value" },
      { name: "FOOBAR", value: "$(FOO);;$(BAR)" },
    ],
    ["FOO=foo-value", "BAR=bar-value", "FOOBAR=foo-value;;bar-value"],
  ),
  environment(
    "[sig-node] Pods should contain environment variables for services [NodeConformance] [Conformance]",
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
    name: "[sig-node] Variable Expansion should allow substituting values in a container's command [NodeConformance] [Conformance]",
    spec: {
      containers: [container("", { env: EXPANDED, command: ["sh", "-c", 'TEST_VAR=wrong echo "$(TEST_VAR)"'] })],
    },
    says: ["test-value"],
  },
  {
    name: "[sig-node] Variable Expansion should allow substituting values in a container's args [NodeConformance] [Conformance]",
    spec: {
      containers: [
        container("", { env: EXPANDED, command: ["sh", "-c"], args: ['TEST_VAR=wrong echo "$(TEST_VAR)"'] }),
      ],
    },
    says: ["test-value"],
  },
  {
    name: "[sig-node] Variable Expansion should allow substituting values in a volume subpath [Conformance]",
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
    name: "[sig-node] Containers should use the image defaults if command and args are blank [NodeConformance] [Conformance]",
    spec: { containers: [container("", { command: undefined })] },
    says: [/^the image speaks$/m],
  },
  {
    name: "[sig-node] Containers should be able to override the image's default arguments (container cmd) [NodeConformance] [Conformance]",
    spec: { containers: [container("", { command: undefined, args: ["override", "arguments"] })] },
    says: [/^override arguments$/m],
  },
  {
    name: "[sig-node] Containers should be able to override the image's default command (container entrypoint) [NodeConformance] [Conformance]",
    spec: { containers: [container("", { command: ["/bin/printf", "another"] })] },
    says: [/^another$/],
  },
  {
    name: "[sig-node] Containers should be able to override the image's default command and arguments [NodeConformance] [Conformance]",
    spec: { containers: [container("", { command: ["/bin/printf", "%s-%s"], args: ["a", "b"] })] },
    says: [/^a-b$/],
  },
  {
    name: "[sig-node] Security Context When creating a container with runAsUser should run the container with uid 65534 [LinuxOnly] [NodeConformance] [Conformance]",
    spec: { containers: [container("id -u", { securityContext: { runAsUser: 65534 } })] },
    says: [/^65534$/m],
  },
  {
    name: "[sig-node] Security Context should support pod.Spec.SecurityContext.RunAsUser And pod.Spec.SecurityContext.RunAsGroup [LinuxOnly] [Conformance]",
    spec: { securityContext: { runAsUser: 1001, runAsGroup: 2002 }, containers: [container("id")] },
    says: ["uid=1001", "gid=2002"],
  },
  {
    name: "[sig-node] Security Context should support container.SecurityContext.RunAsUser And container.SecurityContext.RunAsGroup [LinuxOnly] [Conformance]",
    spec: {
      securityContext: { runAsUser: 1001 },
      containers: [container("id", { securityContext: { runAsUser: 1003, runAsGroup: 2003 } })],
    },
    says: ["uid=1003", "gid=2003"],
  },
  {
    name: "[sig-node] Security Context When creating a pod with privileged should run the container as unprivileged when false [LinuxOnly] [NodeConformance] [Conformance]",
    spec: {
      containers: [
        container("busybox ip link add dummy0 type dummy 2>&1 || true", { securityContext: { privileged: false } }),
      ],
    },
    says: [/^ip: RTNETLINK answers: Operation not permitted$/m],
  },
  {
    name: "[sig-node] Security Context When creating a pod with readOnlyRootFilesystem should run the container with writable rootfs when readOnlyRootFilesystem=false [NodeConformance] [Conformance]",
    spec: {
      containers: [
        container("echo 1 > /checkfile && cat /checkfile", { securityContext: { readOnlyRootFilesystem: false } }),
      ],
    },
    says: ["1"],
  },
  {
    name: "[sig-node] Kubelet when scheduling a read only busybox container should not write to root filesystem [LinuxOnly] [NodeConformance] [Conformance]",
    spec: {
      containers: [
        container("{ echo test > /file; } 2>&1; sleep 0; test ! -e /file", {
          securityContext: { readOnlyRootFilesystem: true },
        }),
      ],
    },
    says: ["Read-only file system"],
  },
  {
    name: "[sig-node] Security Context when creating containers with AllowPrivilegeEscalation should not allow privilege escalation when false [LinuxOnly] [NodeConformance] [Conformance]",
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
    name: "[sig-node] Sysctls [LinuxOnly] [NodeConformance] should support sysctls [Environment:NotInUserNS] [Conformance]",
    spec: {
      securityContext: { sysctls: [{ name: "kernel.shm_rmid_forced", value: "1" }] },
      containers: [container("sysctl kernel.shm_rmid_forced")],
    },
    says: ["kernel.shm_rmid_forced = 1"],
  },
  {
    name: "[sig-node] Kubelet when scheduling a busybox command in a pod should print the output to logs [NodeConformance] [Conformance]",
    spec: { containers: [container("echo 'Hello World' ; sleep 1")] },
    says: [/^Hello World\n$/],
  },
  {
    name: "[sig-node] Kubelet when scheduling an agnhost Pod with hostAliases should write entries to /etc/hosts [NodeConformance] [Conformance]",
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
