import assert from "node:assert/strict";
import { test } from "node:test";
import { Service } from "../../api/core/v1/index.ts";
import { draft } from "../../apimachinery/freeze.ts";
import { isInvalid } from "../../apimachinery/status.ts";
import { testServer } from "../testServer.ts";

const service = (name: string, spec: Partial<Service["spec"]> = {}) =>
  ({
    metadata: { name, namespace: "default" },
    spec: { selector: { app: name }, ports: [{ port: 80 }], ...spec },
  }) as Service;

test("gives every service an address of its own, and takes it back", async (t) => {
  const { client } = await testServer(t);
  const names = Array.from({ length: 100 }, (_, i) => `s${i}`);
  const made = await Promise.all(names.map((name) => client.create(Service, service(name))));
  const addresses = new Set(made.map(({ spec }) => spec.clusterIP));
  assert.equal(addresses.size, 100);
  const taken = made[0]!.spec.clusterIP!;
  await assert.rejects(client.create(Service, service("again", { clusterIP: taken })), isInvalid);
  await client.delete(Service, { namespace: "default", name: "s0" });
  const again = await client.create(Service, service("again", { clusterIP: taken }));
  assert.deepEqual(again.spec.clusterIPs, [taken]);
});

test("the first address is that of the service kubernetes", async (t) => {
  const { client } = await testServer(t);
  const { spec } = await client.get(Service, { namespace: "default", name: "kubernetes" });
  assert.equal(spec.clusterIP, "10.96.0.1");
  await assert.rejects(client.create(Service, service("thief", { clusterIP: "10.96.0.1" })), isInvalid);
});

test("refuses an address outside the range", async (t) => {
  const { client } = await testServer(t);
  await assert.rejects(client.create(Service, service("a", { clusterIP: "10.97.0.1" })), isInvalid);
});

test("node ports run out, are refused twice, and come back", async (t) => {
  const { client } = await testServer(t);
  const names = Array.from({ length: 16 }, (_, i) => `s${i}`);
  for (const name of names) await client.create(Service, service(name, { type: "NodePort" }));
  await assert.rejects(client.create(Service, service("more", { type: "NodePort" })), /range is full/);
  await client.delete(Service, { namespace: "default", name: "s3" });
  const more = await client.create(Service, service("more", { type: "NodePort" }));
  const port = more.spec.ports![0]!.nodePort!;
  const twice = service("twice", {
    type: "NodePort",
    ports: [{ port: 80, nodePort: port }] as Service["spec"]["ports"],
  });
  await assert.rejects(client.create(Service, twice), isInvalid);
});

test("what a refused or dry write had set aside is free again", async (t) => {
  const { client } = await testServer(t);
  const wanted = service("a", { clusterIP: "10.96.0.50" });
  await client.create(Service, wanted, { dryRun: true });
  await assert.rejects(
    client.create(Service, { ...wanted, spec: { ...wanted.spec, ports: [] } } as Service),
    isInvalid,
  );
  assert.equal((await client.create(Service, wanted)).spec.clusterIP, "10.96.0.50");
});

test("an update that leaves out what was allocated keeps it; a change of type gives it back", async (t) => {
  const { client } = await testServer(t);
  const made = await client.create(Service, service("a", { type: "NodePort" }));
  const port = made.spec.ports![0]!.nodePort;
  const same = await client.update(Service, service("a", { type: "NodePort" }));
  assert.equal(same.spec.clusterIP, made.spec.clusterIP);
  assert.equal(same.spec.ports![0]!.nodePort, port);
  const changed = draft(same) as Service;
  changed.spec.type = "ClusterIP";
  const inner = await client.update(Service, changed);
  assert.equal(inner.spec.ports![0]!.nodePort, undefined);
});

test("a headless service has no address, an external name none either", async (t) => {
  const { client } = await testServer(t);
  const headless = await client.create(Service, service("h", { clusterIP: "None" }));
  assert.deepEqual(headless.spec.clusterIPs, ["None"]);
  const external = await client.create(
    Service,
    service("e", { type: "ExternalName", externalName: "example.com", ports: undefined }),
  );
  assert.equal(external.spec.clusterIP, undefined);
});

test("a service that becomes an external name gives back what the server gave it", async (t) => {
  const { client } = await testServer(t);
  const made = await client.create(Service, service("a", { type: "NodePort" }));
  const { spec } = made;
  const external = { ...spec, type: "ExternalName", externalName: "b.example.com" } as Service["spec"];
  const told = { ...external, clusterIP: "", clusterIPs: undefined, ports: [{ ...spec.ports![0]!, nodePort: 0 }] };
  for (const wanted of [external, told]) {
    const now = await client.update(Service, { ...made, spec: wanted } as Service, { dryRun: true });
    for (const field of ["clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy"] as const)
      assert.equal(now.spec[field], undefined, field);
    assert.equal(now.spec.ports?.[0]?.nodePort, undefined);
  }
});
