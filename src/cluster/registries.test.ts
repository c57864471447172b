import assert from "node:assert/strict";
import { test } from "node:test";
import { hostsToml, parseRegistryConfig, registryAuths } from "./registries.ts";

test("a mirror is asked before the registry itself", () => {
  const config = parseRegistryConfig('mirrors: {docker.io: {endpoint: ["http://127.0.0.1:5000"]}}', "r.yaml");
  assert.equal(
    hostsToml("docker.io", config),
    `server = "https://registry-1.docker.io"

[host."http://127.0.0.1:5000"]
capabilities = ["pull", "resolve"]

[host."https://registry-1.docker.io"]
capabilities = ["pull", "resolve"]
`,
  );
});

test("a registry without TLS is named by its own address", () => {
  const config = parseRegistryConfig('mirrors: {"127.0.0.1:5000": {endpoint: ["http://127.0.0.1:5000"]}}', "r.yaml");
  assert.match(hostsToml("127.0.0.1:5000", config), /^server = "http:\/\/127.0.0.1:5000"/);
});

test("certificates are found beside the file, and credentials by host", () => {
  const text = `configs:
  registry.example:
    auth: {username: me, password: "1"}
    tls: {ca_file: ca.pem, insecure_skip_verify: true}
`;
  const config = parseRegistryConfig(text, "/etc/cox/r.yaml");
  const toml = hostsToml("registry.example", config);
  assert.match(toml, /ca = "\/etc\/cox\/ca.pem"/);
  assert.match(toml, /skip_verify = true/);
  assert.deepEqual(registryAuths(config), { "registry.example": { username: "me", password: "1" } });
});

for (const [name, text, message] of [
  ["an unknown field", "mirors: {}", "r.yaml: mirors: unknown; known are mirrors, configs"],
  [
    "an endpoint that is no URL",
    "mirrors: {a: {endpoint: [b]}}",
    'r.yaml: mirrors.a.endpoint: must be a list of URLs such as "http://127.0.0.1:5000"',
  ],
  ["a section of the wrong type", "configs: [a]", "r.yaml: configs: must be a mapping"],
]) {
  test(`${name} is named`, () => {
    assert.throws(() => parseRegistryConfig(text!, "r.yaml"), { message });
  });
}
