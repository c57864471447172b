import assert from "node:assert/strict";
import { test } from "node:test";
import { Service } from "../api/core/v1/index.ts";
import { normalize } from "../apimachinery/decode.ts";
import { answer } from "./answer.ts";
import { type ClusterView, isHeadless, type ServiceEndpoint } from "./clusterView.ts";

const DOMAIN = "cluster.local";

function service(name: string, spec: object): Service {
  return normalize(Service.schema, {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name, namespace: "shop" },
    spec,
  }) as Service;
}

const http = { name: "http", protocol: "TCP", port: 8080 };
const services = [
  service("web", { clusterIP: "10.96.0.7", clusterIPs: ["10.96.0.7", "fd00::7"], ports: [{ ...http, port: 80 }] }),
  service("db", { clusterIP: "None", ports: [http] }),
  service("away", { type: "ExternalName", externalName: "db.example.test" }),
];
const endpoints: ServiceEndpoint[] = [
  { addresses: ["10.244.0.5"], hostname: "db-0", named: true, ports: [http] },
  { addresses: ["10.244.0.6"], hostname: "10-244-0-6", named: false, ports: [http] },
];
const view: ClusterView = {
  namespaceExists: (name) => name === "shop",
  service: (namespace, name) =>
    namespace === "shop" ? services.find((each) => each.metadata.name === name) : undefined,
  endpoints: (each) => (isHeadless(each) ? endpoints : []),
  serviceByClusterIP: (address) => services.find((each) => each.spec.clusterIPs?.includes(address)),
  endpointNames: (address) =>
    endpoints
      .filter((each) => each.addresses.includes(address))
      .map(({ hostname }) => ({ service: services[1]!, hostname })),
};

/** The answer in one line: what a reader of `dig +short` would see. */
function ask(name: string, type: string): string {
  const given = answer({ name, type }, view, DOMAIN);
  if (!given) return "not ours";
  if (!given.exists) return "no such name";
  return given.records
    .map((record) => (record.type === "SRV" ? `${record.data.port} ${record.data.target}` : String(record.data)))
    .join(", ");
}

test("a Service has the addresses of its cluster IPs, by family", () => {
  assert.equal(ask("web.shop.svc.cluster.local", "A"), "10.96.0.7");
  assert.equal(ask("web.shop.svc.cluster.local", "AAAA"), "fd00::7");
});

test("a headless Service has those of its endpoints, and each endpoint a name", () => {
  assert.equal(ask("db.shop.svc.cluster.local", "A"), "10.244.0.5, 10.244.0.6");
  assert.equal(ask("db-0.db.shop.svc.cluster.local", "A"), "10.244.0.5");
  assert.equal(ask("10-244-0-6.db.shop.svc.cluster.local", "A"), "10.244.0.6");
  assert.equal(ask("db-9.db.shop.svc.cluster.local", "A"), "no such name");
});

test("named ports are found by SRV", () => {
  assert.equal(ask("_http._tcp.web.shop.svc.cluster.local", "SRV"), "80 web.shop.svc.cluster.local");
  assert.equal(
    ask("_http._tcp.db.shop.svc.cluster.local", "SRV"),
    "8080 db-0.db.shop.svc.cluster.local, 8080 10-244-0-6.db.shop.svc.cluster.local",
  );
  assert.equal(ask("_dns._udp.web.shop.svc.cluster.local", "SRV"), "no such name");
});

test("addresses lead back to names", () => {
  assert.equal(ask("7.0.96.10.in-addr.arpa", "PTR"), "web.shop.svc.cluster.local");
  assert.equal(ask("5.0.244.10.in-addr.arpa", "PTR"), "db-0.db.shop.svc.cluster.local");
  assert.equal(ask(`7.${"0.".repeat(27)}0.0.d.f.ip6.arpa`, "PTR"), "web.shop.svc.cluster.local");
  assert.equal(ask("8.8.8.8.in-addr.arpa", "PTR"), "not ours");
});

test("an external name is an alias, chased outside", () => {
  const given = answer({ name: "away.shop.svc.cluster.local", type: "A" }, view, DOMAIN);
  assert.equal(given?.chase, "db.example.test");
  assert.equal(given?.records[0]?.type, "CNAME");
});

test("a Pod's address can be spelt as a name in a namespace that exists", () => {
  assert.equal(ask("10-244-0-9.shop.pod.cluster.local", "A"), "10.244.0.9");
  assert.equal(ask("10-244-0-9.gone.pod.cluster.local", "A"), "no such name");
  assert.equal(ask("300-1-1-1.shop.pod.cluster.local", "A"), "no such name");
});

test("what exists without the asked type is empty, not unknown", () => {
  assert.equal(ask("web.shop.svc.cluster.local", "MX"), "");
  assert.equal(ask("shop.svc.cluster.local", "A"), "");
  assert.equal(ask("svc.cluster.local", "A"), "");
  assert.equal(ask("nothing.shop.svc.cluster.local", "A"), "no such name");
  assert.equal(ask("nonsense.cluster.local", "A"), "no such name");
});

test("the version of the schema, and the zone itself", () => {
  assert.equal(ask("dns-version.cluster.local", "TXT"), "1.1.0");
  assert.equal(answer({ name: DOMAIN, type: "SOA" }, view, DOMAIN)?.records[0]?.type, "SOA");
  assert.equal(ask("example.test", "A"), "not ours");
});
