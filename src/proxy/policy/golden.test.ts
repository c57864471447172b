import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import type { Pod } from "../../api/core/v1/index.ts";
import type { NetworkPolicy } from "../../api/networking/v1/index.ts";
import { changeTable, replaceTable } from "../difference.ts";
import { resolve } from "./resolve.ts";
import { policyRuleset } from "./ruleset.ts";
import { namespace, pod, policy } from "./testObjects.ts";

/** As the proxy's: each file of testdata/ is the nft transaction for one situation. UPDATE=1 writes them anew. */
function golden(name: string, script: string): void {
  const path = new URL(`./testdata/${name}.nft`, import.meta.url);
  if (process.env.UPDATE) writeFileSync(path, script);
  assert.equal(script, readFileSync(path, "utf8"));
}

const namespaces = [namespace("shop", { team: "sales" }), namespace("other", { team: "misc" })];
const web = pod("web", "10.244.0.11,fd00:244::11", { app: "web" }, { namespace: "shop", ports: { http: 8080 } });
const pods = [
  web,
  pod("shopper", "10.244.0.12", { app: "shopper" }, { namespace: "shop" }),
  pod("far", "10.244.1.14", { app: "far" }, { namespace: "other", nodeName: "node-b" }),
];
const rulesFor = (policies: NetworkPolicy[], all: Pod[] = pods) =>
  policyRuleset(resolve({ policies, pods: all, namespaces, nodeName: "node-a" }));
const make = (...policies: NetworkPolicy[]) => replaceTable("policies", rulesFor(policies));

test("a policy without rules", () => {
  golden("denyAll", make(policy("deny", "shop", { podSelector: { matchLabels: { app: "web" } } })));
});

test("peers and ports of every kind", () => {
  const from = [
    { podSelector: { matchLabels: { app: "shopper" } } },
    { namespaceSelector: { matchLabels: { team: "misc" } } },
    { ipBlock: { cidr: "192.168.1.7/16", except: ["192.168.5.0/24"] } },
    { ipBlock: { cidr: "::/0" } },
  ];
  const ports = [
    { protocol: "TCP", port: "http" },
    { protocol: "UDP", port: 5300 },
    { protocol: "SCTP", port: 7000, endPort: 7010 },
    { protocol: "TCP" },
  ];
  golden(
    "ingress",
    make(policy("allow", "shop", { podSelector: { matchLabels: { app: "web" } }, ingress: [{ from, ports }] })),
  );
});

test("egress to named ports is by what the peers call so", () => {
  const egress = [{ to: [{ podSelector: {} }], ports: [{ protocol: "TCP", port: "http" }] }];
  golden("egress", make(policy("out", "shop", { policyTypes: ["Egress"], egress })));
});

test("only what changed is sent when a peer comes", () => {
  const allow = policy("allow", "shop", {
    podSelector: { matchLabels: { app: "web" } },
    ingress: [{ from: [{ podSelector: { matchLabels: { app: "shopper" } } }] }],
  });
  const another = pod("another", "10.244.0.15", { app: "shopper" }, { namespace: "shop" });
  const script = changeTable("policies", rulesFor([allow]), rulesFor([allow], [...pods, another]));
  assert.match(script, /^add element inet policies peers-ip\/\w+ { 10\.244\.0\.15 }\n$/);
});

test("Pods of other nodes, of the node's network, and those that are over are not restricted", () => {
  const deny = policy("deny", "shop", {});
  const done = pod("done", "10.244.0.20", {}, { namespace: "shop" });
  done.status.phase = "Succeeded";
  const { ingress } = resolve({
    policies: [deny],
    namespaces,
    nodeName: "node-a",
    pods: [
      pod("here", "10.244.0.21", {}, { namespace: "shop" }),
      pod("there", "10.244.1.22", {}, { namespace: "shop", nodeName: "node-b" }),
      pod("host", "192.168.0.1", {}, { namespace: "shop", hostNetwork: true }),
      done,
    ],
  });
  assert.deepEqual([...ingress.pods.keys()], ["10.244.0.21"]);
});
