import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Pod } from "../../src/api/core/v1/index.ts";
import { container, FOREVER, isOver, isReady, type Json, mainStatus, PodCluster, pod } from "./podFixture.ts";
import { cannotRun, until } from "./realCluster.ts";

const skip = await cannotRun();
const initialized = (it: Pod) => it.status.conditions?.find((c) => c.type === "Initialized");
const terminated = (it: Pod) => mainStatus(it)?.state.terminated;
describe("a Pod's life on its node", { skip, concurrency: true }, () => {
  let at: PodCluster;
  before(async () => {
    at = await PodCluster.start("podlife", "--nodes", "2");
  });
  after(() => at?.remove());

  test("termination messages", async (t) => {
    const cases: [string, Json, string, string][] = [
      [
        "[sig-node] Container Runtime blackbox test on terminated container should report termination message if TerminationMessagePath is set as non-root user and at a non-default path [NodeConformance] [Conformance]",
        container("echo -n DONE > /dev/termination-custom-log", {
          terminationMessagePath: "/dev/termination-custom-log",
          securityContext: { runAsUser: 1000 },
        }),
        "Succeeded",
        "DONE",
      ],
      [
        "[sig-node] Container Runtime blackbox test on terminated container should report termination message from log output if TerminationMessagePolicy FallbackToLogsOnError is set [NodeConformance] [Conformance]",
        container("echo -n DONE; exit 1", { terminationMessagePolicy: "FallbackToLogsOnError" }),
        "Failed",
        "DONE",
      ],
      [
        "[sig-node] Container Runtime blackbox test on terminated container should report termination message as empty when pod succeeds and TerminationMessagePolicy FallbackToLogsOnError is set [NodeConformance] [Conformance]",
        container("echo DONE", { terminationMessagePolicy: "FallbackToLogsOnError" }),
        "Succeeded",
        "",
      ],
      [
        "[sig-node] Container Runtime blackbox test on terminated container should report termination message from file when pod succeeds and TerminationMessagePolicy FallbackToLogsOnError is set [NodeConformance] [Conformance]",
        container("echo -n OK > /dev/termination-log; echo log", { terminationMessagePolicy: "FallbackToLogsOnError" }),
        "Succeeded",
        "OK",
      ],
    ];
    await at.create(...cases.map(([, it], index) => pod(`message-${index}`, { containers: [it] })));
    for (const [index, [title, , phase, message]] of cases.entries()) {
      await t.test(title, async () => {
        const over = await at.podWhen(`message-${index}`, isOver);
        assert.equal(over.status.phase, phase);
        assert.equal(terminated(over)?.message ?? "", message);
      });
    }
  });

  test("[sig-node] Container Runtime blackbox test when starting a container that exits should run with the expected status [NodeConformance] [Conformance]", async () => {
    const script = "echo x >> /v/n; n=$(wc -l < /v/n); [ $n = 1 ] && exit 1; [ $n = 2 ] && exit 0; sleep 1000";
    const mounts = { volumeMounts: [{ name: "v", mountPath: "/v" }] };
    const of = (restartPolicy: string) =>
      pod(`exits-${restartPolicy.toLowerCase()}`, {
        restartPolicy,
        containers: [container(script, mounts)],
        volumes: [{ name: "v", emptyDir: {} }],
      });
    await at.create(of("Always"), of("OnFailure"), of("Never"));
    const always = await at.podWhen("exits-always", (it) => mainStatus(it)?.restartCount === 2 && isReady(it), 60_000);
    assert.equal(always.status.phase, "Running");
    const onFailure = await at.podWhen("exits-onfailure", isOver);
    assert.deepEqual([onFailure.status.phase, mainStatus(onFailure)?.restartCount], ["Succeeded", 1]);
    const never = await at.podWhen("exits-never", isOver);
    assert.deepEqual(
      [never.status.phase, mainStatus(never)?.restartCount, terminated(never)?.reason],
      ["Failed", 0, "Error"],
    );
  });

  test("init containers", async (t) => {
    const init = (name: string, script: string) => container(script, { name });
    const inits = [init("init1", "true"), init("init2", "true")];
    const invoked = async (name: string, restartPolicy: string, phase: string, script: string) => {
      await at.create(
        pod(name, { restartPolicy, initContainers: inits, containers: [container(script, { name: "run1" })] }),
      );
      const it = await at.podWhen(name, (p) => p.status.phase === phase);
      assert.equal(initialized(it)?.status, "True");
      for (const status of it.status.initContainerStatuses!) {
        assert.equal(status.ready, true);
        assert.equal(status.state.terminated?.exitCode, 0);
      }
    };
    await t.test(
      "[sig-node] InitContainer [NodeConformance] should invoke init containers on a RestartNever pod [Conformance]",
      () => invoked("init-never", "Never", "Succeeded", "true"),
    );
    await t.test(
      "[sig-node] InitContainer [NodeConformance] should invoke init containers on a RestartAlways pod [Conformance]",
      () => invoked("init-always", "Always", "Running", FOREVER),
    );
    await t.test(
      "[sig-node] InitContainer [NodeConformance] should not start app containers if init containers fail on a RestartAlways pod [Conformance]",
      async (t) => {
        const seen = at.versions("init-fails", t.signal);
        await at.create(
          pod("init-fails", {
            restartPolicy: "Always",
            initContainers: [init("init1", "false"), init("init2", "true")],
            containers: [container(FOREVER, { name: "run1" })],
          }),
        );
        const last = await at.podWhen(
          "init-fails",
          (it) => it.status.initContainerStatuses![0]!.restartCount >= 3,
          90_000,
        );
        assert.equal(last.status.phase, "Pending");
        assert.equal(initialized(last)?.status, "False");
        assert.equal(initialized(last)?.reason, "ContainersNotInitialized");
        assert.equal(initialized(last)?.message, "containers with incomplete status: [init1 init2]");
        assertNothingElseStarted(seen);
        assert.ok(seen.some((it) => it.status.initContainerStatuses?.[0]?.lastState.terminated));
      },
    );
    await t.test(
      "[sig-node] InitContainer [NodeConformance] should not start app containers and fail the pod if init containers fail on a RestartNever pod [Conformance]",
      async (t) => {
        const seen = at.versions("init-fails-never", t.signal);
        await at.create(
          pod("init-fails-never", {
            initContainers: [init("init1", "true"), init("init2", "false")],
            containers: [container(FOREVER, { name: "run1" })],
          }),
        );
        const last = await at.podWhen("init-fails-never", isOver);
        assert.equal(last.status.phase, "Failed");
        assert.equal(initialized(last)?.status, "False");
        assert.equal(initialized(last)?.message, "containers with incomplete status: [init2]");
        for (const it of seen)
          for (const status of it.status.containerStatuses ?? [])
            assert.equal(status.state.waiting?.reason, "PodInitializing");
      },
    );
    function assertNothingElseStarted(seen: readonly Pod[]) {
      for (const { status } of seen) {
        const others = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? []).slice(1)];
        for (const it of others) assert.equal(it.state.waiting?.reason, "PodInitializing", JSON.stringify(it));
        assert.notEqual(status.initContainerStatuses?.[0]?.state.terminated?.exitCode, 0);
      }
    }
  });

  test("lifecycle hooks", async (t) => {
    const answers =
      "mkdir -p /tmp/www/echo; cd /tmp/www/echo; touch poststart-exec poststart-http prestop-exec prestop-http";
    const server = container(`${answers}; exec busybox httpd -f -vv -p 8080 -h /tmp/www 2>&1`, {
      ports: [{ containerPort: 8080 }],
      readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 },
    });
    await at.create(pod("hook-handler", { containers: [server] }));
    const handler = await at.podWhen("hook-handler", isReady);
    const host = handler.status.podIP!;
    const get = (how: string) => `wget -q -O- "http://${host}:8080/echo/${how}?msg=hello"`;
    const http = (how: string) => ({ path: `/echo/${how}?msg=hello`, host, port: 8080 });
    const hooks: Record<string, Json> = {
      "[sig-node] Container Lifecycle Hook when create a pod with lifecycle hook should execute poststart exec hook properly [NodeConformance] [Conformance]":
        { postStart: { exec: { command: ["sh", "-c", get("poststart-exec")] } } },
      "[sig-node] Container Lifecycle Hook when create a pod with lifecycle hook should execute poststart http hook properly [NodeConformance] [Conformance]":
        { postStart: { httpGet: http("poststart-http") } },
      "[sig-node] Container Lifecycle Hook when create a pod with lifecycle hook should execute prestop exec hook properly [NodeConformance] [Conformance]":
        { preStop: { exec: { command: ["sh", "-c", get("prestop-exec")] } } },
      "[sig-node] Container Lifecycle Hook when create a pod with lifecycle hook should execute prestop http hook properly [NodeConformance] [Conformance]":
        { preStop: { httpGet: http("prestop-http") } },
    };
    const hooked = (lifecycle: Json) => ({
      terminationGracePeriodSeconds: 15,
      restartPolicy: "Always",
      containers: [container(FOREVER, { lifecycle })],
    });
    await at.create(...Object.values(hooks).map((lifecycle, index) => pod(`hook-${index}`, hooked(lifecycle))));
    for (const [index, [title, lifecycle]] of Object.entries(hooks).entries()) {
      await t.test(title, async () => {
        await at.podWhen(`hook-${index}`, isReady);
        const message = /echo\/([a-z-]+)/.exec(JSON.stringify(lifecycle))![1]!;
        await at.cluster.kubectl("delete", "pod", `hook-${index}`);
        const heard = async () => (await at.log("hook-handler", "main")).includes(`/echo/${message}`);
        await until(`the handler hears ${message}`, heard, 20_000);
      });
    }
    await t.test("sleep", async () => {
      await at.create(
        pod("hook-sleep", {
          terminationGracePeriodSeconds: 30,
          restartPolicy: "Always",
          containers: [container(FOREVER, { lifecycle: { preStop: { sleep: { seconds: 3 } } } })],
        }),
      );
      await at.podWhen("hook-sleep", isReady);
      const begun = performance.now();
      await at.cluster.kubectl("delete", "pod", "hook-sleep");
      const took = performance.now() - begun;
      assert.ok(took > 2900 && took < 15_000, `${took} ms`);
    });
  });

  test("a container that always fails", async (t) => {
    await at.create(pod("fails", { containers: [container("", { command: ["/bin/false"] })] }));
    await t.test(
      "[sig-node] Kubelet when scheduling a busybox command that always fails in a pod should have an terminated reason [NodeConformance] [Conformance]",
      async () => {
        const it = await at.podWhen("fails", (p) => mainStatus(p)?.state.terminated);
        assert.equal(it.status.containerStatuses!.length, 1);
        assert.notEqual(terminated(it)!.exitCode, 0);
        assert.equal(terminated(it)!.reason, "Error");
      },
    );
    await t.test(
      "[sig-node] Kubelet when scheduling a busybox command that always fails in a pod should be possible to delete [NodeConformance] [Conformance]",
      async () => {
        await at.cluster.kubectl("delete", "pod", "fails");
      },
    );
  });

  test("[sig-node] Pods should allow activeDeadlineSeconds to be updated [NodeConformance] [Conformance]", async () => {
    await at.create(pod("deadline", { containers: [container(FOREVER)] }));
    await at.podWhen("deadline", isReady);
    await at.cluster.kubectl("patch", "pod", "deadline", "-p", '{"spec":{"activeDeadlineSeconds":5}}');
    const over = await at.podWhen("deadline", isOver);
    assert.deepEqual([over.status.phase, over.status.reason], ["Failed", "DeadlineExceeded"]);
  });

  test("ephemeral containers", async (t) => {
    await at.create(pod("debugged", { restartPolicy: "Always", containers: [container(FOREVER)] }));
    await at.podWhen("debugged", isReady);
    const path = "/api/v1/namespaces/default/pods/debugged/ephemeralcontainers";
    const debugger_ = (name: string) => ({
      ...container("echo polo; sleep 1000", { name }),
      terminationMessagePolicy: "File",
    });
    const running = (name: string) => (it: Pod) =>
      it.status.ephemeralContainerStatuses?.find((s) => s.name === name)?.state.running;
    await t.test(
      "[sig-node] Ephemeral Containers [NodeConformance] will start an ephemeral container in an existing pod [Conformance]",
      async () => {
        const spec = {
          "$setElementOrder/ephemeralContainers": [{ name: "debugger" }],
          ephemeralContainers: [debugger_("debugger")],
        };
        await at.request("PATCH", path, { spec }, "application/strategic-merge-patch+json");
        await at.podWhen("debugged", running("debugger"));
        assert.match(await at.log("debugged", "debugger"), /polo/);
        assert.equal((await at.pod("debugged")).spec.ephemeralContainers!.length, 1);
      },
    );
    await t.test(
      "[sig-node] Ephemeral Containers [NodeConformance] should update the ephemeral containers in an existing pod [Conformance]",
      async () => {
        const add = async () => {
          const it = await at.pod("debugged");
          const ephemeralContainers = [...it.spec.ephemeralContainers!, debugger_("debugger2")];
          return at.request("PUT", path, { ...it, spec: { ...it.spec, ephemeralContainers } });
        };
        await until("no conflict with the node", add);
        await at.podWhen("debugged", running("debugger2"));
        assert.equal((await at.pod("debugged")).spec.ephemeralContainers!.length, 2);
      },
    );
    await at.cluster.kubectl("delete", "pod", "debugged");
  });

  test("[sig-node] KubeletManagedEtcHosts should test kubelet managed /etc/hosts file [NodeConformance] [Conformance]", async () => {
    const mounts = [{ name: "host", mountPath: "/etc/hosts-original" }];
    const one = (name: string) => container(FOREVER, { name, volumeMounts: mounts });
    const own = container(FOREVER, {
      name: "b3",
      volumeMounts: [...mounts, { name: "host", mountPath: "/etc/hosts" }],
    });
    const volumes = [{ name: "host", hostPath: { path: "/etc/hosts", type: "File" } }];
    await at.create(
      pod("hosts", { containers: [one("main"), one("b2"), own], volumes }),
      pod("hosts-net", { hostNetwork: true, containers: [one("main"), one("b2")], volumes }),
    );
    await Promise.all([at.podWhen("hosts", isReady), at.podWhen("hosts-net", isReady)]);
    const managed = async (name: string, c: string) =>
      /# Kubernetes-managed hosts file\./.test(await at.sh(name, "cat /etc/hosts", c));
    assert.deepEqual(
      await Promise.all([
        managed("hosts", "main"),
        managed("hosts", "b2"),
        managed("hosts", "b3"),
        managed("hosts-net", "main"),
        managed("hosts-net", "b2"),
      ]),
      [true, true, false, false, false],
    );
  });

  test("subPathExpr that cannot be, and one that is mended", async (t) => {
    const expr = (name: string, env: Json[], subPathExpr: string, annotations: Json = {}) =>
      pod(
        name,
        {
          containers: [
            container(FOREVER, {
              env,
              volumeMounts: [
                { name: "v", mountPath: "/sub", subPathExpr },
                { name: "v", mountPath: "/vol" },
              ],
            }),
          ],
          volumes: [{ name: "v", emptyDir: {} }],
        },
        { annotations },
      );
    const refused = (it: Pod) => mainStatus(it)?.state.waiting?.reason === "CreateContainerConfigError";
    const both = [
      { name: "POD_NAME", value: "foo" },
      { name: "ANNOTATION", valueFrom: { fieldRef: { fieldPath: "metadata.annotations['mypath']" } } },
    ];
    await at.create(
      expr("sub-absolute", [{ name: "POD_NAME", value: "/tmp" }], "$(POD_NAME)"),
      expr("sub-upwards", [{ name: "POD_NAME", value: ".." }], "$(POD_NAME)"),
      expr("sub-written", both, "$(ANNOTATION)/$(POD_NAME)", { mypath: "mypath" }),
      // Without the annotation it is an absolute path.
      expr("sub-mend", both, "$(ANNOTATION)/$(POD_NAME)", { notmypath: "mypath" }),
    );
    await t.test(
      "[sig-node] Variable Expansion should fail substituting values in a volume subpath with absolute path [Conformance]",
      () => at.podWhen("sub-absolute", refused).then(() => {}),
    );
    await t.test(
      "[sig-node] Variable Expansion should fail substituting values in a volume subpath with backticks [Conformance]",
      () => at.podWhen("sub-upwards", refused).then(() => {}),
    );
    await t.test(
      "[sig-node] Variable Expansion should verify that a failing subpath expansion can be modified during the lifecycle of a container [Slow] [Conformance]",
      async () => {
        await at.podWhen("sub-mend", refused);
        await at.cluster.kubectl("annotate", "--overwrite", "pod", "sub-mend", "mypath=fine");
        await at.podWhen("sub-mend", isReady, 10_000);
      },
    );
    await t.test(
      "[sig-node] Variable Expansion should succeed in writing subpaths in container [Conformance]",
      async () => {
        await at.podWhen("sub-written", isReady);
        await at.sh("sub-written", "touch /vol/mypath/foo/test.log");
        await at.sh("sub-written", "test -f /sub/test.log");
        await at.cluster.kubectl("annotate", "--overwrite", "pod", "sub-written", "mypath=mynewpath");
        await at.podWhen("sub-written", isReady);
      },
    );
  });

  test("a subPath stays within its volume, and is as open as that", async () => {
    const volumeMounts = [{ name: "v", mountPath: "/v" }];
    const sub = (subPath: string) => ({ name: "main", volumeMounts: [{ name: "v", mountPath: "/sub", subPath }] });
    const volumes = [{ name: "v", emptyDir: {} }];
    const leave = container("ln -s / /v/out", { name: "init", volumeMounts });
    await at.create(
      pod("sub-out", { initContainers: [leave], containers: [container(FOREVER, sub("out"))], volumes }),
      pod("sub-open", { securityContext: { runAsUser: 1000 }, containers: [container(FOREVER, sub("a/b"))], volumes }),
    );
    const it = await at.podWhen(
      "sub-out",
      (p) => mainStatus(p)?.state.waiting?.reason === "CreateContainerConfigError",
    );
    assert.match(mainStatus(it)!.state.waiting!.message!, /leads out of the volume/);
    await at.podWhen("sub-open", isReady);
    await at.sh("sub-open", "echo x > /sub/file");
  });

  test("a sysctl that is not the Pod's own is refused on the node", async () => {
    const sysctls = [{ name: "kernel.msgmax", value: "65536" }];
    await at.create(pod("sysctl", { securityContext: { sysctls }, containers: [container(FOREVER)] }));
    const over = await at.podWhen("sysctl", isOver);
    assert.deepEqual([over.status.phase, over.status.reason], ["Failed", "SysctlForbidden"]);
  });

  test("a Pod goes long before its grace period is over", async () => {
    await at.create(
      pod("goes", { terminationGracePeriodSeconds: 30, restartPolicy: "Always", containers: [container(FOREVER)] }),
    );
    await at.podWhen("goes", isReady);
    const begun = performance.now();
    await at.cluster.kubectl("delete", "pod", "goes", "--grace-period=30");
    assert.ok(performance.now() - begun < 10_000);
  });
});
