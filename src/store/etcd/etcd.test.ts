import assert from "node:assert/strict";
import { after, test } from "node:test";
import { realClock } from "../../util/clock.ts";
import { silentLogger } from "../../util/logger.ts";
import type { Backend } from "../backend.ts";
import { backendSuite } from "../suite.ts";
import { openEtcdBackend } from "./etcdBackend.ts";
import type { Renamed } from "./keys.ts";
import { NO_ETCD, PrivateEtcd } from "./privateEtcd.ts";

const started: PrivateEtcd[] = [];
const of = new WeakMap<Backend, PrivateEtcd>();
after(() => Promise.all(started.map((etcd) => etcd.stop())));

async function connect(etcd: PrivateEtcd, renamed?: Renamed): Promise<Backend> {
  const backend = await openEtcdBackend({
    endpoints: etcd.endpoints,
    renamed,
    clock: realClock,
    logger: silentLogger,
    compactEvery: 0,
  });
  of.set(backend, etcd);
  return backend;
}

backendSuite({
  name: "etcd",
  forgetsByTime: true,
  skip: NO_ETCD,
  async open() {
    for (const etcd of started.splice(0)) await etcd.stop(); // one at a time: each test has its own
    const etcd = await PrivateEtcd.start();
    started.push(etcd);
    return connect(etcd);
  },
  async reopen(backend) {
    const etcd = of.get(backend)!;
    await backend.close();
    await etcd.kill(0);
    await etcd.run(0);
    return connect(etcd);
  },
});

test("etcd: clusters with prefixes of their own share one, and see nothing of each other but that revisions go on", {
  skip: NO_ETCD,
}, async () => {
  const etcd = await PrivateEtcd.start();
  started.push(etcd);
  const usual = await connect(etcd);
  const other = await connect(etcd, { from: "/registry/", to: "/clusters/b/" });
  const bytes = (text: string) => Buffer.from(text);
  const text = (value: Uint8Array | undefined) => Buffer.from(value ?? []).toString();
  const guard = { key: "/registry/guard", revision: await other.create("/registry/guard", bytes("g")) };
  const mine = await usual.create("/registry/pods/a", bytes("usual"));
  const theirs = await other.create("/registry/pods/a", bytes("other"), guard);
  assert.equal(theirs, mine + 1);
  assert.equal(text((await other.get("/registry/pods/a"))?.value), "other");
  const { entries } = await other.list("/registry/pods/");
  assert.deepEqual(
    entries.map(({ key, value }) => [key, text(value)]),
    [["/registry/pods/a", "other"]],
  );
  const last = await usual.update("/registry/pods/a", bytes("again"), mine);
  const end = new AbortController();
  const seen: [string, number][] = [];
  for await (const changes of other.watch("", guard.revision, end.signal)) {
    seen.push(...changes.map(({ key, revision }): [string, number] => [key, revision]));
    if (changes.at(-1)!.revision === last) end.abort();
  }
  assert.deepEqual(seen, [
    ["\0", mine],
    ["/registry/pods/a", theirs],
    ["\0", last],
  ]);
  await assert.rejects(other.create("/registry/pods/a", bytes("x")), {
    current: { key: "/registry/pods/a", revision: theirs, value: bytes("other") },
  });
  await Promise.all([usual.close(), other.close()]);
});
