import assert from "node:assert/strict";
import { test } from "node:test";
import { BlockPool } from "./cidrs.ts";

test("blocks are handed out in order, and a released one as late as possible", () => {
  const pool = new BlockPool("10.244.0.0/22", 24);
  assert.equal(pool.allocate(), "10.244.0.0/24");
  assert.equal(pool.allocate(), "10.244.1.0/24");
  pool.release("10.244.0.0/24");
  assert.deepEqual(
    [pool.allocate(), pool.allocate(), pool.allocate()],
    ["10.244.2.0/24", "10.244.3.0/24", "10.244.0.0/24"],
  );
  assert.equal(pool.allocate(), undefined);
});

test("occupied blocks are left out; blocks of other ranges are none of the pool's", () => {
  const pool = new BlockPool("10.244.0.0/23", 24);
  pool.occupy("10.244.0.0/24");
  pool.occupy("192.168.0.0/24");
  assert.equal(pool.allocate(), "10.244.1.0/24");
  assert.equal(pool.allocate(), undefined);
});

test("IPv6 ranges work alike", () => {
  const pool = new BlockPool("fd00:10:244::/56", 64);
  assert.equal(pool.allocate(), "fd00:10:244::/64");
  assert.equal(pool.allocate(), "fd00:10:244:1::/64");
});

test("a range and mask that do not fit are refused", () => {
  assert.throws(() => new BlockPool("10.0.0.0/24", 16), /does not fit/);
  assert.throws(() => new BlockPool("ten", 16), /not a CIDR/);
});
