import assert from "node:assert/strict";
import { test } from "node:test";
import { forwardingChange } from "./forwarding.ts";

const accepted = { chain: "CR12-ACCEPT", cidrs: ["10.244.0.0/16"], links: ["cox-machines"] };
const rules = `:CR12-ACCEPT - [0:0]
-A CR12-ACCEPT -s 10.244.0.0/16 -j ACCEPT
-A CR12-ACCEPT -d 10.244.0.0/16 -j ACCEPT
-A CR12-ACCEPT -i cox-machines -j ACCEPT
-A CR12-ACCEPT -o cox-machines -j ACCEPT
`;

test("a host that forwards needs no rule", () => {
  assert.equal(forwardingChange("-P FORWARD ACCEPT\n-A FORWARD -j DOCKER-USER\n", accepted), "");
});

test("where the policy is to drop, as Docker's is, Pods and machines are accepted behind the rules of others", () => {
  const docker = "-P FORWARD DROP\n-A FORWARD -j DOCKER-USER\n-A FORWARD -j DOCKER-FORWARD\n";
  assert.equal(forwardingChange(docker, accepted), `*filter\n${rules}-A FORWARD -j CR12-ACCEPT\nCOMMIT\n`);
  assert.equal(forwardingChange(`${docker}-A FORWARD -j CR12-ACCEPT\n`, accepted), "");
});

test("and before a last rule that refuses everything", () => {
  const refusing =
    "-P FORWARD ACCEPT\n-A FORWARD -i lo -j ACCEPT\n-A FORWARD -j REJECT --reject-with icmp-host-prohibited\n";
  assert.equal(forwardingChange(refusing, accepted), `*filter\n${rules}-I FORWARD 2 -j CR12-ACCEPT\nCOMMIT\n`);
});

test("a family without Pods is left alone", () => {
  assert.equal(forwardingChange("-P FORWARD DROP\n", { ...accepted, cidrs: [], links: [] }), "");
});
