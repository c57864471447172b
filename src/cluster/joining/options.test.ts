import assert from "node:assert/strict";
import { test } from "node:test";
import type { ClusterConfig } from "../layout.ts";
import { checkChoices, checkMembership } from "./options.ts";

const HERE = ["192.0.2.7"];

test("what was typed is checked before anybody is asked", () => {
  checkChoices({}, HERE);
  checkChoices({ caCertHash: `sha256:${"0a".repeat(32)}`, nodeName: "a-1.example", nodeIP: "192.0.2.7" }, HERE);
  const refused = (choices: Parameters<typeof checkChoices>[0], why: RegExp) =>
    assert.throws(() => checkChoices(choices, HERE), why);
  refused({ caCertHash: "sha256:00" }, /"sha256:00" is no hash of an authority/);
  refused({ caCertHash: `md5:${"0a".repeat(32)}` }, /is no hash/);
  refused({ nodeName: "Node_1" }, /"Node_1" cannot name a node/);
  refused({ nodeName: "a-" }, /cannot name a node/);
  refused({ nodeIP: "nowhere" }, /"nowhere" is no IPv4 address/);
  refused({ nodeIP: "192.0.2.8" }, /192\.0\.2\.8 is no address of this machine/);
});

const joined = (name: string, cluster: string, nodeName: string): ClusterConfig =>
  ({ name, nodeName, joined: { cluster, server: "https://192.0.2.1:6443" } }) as ClusterConfig;

test("a machine joins a cluster once; joining again, as it is, goes on where it ended", () => {
  const wanted = { local: "prod", cluster: "coxswain", server: "https://192.0.2.1:6443", nodeName: "a" };
  checkMembership(wanted, []);
  checkMembership(wanted, [joined("prod", "coxswain", "a"), joined("other", "other", "a")]);
  const refused = (known: ClusterConfig, why: RegExp) => assert.throws(() => checkMembership(wanted, [known]), why);
  refused(joined("prod", "coxswain", "b"), /node b of cluster coxswain at https:\/\/192\.0\.2\.1:6443 already/);
  refused(joined("prod", "test", "a"), /node a of cluster test/);
  refused(joined("again", "coxswain", "a"), /node a of cluster coxswain/);
  refused({ name: "prod", nodeName: "a" } as ClusterConfig, /a cluster prod of its own/);
});
