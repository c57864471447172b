import assert from "node:assert/strict";
import { test } from "node:test";
import { isShared, knowsNoswap } from "./mounter.ts";

const TABLE = `22 1 8:1 / / rw,relatime - ext4 /dev/sda1 rw
30 22 0:25 / /var/lib rw,relatime shared:7 - ext4 /dev/sda1 rw
31 30 0:26 / /var/lib/private rw,relatime - tmpfs tmpfs rw
32 30 0:27 / /var/lib/follows rw,relatime master:7 - tmpfs tmpfs rw
33 31 0:28 / /var/lib/private rw,relatime shared:9 master:3 - tmpfs tmpfs rw
`;

test("a path shares its mounts as the mount that it is on does, the topmost one of that place", () => {
  const shared = (path: string) => isShared(TABLE, path);
  assert.equal(shared("/etc"), false);
  assert.equal(shared("/var/lib/x"), true);
  assert.equal(shared("/var/library"), false);
  assert.equal(shared("/var/lib/follows/x"), false);
  assert.equal(shared("/var/lib/private"), true);
});

test("memory is kept from swap by kernels that can", () => {
  assert.deepEqual(["5.10.0-8", "6.3.1", "6.4.0-rc1", "6.18.44-fc", "7.0"].map(knowsNoswap), [
    false,
    false,
    true,
    true,
    true,
  ]);
});
