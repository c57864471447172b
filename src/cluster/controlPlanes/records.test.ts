import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClusterConfig } from "../layout.ts";
import { refuseHalfRestored, withExternalEtcd } from "./records.ts";

const config: ClusterConfig = { name: "a", index: 0, nodeName: "n", nodeIP: "10.0.0.1", createdAt: 0 };
const etcd = (servers: string, prefix?: string) => ({
  "etcd-servers": servers,
  ...(prefix !== undefined && { "etcd-prefix": prefix }),
});

test("the members and keys of somebody else's etcd may change, our part of it may not", () => {
  const made = withExternalEtcd(config, etcd("https://old:2379", "/a"), true);
  assert.deepEqual(withExternalEtcd(made, etcd("https://new:2379"), false).etcd, etcd("https://new:2379", "/a"));
  assert.deepEqual(withExternalEtcd(made, etcd("https://new:2379", "/a"), false), {
    ...made,
    etcd: etcd("https://new:2379", "/a"),
  });
  assert.throws(() => withExternalEtcd(made, etcd("https://old:2379", "/b"), false), /keeps its objects under \/a/);
  const usual = withExternalEtcd(config, etcd("https://old:2379"), true);
  assert.throws(() => withExternalEtcd(usual, etcd("https://old:2379", "/b"), false), /under \/registry/);
  assert.throws(() => withExternalEtcd(config, etcd("https://old:2379"), false), /has a store of its own/);
});

test("a cluster that is halfway back to a snapshot does not start", () => {
  refuseHalfRestored(config);
  assert.throws(() => refuseHalfRestored({ ...config, restoring: 0 }), /was interrupted/);
});
