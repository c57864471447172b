import assert from "node:assert/strict";
import { createServer, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import type { Pod } from "../../src/api/core/v1/index.ts";
import { container, FOREVER, isReady, type Json, mainStatus, PodCluster, pod } from "./podFixture.ts";
import { cannotRun, until } from "./realCluster.ts";

const skip = await cannotRun();
/** A message HealthCheckResponse{status: SERVING}, framed. */
const SERVING = Buffer.from([0, 0, 0, 0, 2, 0x08, 0x01]);

/** A gRPC server of this machine that answers health questions, for Pods in the machine's network. */
async function healthServer(): Promise<{ port: number; close(): void }> {
  const server = createServer();
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    const known = headers[":path"] === "/grpc.health.v1.Health/Check";
    stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
    stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": known ? "0" : "12" }));
    stream.end(known ? SERVING : undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

describe("probes", { skip, concurrency: true }, () => {
  let at: PodCluster;
  let health: Awaited<ReturnType<typeof healthServer>>;
  before(async () => {
    at = await PodCluster.start("podprobes", "--nodes", "2");
    health = await healthServer();
  });
  after(async () => {
    health?.close();
    await at?.remove();
  });

  const probed = (name: string, script: string, probes: Json, spec: Json = {}) =>
    at.create(pod(name, { restartPolicy: "Always", containers: [container(script, probes)], ...spec }));
  const restarts = (it: Pod) => mainStatus(it)?.restartCount ?? 0;
  const WEB = "mkdir -p /tmp/w; echo ok > /tmp/w/healthz; busybox httpd -p 8080 -h /tmp/w";
  const quick = { initialDelaySeconds: 1, periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 5 };
  const exec = { exec: { command: ["cat", "/tmp/health"] } };
  const http = { httpGet: { path: "/healthz", port: 8080 } };
  const grpcProbe = () => ({ grpc: { port: health.port } });

  const failing: Record<string, { title: string; create(): Promise<unknown> }> = {
    exec: {
      title:
        '[sig-node] Probing container should be restarted with a exec "cat /tmp/health" liveness probe [NodeConformance] [Conformance]',
      create: () =>
        probed("exec-fails", `echo ok > /tmp/health; sleep 3; rm /tmp/health; ${FOREVER}`, {
          livenessProbe: { ...exec, ...quick },
        }),
    },
    http: {
      title:
        "[sig-node] Probing container should be restarted with a /healthz http liveness probe [NodeConformance] [Conformance]",
      create: () =>
        probed("http-fails", `${WEB}; sleep 3; rm /tmp/w/healthz; ${FOREVER}`, {
          livenessProbe: { ...http, ...quick },
        }),
    },
    tcp: {
      title: "a container whose tcp liveness probe fails is restarted",
      create: () =>
        probed("tcp-fails", FOREVER, {
          livenessProbe: { tcpSocket: { port: 8080 }, ...quick, initialDelaySeconds: 3 },
        }),
    },
    grpc: {
      title:
        "[sig-node] Probing container should be restarted with a GRPC liveness probe [NodeConformance] [Conformance]",
      create: () =>
        probed(
          "grpc-fails",
          FOREVER,
          { livenessProbe: { grpc: { port: 1 }, ...quick, initialDelaySeconds: 3 } },
          { hostNetwork: true },
        ),
    },
  };
  for (const [kind, { title, create }] of Object.entries(failing)) {
    test(title, async () => {
      await create();
      await at.podWhen(`${kind}-fails`, isReady);
      const after = await at.podWhen(`${kind}-fails`, (it) => restarts(it) >= 1, 60_000);
      assert.ok(mainStatus(after)?.lastState.terminated ?? mainStatus(after)?.state.waiting);
      const events = await until("the events", async () => {
        const all = await at.events(`${kind}-fails`);
        return all.some((it) => /^Killing: Container main failed liveness probe, will be restarted/.test(it)) && all;
      });
      assert.ok(
        events.some((it) => /^Unhealthy: Liveness probe failed/.test(it)),
        events.join("\n"),
      );
    });
  }

  test("healthy containers", async (t) => {
    // A machine that runs other tests may take its time to answer once.
    const period = { initialDelaySeconds: 1, periodSeconds: 1, failureThreshold: 3, timeoutSeconds: 5 };
    const well = {
      '[sig-node] Probing container should *not* be restarted with a exec "cat /tmp/health" liveness probe [NodeConformance] [Conformance]':
        "exec-well",
      "[sig-node] Probing container should *not* be restarted with a /healthz http liveness probe [NodeConformance] [Conformance]":
        "http-well",
      "[sig-node] Probing container should *not* be restarted with a tcp:8080 liveness probe [NodeConformance] [Conformance]":
        "tcp-well",
      "[sig-node] Probing container should *not* be restarted with a GRPC liveness probe [NodeConformance] [Conformance]":
        "grpc-well",
    };
    await Promise.all([
      probed("exec-well", `echo ok > /tmp/health; ${FOREVER}`, { livenessProbe: { ...exec, ...period } }),
      probed("http-well", `${WEB}; ${FOREVER}`, { livenessProbe: { ...http, ...period } }),
      probed("tcp-well", `${WEB}; ${FOREVER}`, { livenessProbe: { tcpSocket: { port: 8080 }, ...period } }),
      probed(
        "grpc-well",
        FOREVER,
        { livenessProbe: { ...grpcProbe(), ...period }, readinessProbe: { ...grpcProbe(), ...period } },
        { hostNetwork: true, nodeName: at.machine },
      ),
    ]);
    await Promise.all(Object.values(well).map((name) => at.podWhen(name, isReady)));
    // Many periods later: the time another container takes to run and end.
    await at.create(pod("clock", { containers: [container("sleep 10")] }));
    await at.podWhen("clock", (it) => it.status.phase === "Succeeded");
    for (const [title, name] of Object.entries(well)) {
      await t.test(title, async () => {
        assert.equal(restarts(await at.pod(name)), 0, (await at.events(name)).join("\n"));
      });
    }
  });

  test("[sig-node] Probing container with readiness probe should not be ready before initial delay and never restart [NodeConformance] [Conformance]", async () => {
    await probed("delayed", FOREVER, {
      readinessProbe: { exec: { command: ["true"] }, initialDelaySeconds: 5, periodSeconds: 1 },
    });
    const ready = await at.podWhen("delayed", isReady);
    const started = Date.parse(mainStatus(ready)!.state.running!.startedAt!);
    const since = Date.parse(ready.status.conditions!.find((c) => c.type === "Ready")!.lastTransitionTime!);
    assert.ok(since - started >= 5000, `${since - started} ms`);
    assert.equal(restarts(ready), 0);
  });

  test("[sig-node] Probing container with readiness probe that fails should never be ready and never restart [NodeConformance] [Conformance]", async (t) => {
    const seen = at.versions("never", t.signal);
    await probed("never", FOREVER, {
      readinessProbe: { exec: { command: ["false"] }, initialDelaySeconds: 1, periodSeconds: 1 },
    });
    const failed = async () =>
      (await at.events("never")).some((it) => it.startsWith("Unhealthy: Readiness probe failed"));
    await until("the probe has failed", failed);
    const never = await at.pod("never");
    assert.ok(!seen.some(isReady));
    assert.equal(restarts(never), 0);
    assert.match(
      never.status.conditions!.find((c) => c.type === "ContainersReady")!.message!,
      /unready status: \[main\]/,
    );
  });

  test("a startup probe holds the others back", async () => {
    await probed("starts", `sleep 4; echo ok > /tmp/started; ${FOREVER}`, {
      startupProbe: { exec: { command: ["cat", "/tmp/started"] }, periodSeconds: 1, failureThreshold: 60 },
      livenessProbe: { exec: { command: ["cat", "/tmp/started"] }, ...quick },
    });
    const ready = await at.podWhen("starts", isReady);
    assert.equal(restarts(ready), 0);
    assert.equal(mainStatus(ready)?.started, true);
  });

  test("a probe's own grace period shortens the end", async () => {
    await probed(
      "stubborn",
      "trap '' TERM; while :; do sleep 1; done",
      {
        livenessProbe: { exec: { command: ["false"] }, ...quick, terminationGracePeriodSeconds: 2 },
      },
      { terminationGracePeriodSeconds: 300 },
    );
    await at.podWhen("stubborn", (it) => restarts(it) >= 1);
    await at.cluster.kubectl("delete", "pod", "stubborn", "--grace-period=1");
  });

  test("[sig-node] Probing container should have monotonically increasing restart count [NodeConformance] [Conformance]", async (t) => {
    const seen = at.versions("counted", t.signal);
    await probed(
      "counted",
      FOREVER,
      { livenessProbe: { exec: { command: ["false"] }, ...quick } },
      { terminationGracePeriodSeconds: 1 },
    );
    await at.podWhen("counted", (it) => restarts(it) >= 3, 90_000);
    const counts = seen.map(restarts);
    assert.deepEqual(
      counts,
      counts.toSorted((a, b) => a - b),
    );
  });
});
