import assert from "node:assert/strict";
import { access, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { realClock } from "../util/clock.ts";
import { commandLine, signalProcess } from "./processes.ts";
import { type ComponentState, Supervisor } from "./supervisor.ts";

/** A supervisor of shell scripts; a component's command line must name its cluster's folder. */
async function scripts(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), "cox-supervisor-"));
  const supervisor = new Supervisor({ run: join(folder, "run"), logs: join(folder, "logs"), clock: realClock });
  t.after(async () => {
    await supervisor.stop("it", 1000);
    await rm(folder, { recursive: true });
  });
  const start = (script: string) =>
    supervisor.start({ component: "it", command: ["/bin/sh", "-c", script, `${folder}/it`] });
  const when = async (what: (state: ComponentState) => boolean): Promise<ComponentState> => {
    for (const end = realClock.now() + 10_000; ; ) {
      const state = await supervisor.state("it");
      if (what(state)) return state;
      assert.ok(realClock.now() < end, `still ${JSON.stringify(state)}`);
      await realClock.sleep(5);
    }
  };
  return { folder, supervisor, start, when };
}

const running = (state: ComponentState) => state.phase === "running" && state.pid !== undefined;

test("runs a component and keeps its log", async (t) => {
  const { supervisor, start, when } = await scripts(t);
  assert.equal(await start("echo out; echo err >&2; while :; do sleep 0.1; done"), true);
  const state = await when(running);
  assert.equal(state.restarts, 0);
  await when(() => true);
  const log = async (): Promise<string> => {
    const text = await readFile(supervisor.logFile("it"), "utf8");
    return text.includes("err") ? text : log();
  };
  assert.equal(await log(), "out\nerr\n");
});

test("starting twice runs it once", async (t) => {
  const { start, when } = await scripts(t);
  await start("while :; do sleep 0.1; done");
  const { pid } = await when(running);
  assert.equal(await start("while :; do sleep 0.1; done"), false);
  assert.equal((await when(running)).pid, pid);
});

test("restarts a killed component at once and counts it", async (t) => {
  const { start, when } = await scripts(t);
  await start("while :; do sleep 0.1; done");
  const { pid } = await when(running);
  const killed = realClock.now();
  signalProcess(pid!, "SIGKILL");
  const state = await when((s) => running(s) && s.pid !== pid);
  assert.ok(realClock.now() - killed < 1000);
  assert.deepEqual([state.restarts, state.lastExit], [1, 137]);
});

test("a component that cannot start is retried with growing pauses", async (t) => {
  const { start, when } = await scripts(t);
  await start("exit 3");
  const state = await when((s) => s.restarts === 2);
  assert.equal(state.lastExit, 3);
  assert.equal((await when((s) => s.phase === "waiting")).pid, undefined);
});

test("stopping ends the component and its supervisor, by force when it does not listen", async (t) => {
  const { folder, supervisor, start, when } = await scripts(t);
  await start("trap '' TERM; while :; do sleep 0.1; done");
  const { pid, supervisor: shell } = await when(running);
  await supervisor.stop("it", 200);
  assert.equal(await commandLine(pid!), undefined);
  assert.equal(await commandLine(shell!), undefined);
  await assert.rejects(access(join(folder, "run", "it.state")));
  assert.equal((await supervisor.state("it")).phase, "stopped");
  await supervisor.stop("it", 200);
});

test("a component whose supervisor was killed shows as dead, and starting takes its place", async (t) => {
  const { start, when } = await scripts(t);
  await start("while :; do sleep 0.1; done");
  const { pid, supervisor: shell } = await when(running);
  signalProcess(shell!, "SIGKILL");
  await when((s) => s.phase === "dead");
  assert.equal(await start("while :; do sleep 0.1; done"), true);
  const state = await when(running);
  assert.notEqual(state.pid, pid);
  assert.equal(await commandLine(pid!), undefined);
});
