import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";
import { ConfigMap, Node, Pod, Secret } from "../api/core/v1/index.ts";
import { BUSYBOX_IMAGE, missingForContainerd, startPrivateContainerd } from "../cri/privateContainerd.ts";
import { realClock } from "../util/clock.ts";
import { createLogger } from "../util/logger.ts";
import { realRandom } from "../util/random.ts";
import { removeAllPods } from "./removeAllPods.ts";
import { createTestNode, testPod } from "./testNode.ts";

const run = promisify(execFile);
const BRIDGE = "cox-knode1";
type Container = Pod["spec"]["containers"][number];
const container = (name: string, script: string, more: object = {}) =>
  ({ name, image: BUSYBOX_IMAGE, command: ["sh", "-c", script], ...more }) as Container;
const FOREVER = "trap 'exit 0' TERM; while :; do sleep 1 & wait $!; done";
const isReady = (pod: Pod | undefined) =>
  !!pod?.status.conditions?.some((it) => it.type === "Ready" && it.status === "True");
const phaseIs = (phase: string) => (pod: Pod | undefined) => pod?.status.phase === phase;
const waitsFor = (reason: string) => (pod: Pod | undefined) =>
  !!pod?.status.containerStatuses?.some((it) => it.state.waiting?.reason === reason);

test("what a pod may ask for, on a real runtime", { skip: missingForContainerd(), timeout: 180_000 }, async (t) => {
  const containerd = await startPrivateContainerd();
  const node = await createTestNode({
    clock: realClock,
    random: realRandom,
    logger: createLogger({ clock: realClock, level: process.env.COX_TEST_LOG ? "debug" : "error" }),
    kubelet: {
      criEndpoint: containerd.endpoint,
      cniConfigDirectory: containerd.cniConfigDirectory,
      bridgeName: BRIDGE,
      cgroupRoot: "/cox-ftest",
    },
  });
  const key = (name: string) => ({ namespace: "default", name });
  const runPod = async (pod: Pod, until: (pod: Pod | undefined) => boolean = isReady) => {
    await node.create(pod);
    return (await node.waitFor(pod.metadata.name!, until))!;
  };
  const idOf = (pod: Pod, name = "main") =>
    pod.status.containerStatuses!.find((it) => it.name === name)!.containerID!.replace("containerd://", "");
  const sh = async (pod: Pod, script: string, name = "main") => {
    const result = await containerd.cri.execSync(idOf(pod, name), ["sh", "-c", script], 10);
    return result.stdout.toString().trim() + result.stderr.toString().trim();
  };
  const logOf = (pod: Pod, name = "main") =>
    readFile(join(node.directory, "logs", `default_${pod.metadata.name}_${pod.metadata.uid}`, name, "0.log"), "utf8");
  try {
    node.startKubelet();
    while (!(await node.client.get(Node, { name: "node-a" }).catch(() => undefined))) await realClock.sleep(10);
    await node.client.patch(Node, { name: "node-a" }, "merge", { spec: { podCIDR: "10.241.8.0/24" } });
    const data = { greeting: "hello", name: "world" };
    await node.client.create(ConfigMap, { metadata: key("settings"), data } as unknown as ConfigMap);
    const secret = { password: Buffer.from("s3cret").toString("base64") };
    await node.client.create(Secret, { metadata: key("keys"), data: secret } as unknown as Secret);

    await t.test("environment and volumes", async () => {
      const mounts = ["config", "secret", "empty", "memory", "api", "down"].map((name) => ({
        name,
        mountPath: `/${name}`,
      }));
      const pod = await runPod(
        testPod("volumes", {
          securityContext: { fsGroup: 4242, runAsUser: 1000, runAsGroup: 1000 } as never,
          hostAliases: [{ ip: "10.1.2.3", hostnames: ["far.away"] }],
          containers: [
            container("main", FOREVER, {
              env: [
                { name: "PLAIN", value: "x" },
                { name: "COMBINED", value: "$(PLAIN)-$(MISSING)-$$(PLAIN)" },
                { name: "FROM_CONFIG", valueFrom: { configMapKeyRef: { name: "settings", key: "greeting" } } },
                { name: "FROM_SECRET", valueFrom: { secretKeyRef: { name: "keys", key: "password" } } },
                { name: "POD_IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
                { name: "CPU", valueFrom: { resourceFieldRef: { resource: "limits.cpu", divisor: "1m" } } },
              ],
              envFrom: [{ prefix: "S_", configMapRef: { name: "settings" } }],
              resources: { limits: { cpu: "250m", memory: "64Mi" }, requests: { cpu: "100m", memory: "32Mi" } },
              volumeMounts: [...mounts, { name: "config", mountPath: "/one", subPath: "name" }],
            }),
          ],
          volumes: [
            { name: "config", configMap: { name: "settings" } },
            { name: "secret", secret: { secretName: "keys", defaultMode: 0o400 } },
            { name: "empty", emptyDir: {} },
            { name: "memory", emptyDir: { medium: "Memory", sizeLimit: "1Mi" } },
            {
              name: "api",
              projected: {
                sources: [
                  { serviceAccountToken: { path: "token", expirationSeconds: 3600 } },
                  { configMap: { name: "settings" } },
                ],
              },
            },
            { name: "down", downwardAPI: { items: [{ path: "name", fieldRef: { fieldPath: "metadata.name" } }] } },
          ] as never,
        }),
      );
      assert.equal(
        await sh(pod, "echo $COMBINED $FROM_CONFIG $FROM_SECRET $S_name $CPU"),
        "x-$(MISSING)-$(PLAIN) hello s3cret world 250",
      );
      assert.equal(await sh(pod, "echo $POD_IP"), pod.status.podIP);
      assert.equal(await sh(pod, "cat /config/greeting /secret/password /one /down/name"), "hellos3cretworldvolumes");
      assert.match(await sh(pod, "cat /api/token"), /^token-of-/);
      assert.equal(await sh(pod, "touch /empty/a && stat -c %g /empty/a && id -u && id -G"), "4242\n1000\n1000 4242");
      assert.match(await sh(pod, "touch /config/x"), /Read-only/);
      assert.match(await sh(pod, "cat /etc/hosts"), /10\.1\.2\.3\tfar\.away/);
      assert.match(
        await sh(pod, "cat /etc/resolv.conf"),
        /search default\.svc\.cluster\.local svc\.cluster\.local cluster\.local[\s\S]*nameserver 10\.96\.0\.10[\s\S]*ndots:5/,
      );
      assert.equal(await sh(pod, "hostname"), "volumes");
      const limits = "/sys/fs/cgroup/memory/cox-ftest/kubepods/burstable";
      assert.equal(
        (await readFile(`${limits}/pod${pod.metadata.uid}/memory.limit_in_bytes`, "utf8")).trim(),
        String(64 * 1024 * 1024),
      );
      assert.equal(pod.status.qosClass, "Burstable");
      await node.client.patch(ConfigMap, key("settings"), "merge", { data: { greeting: "goodbye" } });
      while ((await sh(pod, "cat /config/greeting")) !== "goodbye") await realClock.sleep(10);
      assert.equal(await sh(pod, "cat /one"), "world");
    });

    await t.test("init containers in order, then sidecar, then main; success ends the pod", async () => {
      const pod = await runPod(
        testPod("ordered", {
          restartPolicy: "Never",
          initContainers: [
            container("first", "echo 1 >> /shared/order"),
            container("side", `echo side >> /shared/order; ${FOREVER}`, { restartPolicy: "Always" }),
            container("second", "echo 2 >> /shared/order"),
          ].map((it) => ({ ...it, volumeMounts: [{ name: "shared", mountPath: "/shared" }] })),
          containers: [
            container("main", "cat /shared/order; echo done > /dev/termination-log", {
              volumeMounts: [{ name: "shared", mountPath: "/shared" }],
            }),
          ],
          volumes: [{ name: "shared", emptyDir: {} }] as never,
        }),
        phaseIs("Succeeded"),
      );
      assert.match(await logOf(pod), /stdout F 1\n.*stdout F side\n.*stdout F 2\n/);
      assert.equal(pod.status.containerStatuses![0]!.state.terminated!.message, "done\n");
      assert.equal(pod.status.containerStatuses![0]!.state.terminated!.reason, "Completed");
      const side = await node.waitFor("ordered", (it) => !!it?.status.initContainerStatuses?.[1]?.state.terminated);
      assert.equal(side!.status.phase, "Succeeded");
    });

    await t.test("crashes back off, images that do not exist say so", async () => {
      const crash = await runPod(
        testPod("crash", {
          containers: [
            container("main", "echo last words >&2; exit 7", { terminationMessagePolicy: "FallbackToLogsOnError" }),
          ],
        }),
        waitsFor("CrashLoopBackOff"),
      );
      const status = crash.status.containerStatuses![0]!;
      assert.equal(status.restartCount, 1);
      assert.equal(status.lastState.terminated?.exitCode, 7);
      assert.equal(status.lastState.terminated?.message, "last words\n");
      assert.match(
        status.state.waiting!.message!,
        /^back-off 10s restarting failed container=main pod=crash_default\(/,
      );
      const image = (name: string, more: object = {}) => container("main", "", { image: name, ...more });
      await runPod(testPod("badname", { containers: [image("Not/An:Image:Name")] }), waitsFor("InvalidImageName"));
      await runPod(
        testPod("never", { containers: [image("coxswain.test/none:1", { imagePullPolicy: "Never" })] }),
        waitsFor("ErrImageNeverPull"),
      );
      await runPod(testPod("nopull", { containers: [image("127.0.0.1:1/none:1")] }), waitsFor("ErrImagePull"));
      await node.waitFor("nopull", waitsFor("ImagePullBackOff"));
      const missing = { name: "A", valueFrom: { configMapKeyRef: { name: "later", key: "a" } } };
      const config = await runPod(
        testPod("config", { containers: [container("main", FOREVER, { env: [missing] })] }),
        waitsFor("CreateContainerConfigError"),
      );
      assert.equal(config.status.containerStatuses![0]!.state.waiting!.message, 'configmap "later" not found');
      await node.client.create(ConfigMap, { metadata: key("later"), data: { a: "b" } } as unknown as ConfigMap);
      await node.waitFor("config", isReady);
      const odd = testPod("odd", {
        containers: [container("main", FOREVER)],
        volumes: [{ name: "v", iscsi: { targetPortal: "a", iqn: "b", lun: 0 } }] as never,
      });
      await runPod(odd, waitsFor("ContainerCreating"));
      while (
        !(await node.events()).some((it) =>
          it.includes('FailedMount MountVolume.SetUp failed for volume "v" : volume type iscsi is not supported'),
        )
      )
        await realClock.sleep(20);
    });

    await t.test("probes decide over readiness and life", async () => {
      const every = { periodSeconds: 1, timeoutSeconds: 1, successThreshold: 1, failureThreshold: 1 };
      const pod = await runPod(
        testPod("probed", {
          containers: [
            container(
              "main",
              "mkdir -p /tmp/www; echo ok > /tmp/www/up; httpd -p 8080 -h /tmp/www; touch /tmp/alive; ".concat(FOREVER),
              {
                ports: [{ name: "web", containerPort: 8080 }],
                startupProbe: { ...every, failureThreshold: 30, tcpSocket: { port: 8080 } },
                readinessProbe: { ...every, httpGet: { path: "/up", port: "web", scheme: "HTTP" } },
                livenessProbe: { ...every, exec: { command: ["cat", "/tmp/alive"] } },
                terminationGracePeriodSeconds: 1,
              },
            ),
          ],
        }),
      );
      await sh(pod, "rm /tmp/www/up");
      await node.waitFor("probed", (it) => !isReady(it));
      await sh(pod, "echo ok > /tmp/www/up");
      await node.waitFor("probed", isReady);
      await sh(pod, "rm /tmp/alive");
      await node.waitFor("probed", (it) => it?.status.containerStatuses?.[0]?.restartCount === 1 && isReady(it));
      const events = await node.events();
      assert.ok(events.includes("Normal Killing Container main failed liveness probe, will be restarted"));
      assert.ok(
        events.some((it) => it === "Warning Unhealthy Readiness probe failed: HTTP probe failed with statuscode: 404"),
      );
    });

    await t.test("hooks, deadlines and memory limits", async () => {
      const hooked = await runPod(
        testPod("hooked", {
          containers: [
            container("main", FOREVER, {
              lifecycle: {
                postStart: { exec: { command: ["sh", "-c", "echo post > /tmp/post"] } },
                preStop: { exec: { command: ["sh", "-c", "echo pre > /proc/1/fd/1; sleep 0.2"] } },
              },
            }),
          ],
        }),
      );
      assert.equal(await sh(hooked, "cat /tmp/post"), "post");
      await runPod(
        testPod("deadline", {
          activeDeadlineSeconds: 1,
          terminationGracePeriodSeconds: 1,
          containers: [container("main", FOREVER)],
        }),
        phaseIs("Failed"),
      );
      assert.equal(node.pod("deadline")!.status.reason, "DeadlineExceeded");
      const greedy = container("main", "dd if=/dev/zero of=/dev/null bs=200M count=1", {
        resources: { limits: { memory: "32Mi" } },
      });
      const oom = await runPod(testPod("oom", { restartPolicy: "Never", containers: [greedy] }), phaseIs("Failed"));
      assert.equal(oom.status.containerStatuses![0]!.state.terminated!.reason, "OOMKilled");
      await node.client.delete(Pod, key("hooked"));
      await node.waitFor("hooked", (it) => it === undefined);
    });

    await t.test("security contexts", async () => {
      const pod = await runPod(
        testPod("secured", {
          shareProcessNamespace: true,
          containers: [
            container("main", FOREVER, {
              securityContext: {
                runAsUser: 65534,
                runAsNonRoot: true,
                readOnlyRootFilesystem: true,
                allowPrivilegeEscalation: false,
                capabilities: { drop: ["ALL"] },
                seccompProfile: { type: "RuntimeDefault" },
              },
            }),
            container("other", FOREVER),
          ],
        }),
      );
      assert.equal(await sh(pod, "id -u"), "65534");
      assert.match(await sh(pod, "touch /x"), /Read-only file system/);
      assert.equal(
        await sh(pod, "grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/self/status | sed 's/[^0-9]//g'"),
        "0000000000000000\n1\n2",
      );
      assert.match(await sh(pod, "ps"), /sleep/);
      const root = container("main", FOREVER, { securityContext: { runAsNonRoot: true, runAsUser: 0 } });
      const refused = await runPod(testPod("rooted", { containers: [root] }), waitsFor("CreateContainerConfigError"));
      assert.match(refused.status.containerStatuses![0]!.state.waiting!.message!, /runAsUser breaks non-root policy/);
    });
  } finally {
    if (process.env.COX_TEST_LOG) console.log((await node.events()).join("\n"));
    await node.stopKubelet();
    await removeAllPods({ cri: containerd.cri, rootDirectory: node.directory, cgroupRoot: "/cox-ftest" });
    await node.close();
    await containerd.stop();
    await run("ip", ["link", "delete", BRIDGE]).catch(() => {});
  }
});
