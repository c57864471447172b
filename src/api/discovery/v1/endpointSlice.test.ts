import assert from "node:assert/strict";
import { test } from "node:test";
import { EndpointSlice } from "./endpointSlice.ts";

function slice(addresses: string[], addressType = "IPv4", more: Partial<EndpointSlice> = {}): EndpointSlice {
  return { metadata: { name: "s" }, addressType, ports: [], endpoints: [{ addresses, conditions: {} }], ...more };
}

const says = (object: EndpointSlice) =>
  EndpointSlice.validate!(object).map(({ field, message }) => `${field}: ${message}`);

test("addresses are of the slice's family", () => {
  assert.deepEqual(says(slice(["10.1.2.3"])), []);
  assert.deepEqual(says(slice(["fd00::1"], "IPv6")), []);
  assert.deepEqual(says(slice(["10.1.2.3"], "IPv6")), [
    'endpoints[0].addresses[0]: Invalid value: "10.1.2.3": must be a valid IPv6 address',
  ]);
  assert.deepEqual(says(slice(["web.example.com"], "FQDN")), []);
});

test("addresses that mean something else on each machine are refused", () => {
  for (const address of ["0.0.0.0", "127.0.0.1", "169.254.1.1", "224.0.0.5"]) {
    assert.match(says(slice([address]))[0] ?? "", /may not be (unspecified|in the)/, address);
  }
});

test("ports default to TCP and are told apart by name", () => {
  const object = slice(["10.1.2.3"], "IPv4", { ports: [{ port: 80 }, { port: 81 }] });
  EndpointSlice.defaults!(object);
  assert.deepEqual(object.ports[0], { port: 80, name: "", protocol: "TCP" });
  assert.deepEqual(says(object), ['ports[1].name: Duplicate value: ""']);
});

test("tables show three of many", () => {
  const object = slice(["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"]);
  const cells = EndpointSlice.columns.map(({ value }) => value(object, 0));
  assert.deepEqual(cells.slice(1, 4), ["IPv4", "<unset>", "10.0.0.1,10.0.0.2,10.0.0.3 + 1 more..."]);
});
