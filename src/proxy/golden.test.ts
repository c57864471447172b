import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import type { Service } from "../api/core/v1/index.ts";
import type { EndpointSlice } from "../api/discovery/v1/index.ts";
import { changeTable, replaceTable } from "./difference.ts";
import type { Family, NodeInfo } from "./endpoints.ts";
import { buildRuleset, type Ruleset } from "./ruleset.ts";
import { serviceRules } from "./serviceRules.ts";
import { service, slice, testNode } from "./testObjects.ts";

/**
 * Each file of testdata/ is the nft transaction for one situation, to be read as documentation of the rules. Run with
 * UPDATE=1 to write them anew.
 */
function golden(name: string, script: string): void {
  const path = new URL(`./testdata/${name}.nft`, import.meta.url);
  if (process.env.UPDATE) writeFileSync(path, script);
  assert.equal(script, readFileSync(path, "utf8"));
}

const http = { name: "http", protocol: "TCP", port: 80, targetPort: 8080 };
const balanced = { loadBalancer: { ingress: [{ ip: "203.0.113.7" }, { ip: "203.0.113.8", ipMode: "Proxy" }] } };
const both = { "10.244.0.11": { node: "node-a" }, "10.244.1.12": { node: "node-b" } };

function rules(pairs: [Service, EndpointSlice][], family: Family = "ip", node: NodeInfo = testNode): Ruleset {
  return buildRuleset(
    family,
    pairs.map(([object, slice]) => serviceRules(object, [slice], family, node)),
    node,
  );
}
const make = (...args: Parameters<typeof rules>) => replaceTable("coxswain-test", rules(...args));

test("a ClusterIP service with two endpoints", () => {
  golden("clusterIP", make([[service("web", { clusterIP: "10.96.0.10" }), slice("web", both)]]));
});

test("node port, external and load-balancer addresses, with source ranges", () => {
  const spec: Partial<Service["spec"]> = {
    clusterIP: "10.96.0.10",
    type: "LoadBalancer",
    ports: [{ ...http, nodePort: 30080 }],
    externalIPs: ["198.51.100.1"],
    loadBalancerSourceRanges: ["192.0.2.0/24", "198.51.100.0/24"],
  };
  golden("loadBalancer", make([[service("web", spec, balanced), slice("web", both)]]));
});

test("local traffic policies keep to this node's endpoints", () => {
  const spec: Partial<Service["spec"]> = {
    clusterIP: "10.96.0.10",
    type: "NodePort",
    ports: [{ ...http, nodePort: 30080 }],
    externalTrafficPolicy: "Local",
    internalTrafficPolicy: "Local",
  };
  golden("local", make([[service("web", spec), slice("web", both)]]));
  const elsewhere = make([[service("web", spec), slice("web", { "10.244.1.12": { node: "node-b" } })]]);
  golden("localElsewhere", elsewhere);
});

test("session affinity", () => {
  const spec: Partial<Service["spec"]> = {
    clusterIP: "10.96.0.10",
    sessionAffinity: "ClientIP",
    sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
  };
  golden("affinity", make([[service("web", spec), slice("web", both)]]));
});

test("without endpoints, TCP is reset and everything else refused by ICMP", () => {
  const ports = [http, { name: "dns", protocol: "UDP", port: 53, targetPort: 53 }];
  golden("refused", make([[service("web", { clusterIP: "10.96.0.10", ports }), slice("web", {})]]));
});

test("IPv6", () => {
  const object = service("web", { clusterIP: "fd00:96::10", ipFamilies: ["IPv6"] });
  const node = { ...testNode, clusterCIDRs: ["10.244.0.0/16", "fd00:244::/56"], podCIDRs: ["fd00:244::/64"] };
  const endpoints = slice("web", { "fd00:244::11": {}, "fd00:244::12": {} });
  golden("ipv6", make([[object, endpoints]], "ip6", node));
  assert.equal(serviceRules(object, [endpoints], "ip", node).addresses.size, 0);
});

test("without a bridge filter, Pods of one bridge are masqueraded to each other", () => {
  const node = { ...testNode, bridgeFiltered: false };
  golden("noBridgeFilter", make([[service("web", { clusterIP: "10.96.0.10" }), slice("web", both)]], "ip", node));
});

test("only what changed is sent", () => {
  const web = service("web", { clusterIP: "10.96.0.10" });
  const other = service("other", { clusterIP: "10.96.0.11" });
  const before = rules([
    [web, slice("web", both)],
    [other, slice("other", { "10.244.0.14": {} })],
  ]);
  const change = (...args: Parameters<typeof rules>) => changeTable("coxswain-test", before, rules(...args));
  const three = { ...both, "10.244.0.13": {} };
  golden(
    "changeEndpoints",
    change([
      [web, slice("web", three)],
      [other, slice("other", { "10.244.0.14": {} })],
    ]),
  );
  golden("changeRemove", change([[web, slice("web", both)]]));
  const moved = service("other", { clusterIP: "10.96.0.99", sessionAffinity: "ClientIP" });
  golden(
    "changeService",
    change([
      [web, slice("web", both)],
      [moved, slice("other", { "10.244.0.14": {} })],
    ]),
  );
  assert.equal(changeTable("coxswain-test", before, before), "");
});

test("headless services, aliases and those left to another proxy have no rules", () => {
  for (const object of [
    service("web", { clusterIP: "None" }),
    service("web", { type: "ExternalName", externalName: "example.com" }),
    {
      ...service("web", { clusterIP: "10.96.0.10" }),
      metadata: { namespace: "default", name: "web", labels: { "service.kubernetes.io/service-proxy-name": "mine" } },
    } as Service,
  ]) {
    assert.equal(serviceRules(object, [slice("web", both)], "ip", testNode).chains.size, 0);
  }
});

test("of two services with one external address and port, the first keeps it", () => {
  const claim = (name: string, clusterIP: string) =>
    [service(name, { clusterIP, externalIPs: ["198.51.100.1"] }), slice(name, both)] as [Service, EndpointSlice];
  const { collections } = rules([claim("first", "10.96.0.10"), claim("second", "10.96.0.11")]);
  assert.match(
    collections.get("service-addresses")!.elements!.get("198.51.100.1 . tcp . 80")!,
    /goto external\/\w+-default\/first\/http/,
  );
});
