import { after, before, describe, test } from "node:test";
import { BOX, PodCluster } from "./podFixture.ts";
import { cannotRun, until } from "./realCluster.ts";

const skip = await cannotRun();

interface Case {
  name: string;
  spec?: object;
  container?: object;
  /** its STATUS in kubectl's table, sooner or later */
  status: RegExp;
  /** what `kubectl describe` says */
  says: RegExp;
}

const sleeps = ["sleep", "1000"];
const CASES: readonly Case[] = [
  {
    name: "no-image",
    container: { image: "127.0.0.1:1/nothing:1" },
    status: /ImagePullBackOff/,
    says: /Failed to pull image "127\.0\.0\.1:1\/nothing:1"[\s\S]*Error: ErrImagePull/,
  },
  {
    name: "image-must-be-here",
    container: { image: "127.0.0.1:1/nothing:2", imagePullPolicy: "Never" },
    status: /ErrImageNeverPull/,
    says: /Container image "127\.0\.0\.1:1\/nothing:2" is not present with pull policy of Never/,
  },
  {
    name: "no-image-name",
    container: { image: "Not/A/NAME::1" },
    status: /InvalidImageName/,
    says: /couldn't parse image name "Not\/A\/NAME::1": invalid reference format/,
  },
  {
    name: "no-configmap",
    container: { envFrom: [{ configMapRef: { name: "nope" } }] },
    status: /CreateContainerConfigError/,
    says: /Error: configmap "nope" not found/,
  },
  {
    name: "no-key",
    container: { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "empty", key: "k" } } }] },
    status: /CreateContainerConfigError/,
    says: /Error: couldn't find key k in Secret default\/empty/,
  },
  {
    name: "no-volume",
    spec: { volumes: [{ name: "v", configMap: { name: "nope" } }] },
    container: { volumeMounts: [{ name: "v", mountPath: "/v" }] },
    status: /ContainerCreating/,
    says: /FailedMount .*MountVolume\.SetUp failed for volume "v" : configmap "nope" not found/,
  },
  {
    name: "no-command",
    container: { command: ["/nope"] },
    status: /CrashLoopBackOff/,
    says: /Reason: +StartError[\s\S]*exec: "\/nope"[\s\S]*Exit Code: +128[\s\S]*Restart Count: +[1-9]/,
  },
  {
    name: "no-second-try",
    spec: { restartPolicy: "Never" },
    container: { command: ["/nope"] },
    status: /StartError/,
    says: /Status: +Failed[\s\S]*Exit Code: +128[\s\S]*Restart Count: +0/,
  },
  {
    name: "ends",
    container: { command: ["sh", "-c", "echo why >/dev/termination-log; exit 3"] },
    status: /CrashLoopBackOff/,
    says: /Last State: +Terminated\n +Reason: +Error\n +Message: +why\n[\s\S]*Exit Code: +3[\s\S]*Back-off restarting failed container main/,
  },
  {
    name: "too-much-memory",
    container: { command: ["sh", "-c", "tail /dev/zero"], resources: { limits: { memory: "24Mi" } } },
    status: /OOMKilled|CrashLoopBackOff/,
    says: /Last State: +Terminated\n +Reason: +OOMKilled/,
  },
  {
    name: "root",
    container: { command: sleeps, securityContext: { runAsNonRoot: true } },
    status: /CreateContainerConfigError/,
    says: /container has runAsNonRoot and image will run as root/,
  },
  {
    name: "init-fails",
    spec: { initContainers: [{ name: "first", image: BOX, command: ["false"] }] },
    container: { command: sleeps },
    status: /Init:CrashLoopBackOff/,
    says: /Back-off restarting failed container first/,
  },
  {
    name: "hook-fails",
    container: { command: sleeps, lifecycle: { postStart: { exec: { command: ["false"] } } } },
    status: /PostStartHookError|CrashLoopBackOff/,
    says: /FailedPostStartHook[\s\S]*Killing/,
  },
  {
    name: "never-ready",
    container: { command: sleeps, readinessProbe: { tcpSocket: { port: 99 }, periodSeconds: 1 } },
    status: / 0\/1 +Running/,
    says: /Readiness probe failed: dial tcp 10\.\S+:99: connect: connection refused/,
  },
  {
    name: "no-health-service",
    container: { command: sleeps, readinessProbe: { grpc: { port: 99 }, periodSeconds: 1 } },
    status: / 0\/1 +Running/,
    says: /Readiness probe failed: error: failed to connect service at "10\.\S+:99"/,
  },
  {
    name: "too-large",
    container: { command: sleeps, resources: { requests: { cpu: "1000" } } },
    status: /Pending/,
    says: /FailedScheduling .*0\/1 nodes are available: 1 Insufficient cpu/,
  },
  {
    name: "nowhere",
    spec: { nodeSelector: { nowhere: "true" } },
    container: { command: sleeps },
    status: /Pending/,
    says: /FailedScheduling .*1 node\(s\) didn't match Pod's node affinity\/selector/,
  },
  {
    name: "too-long",
    spec: { activeDeadlineSeconds: 1 },
    container: { command: sleeps },
    status: /Error|DeadlineExceeded/,
    says: /Status: +Failed\nReason: +DeadlineExceeded/,
  },
];

function manifest({ name, spec, container }: Case): object {
  const containers = [{ name: "main", image: BOX, ...container }];
  const metadata = { name, labels: { troubled: "true" } };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata,
    spec: { terminationGracePeriodSeconds: 1, ...spec, containers },
  };
}

describe("a Pod that cannot run says why", { skip, concurrency: true }, () => {
  let pods: PodCluster;
  /** what kubectl get -w has told of each Pod */
  const told = new Map<string, string>();
  const listeners = new Set<() => void>();
  let stop = () => {};
  before(async () => {
    pods = await PodCluster.start("ktrouble");
    const { cluster } = pods;
    await cluster.kubectl("create", "secret", "generic", "empty");
    const watching = cluster.startKubectl("get", "pods", "-w", "--no-headers");
    let rest = "";
    watching.stdout!.on("data", (data: Buffer) => {
      const lines = (rest + data).split("\n");
      rest = lines.pop()!;
      for (const line of lines) {
        const [name] = line.split(" ");
        told.set(name!, `${told.get(name!) ?? ""}${line}\n`);
      }
      for (const listener of listeners) listener();
    });
    stop = () => void watching.kill();
    await cluster.kubectlInput(
      JSON.stringify({ apiVersion: "v1", kind: "List", items: CASES.map(manifest) }),
      "create",
      "-f",
      "-",
    );
  });
  after(async () => {
    stop();
    await pods?.remove();
  });

  const shows = (name: string, status: RegExp) =>
    new Promise<void>((resolve) => {
      const look = () => {
        if (!status.test(told.get(name) ?? "")) return;
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      look();
    });

  for (const { name, status, says } of CASES) {
    test(name, { timeout: 90_000 }, async () => {
      await shows(name, status);
      // events follow the status
      await until(`describe says ${says}`, async () => says.test(await pods.cluster.kubectl("describe", "pod", name)));
    });
  }
});
