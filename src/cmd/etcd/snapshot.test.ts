import assert from "node:assert/strict";
import { test } from "node:test";
import { unpacker } from "./snapshot.ts";

test("a snapshot is unpacked with what this etcd brings: etcdutl, or etcdctl where it still can", async () => {
  const among =
    (...programs: string[]) =>
    async (program: string) =>
      programs.includes(program) ? `/usr/bin/${program}` : undefined;
  assert.equal(await unpacker(among("etcdctl")), "/usr/bin/etcdctl"); // 3.4
  assert.equal(await unpacker(among("etcdctl", "etcdutl")), "/usr/bin/etcdutl"); // 3.5, and 3.6 has no other
  await assert.rejects(unpacker(among()), /needs etcdutl or etcdctl/);
});
