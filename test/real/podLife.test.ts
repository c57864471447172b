import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Pod } from "../../src/api/core/v1/index.ts";
import { container, FOREVER, isOver, isReady, type Json, mainStatus, PodCluster, pod } from "./podFixture.ts";
import { cannotRun, until } from "./realCluster.ts";

const skip = await cannotRun();
const initialized = (it: Pod) => it.status.conditions?.find((c) => c.type === "Initialized");
const terminated = (it: Pod) => mainStatus(it)?.state.terminated;
const web = (more: Json = {}) =>
  container("mkdir -p /tmp/www; echo ok > /tmp/www/healthz; exec busybox httpd -f -vv -p 8080 -h /tmp/www 2>&1", more);

describe("a Pod's life on its node", { skip, concurrency: true }, () => {
  let at: PodCluster;
  before(async () => {
    at = await PodCluster.start("podlife", "--nodes", "2");
  });
  after(() => at?.remove());

  test("termination messages", async (t) => {
    const cases: [string, Json, string, string][] = [
      [
        "from-path",
        container("echo -n DONE > /dev/termination-custom-log", {
          terminationMessagePath: "/dev/termination-custom-log",
          securityContext: { runAsUser: 1000 },
        }),
        "Succeeded",
        "DONE",
      ],
      [
        "from-logs",
        container("echo -n DONE; exit 1", { terminationMessagePolicy: "FallbackToLogsOnError" }),
        "Failed",
        "DONE",
      ],
      ["no-fallback", container("echo DONE", { terminationMessagePolicy: "FallbackToLogsOnError" }), "Succeeded", ""],
      [
        "from-file",
        container("echo -n OK > /dev/termination-log; echo log", { terminationMessagePolicy: "FallbackToLogsOnError" }),
        "Succeeded",
        "OK",
      ],
    ];
    for (const [name, it, phase, message] of cases) {
      await t.test(name, async () => {
        await at.create(pod(`message-${name}`, { containers: [it] }));
        const over = await at.podWhen(`message-${name}`, isOver);
        assert.equal(over.status.phase, phase);
        assert.equal(terminated(over)?.message ?? "", message);
      });
    }
  });

  test("containers that exit, by restart policy", async () => {
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
    await t.test("run in order, then the containers", async () => {
      const inits = [init("init1", "true"), init("init2", "true")];
      await at.create(
        pod("init-never", { initContainers: inits, containers: [container("true", { name: "run1" })] }),
        pod("init-always", {
          restartPolicy: "Always",
          initContainers: inits,
          containers: [container(FOREVER, { name: "run1" })],
        }),
      );
      for (const [name, phase] of [
        ["init-never", "Succeeded"],
        ["init-always", "Running"],
      ] as const) {
        const it = await at.podWhen(name, (p) => p.status.phase === phase);
        assert.equal(initialized(it)?.status, "True");
        for (const status of it.status.initContainerStatuses!) {
          assert.equal(status.ready, true);
          assert.equal(status.state.terminated?.exitCode, 0);
        }
      }
    });
    await t.test("that fail are repeated before anything else (Always)", async (t) => {
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
    });
    await t.test("that fail end the Pod (Never)", async (t) => {
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
    });
    function assertNothingElseStarted(seen: readonly Pod[]) {
      for (const { status } of seen) {
        const others = [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? []).slice(1)];
        for (const it of others) assert.equal(it.state.waiting?.reason, "PodInitializing", JSON.stringify(it));
        assert.notEqual(status.initContainerStatuses?.[0]?.state.terminated?.exitCode, 0);
      }
    }
  });

  test("lifecycle hooks", async (t) => {
    const server = web({ name: "main", ports: [{ containerPort: 8080 }] });
    await at.create(pod("hook-handler", { containers: [server] }));
    const handler = await at.podWhen("hook-handler", isReady);
    const host = handler.status.podIP!;
    const heard = (text: string) =>
      until(`the handler hears ${text}`, async () => (await at.log("hook-handler", "main")).includes(text), 20_000);
    const hooks: [string, Json][] = [
      [
        "poststart-exec",
        { postStart: { exec: { command: ["sh", "-c", `wget -q -O- "http://${host}:8080/poststart-exec"; true`] } } },
      ],
      ["poststart-http", { postStart: { httpGet: { path: "/poststart-http", host, port: 8080 } } }],
      [
        "prestop-exec",
        { preStop: { exec: { command: ["sh", "-c", `wget -q -O- "http://${host}:8080/prestop-exec"`] } } },
      ],
      ["prestop-http", { preStop: { httpGet: { path: "/prestop-http", host, port: 8080 } } }],
    ];
    for (const [name, lifecycle] of hooks) {
      await t.test(name, async () => {
        await at.create(
          pod(name, {
            terminationGracePeriodSeconds: 15,
            restartPolicy: "Always",
            containers: [container(FOREVER, { lifecycle })],
          }),
        );
        // httpd answers 404, which fails an HTTP hook; the call is what counts here.
        if (name === "poststart-http") await heard(name);
        else await at.podWhen(name, isReady);
        await at.cluster.kubectl("delete", "pod", name);
        await heard(name);
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

  test("a container that always fails says so and can be deleted", async () => {
    await at.create(
      pod("fails", { restartPolicy: "Always", containers: [container("", { command: ["/bin/false"] })] }),
    );
    const it = await at.podWhen("fails", (p) => mainStatus(p)?.state.terminated ?? mainStatus(p)?.lastState.terminated);
    const end = mainStatus(it)!.state.terminated ?? mainStatus(it)!.lastState.terminated!;
    assert.notEqual(end.exitCode, 0);
    assert.equal(end.reason, "Error");
    await at.cluster.kubectl("delete", "pod", "fails");
  });

  test("activeDeadlineSeconds can be set later", async () => {
    await at.create(pod("deadline", { containers: [container(FOREVER)] }));
    await at.podWhen("deadline", isReady);
    await at.cluster.kubectl("patch", "pod", "deadline", "-p", '{"spec":{"activeDeadlineSeconds":5}}');
    const over = await at.podWhen("deadline", isOver);
    assert.deepEqual([over.status.phase, over.status.reason], ["Failed", "DeadlineExceeded"]);
  });

  test("ephemeral containers", async () => {
    await at.create(pod("debugged", { restartPolicy: "Always", containers: [container(FOREVER)] }));
    await at.podWhen("debugged", isReady);
    const path = "/api/v1/namespaces/default/pods/debugged/ephemeralcontainers";
    const debugger_ = (name: string) => ({
      ...container("echo polo; sleep 1000", { name }),
      terminationMessagePolicy: "File",
    });
    const patch = { spec: { ephemeralContainers: [debugger_("debugger")] } };
    await at.request("PATCH", path, patch, "application/strategic-merge-patch+json");
    const running = (name: string) => (it: Pod) =>
      it.status.ephemeralContainerStatuses?.find((s) => s.name === name)?.state.running;
    const it = await at.podWhen("debugged", running("debugger"));
    assert.match(await at.log("debugged", "debugger"), /polo/);
    const next = {
      ...it,
      spec: { ...it.spec, ephemeralContainers: [...it.spec.ephemeralContainers!, debugger_("debugger2")] },
    };
    await at.request("PUT", path, next);
    await at.podWhen("debugged", running("debugger2"));
    await at.cluster.kubectl("delete", "pod", "debugged");
  });

  test("/etc/hosts is the kubelet's, unless mounted or the node's", async () => {
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
    const expr = (name: string, env: Json, subPathExpr: string, annotations: Json = {}) =>
      pod(
        name,
        {
          containers: [
            container(FOREVER, {
              env: [env],
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
    const annotation = { name: "ANNOTATION", valueFrom: { fieldRef: { fieldPath: "metadata.annotations['mypath']" } } };
    await at.create(
      expr("sub-absolute", { name: "POD_NAME", value: "/tmp" }, "$(POD_NAME)"),
      expr("sub-upwards", { name: "POD_NAME", value: ".." }, "$(POD_NAME)"),
      expr("sub-written", annotation, "$(ANNOTATION)", { mypath: "foo" }),
      expr("sub-mend", annotation, "$(ANNOTATION)", { mypath: "/absolute" }),
    );
    await t.test("refused", async () => {
      await at.podWhen("sub-absolute", refused);
      await at.podWhen("sub-upwards", refused);
    });
    await t.test("mended by an annotation", async () => {
      await at.podWhen("sub-mend", refused);
      await at.cluster.kubectl("annotate", "--overwrite", "pod", "sub-mend", "mypath=fine");
      await at.podWhen("sub-mend", isReady, 10_000);
    });
    await t.test("written", async () => {
      await at.podWhen("sub-written", isReady);
      await at.sh("sub-written", "touch /vol/foo/test.log");
      await at.sh("sub-written", "test -f /sub/test.log");
      await at.cluster.kubectl("annotate", "--overwrite", "pod", "sub-written", "mypath=mynewpath");
      await at.podWhen("sub-written", isReady);
    });
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

  test("a Pod goes within its grace period", async () => {
    await at.create(
      pod("goes", { terminationGracePeriodSeconds: 30, restartPolicy: "Always", containers: [container(FOREVER)] }),
    );
    await at.podWhen("goes", isReady);
    const begun = performance.now();
    await at.cluster.kubectl("delete", "pod", "goes", "--grace-period=30");
    assert.ok(performance.now() - begun < 10_000);
  });
});
