import assert from "node:assert/strict";
import { test } from "node:test";
import { nameServers, registryServices } from "./loopback.ts";

test("finds the registries that serve on the host's loopback", () => {
  const registries = {
    mirrors: {
      "docker.io": { endpoint: ["http://127.0.0.1:5000", "https://mirror.example"] },
      "localhost:5001": { endpoint: ["http://localhost:5001"] },
      "*": { endpoint: ["http://127.0.0.1"] },
    },
    configs: { "127.0.0.1:5000": {}, "127.0.0.2": {} },
  };
  assert.deepEqual(
    registryServices(registries).map(({ address, port, protocol }) => `${protocol} ${address}:${port}`),
    ["tcp 127.0.0.1:5000", "tcp 127.0.0.1:5001", "tcp 127.0.0.1:80", "tcp 127.0.0.2:443"],
  );
  assert.deepEqual(registryServices(undefined), []);
});

test("finds the name servers that serve on the host's loopback", () => {
  assert.deepEqual(nameServers("search a\nnameserver 127.0.0.53\nnameserver 9.9.9.9\n"), [
    { address: "127.0.0.53", port: 53, protocol: "udp" },
    { address: "127.0.0.53", port: 53, protocol: "tcp" },
  ]);
});
