import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import type { Service } from "../../api/core/v1/index.ts";
import { planService } from "../plan.ts";
import { type EndpointState, service, slice, testNode } from "../testObjects.ts";
import { buildChains } from "./chains.ts";
import { differences, readSaved, restoration } from "./restore.ts";

/** Input of iptables-restore for one situation, to be read as documentation of the rules. UPDATE=1 writes it anew. */
function golden(name: string, text: string): void {
  const path = new URL(`../testdata/${name}.iptables`, import.meta.url);
  if (process.env.UPDATE) writeFileSync(path, text);
  assert.equal(text, readFileSync(path, "utf8"));
}

const both = { "10.244.0.11": { node: "node-a" }, "10.244.1.12": { node: "node-b" } };
const http = { name: "http", protocol: "TCP", port: 80, targetPort: 8080 };
const chains = (
  spec: Partial<Service["spec"]>,
  endpoints: Record<string, EndpointState>,
  status?: Service["status"],
) => {
  const object = service("web", { clusterIP: "10.96.0.10", ...spec }, status);
  return buildChains("KUBE", "ip", [planService(object, [slice("web", endpoints)], "ip", testNode)], testNode);
};

test("a ClusterIP service with two endpoints", () => {
  golden("clusterIP", restoration(undefined, chains({}, both)).fill);
});

test("a load balancer with source ranges, local traffic only, and affinity", () => {
  const spec = {
    type: "LoadBalancer",
    ports: [{ ...http, nodePort: 30_080 }],
    externalTrafficPolicy: "Local",
    loadBalancerSourceRanges: ["192.0.2.0/24"],
    sessionAffinity: "ClientIP",
  };
  const status = { loadBalancer: { ingress: [{ ip: "203.0.113.7" }] } };
  golden("loadBalancer", restoration(undefined, chains(spec, both, status)).fill);
});

test("only chains that changed are filled anew, and those that are gone removed afterwards", () => {
  const { fill, remove } = restoration(chains({}, both), chains({}, { "10.244.0.11": {} }));
  assert.match(
    fill,
    /^\*nat\n:KUBE-SVC-(\w+) - \[0:0\]\n:KUBE-SEP-(\w+) - \[0:0\]\n-A KUBE-SVC-\1 -j KUBE-SEP-(\w+)\nCOMMIT\n$/,
  );
  assert.match(remove, /^\*nat\n-X KUBE-SEP-\w+\nCOMMIT\n$/);
});

test("what others have changed is seen in what iptables-save prints", () => {
  const wanted = chains({}, both);
  const hooks = (table: string) =>
    wanted.hooks.filter((hook) => hook.table === table).map(({ chain, rule }) => `-A ${chain} ${rule}`);
  const saved = restoration(undefined, wanted)
    .fill.split("COMMIT\n")
    .map((part) => part + hooks(/\*(\w+)/.exec(part)?.[1] ?? "").join("\n"))
    .join("\nCOMMIT\n");
  assert.equal(differences(wanted, readSaved(saved, "KUBE")), "");
  const without = saved.replace("-A PREROUTING -j KUBE-SERVICES\n", "");
  assert.equal(differences(wanted, readSaved(without, "KUBE")), "PREROUTING of nat does not lead to us");
  const fewer = saved.replace(/-A KUBE-SERVICES -m addrtype.*\n/, "");
  assert.equal(differences(wanted, readSaved(fewer, "KUBE")), "chain KUBE-SERVICES has 2 of 3 rules");
});
