import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { parseLinodeConfig } from "./config.ts";

const ENV = { LINODE_TOKEN: "from-env" };
const GROUP = "{id: w, min: 0, max: 3, type: g6-standard-2, image: linode/debian13}";

test("reads all there is to say", () => {
  const text = `
region: eu-central
cluster: prod
apiUrl: https://api.example.com/v4/
vpc: {id: 7, subnet: 8}
nodeGroups:
- id: workers
  min: 1
  max: 5
  type: g6-standard-2
  image: linode/debian13
  userData: "#cloud-config"
  authorizedKeys: [ssh-ed25519 AAAA]
  labels: {pool: workers}
  taints: [{key: dedicated, value: batch, effect: NoSchedule}]
`;
  assert.deepEqual(parseLinodeConfig(text, ENV), {
    token: "from-env",
    region: "eu-central",
    cluster: "prod",
    apiUrl: "https://api.example.com/v4",
    vpc: { id: 7, subnet: 8 },
    nodeGroups: [
      {
        id: "workers",
        min: 1,
        max: 5,
        type: "g6-standard-2",
        image: "linode/debian13",
        userData: "#cloud-config",
        authorizedKeys: ["ssh-ed25519 AAAA"],
        labels: { pool: "workers" },
        taints: [{ key: "dedicated", value: "batch", effect: "NoSchedule" }],
      },
    ],
  });
});

test("the token's file comes before the environment", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "linode-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "token"), "from-file\n");
  const text = (file: string) => `{region: r, cluster: c, tokenFile: ${join(folder, file)}}`;
  assert.equal(parseLinodeConfig(text("token"), ENV).token, "from-file");
  assert.throws(() => parseLinodeConfig(text("absent"), ENV), /tokenFile: ENOENT/);
});

test("what is wrong is said in one line, with its place", () => {
  const cases: [string, Record<string, string>, string][] = [
    ["[]", ENV, "an object is expected"],
    ["{region: r, cluster: c}", {}, "tokenFile: absent, and LINODE_TOKEN is not set"],
    ["{region: r, cluster: c}", { LINODE_TOKEN: "two words" }, "tokenFile: no token in it: one word is expected"],
    ["{cluster: c}", ENV, "region: a text is expected"],
    [
      "{region: r, cluster: C--}",
      ENV,
      'cluster: "C--": lower case letters and digits, with single dashes between them, are expected',
    ],
    ["{region: r, cluster: c, token: secret}", ENV, "token: unknown field"],
    ["{region: r, cluster: c, vpc: 7}", ENV, "vpc: an object is expected"],
    ["{region: r, cluster: c, vpc: {id: 7}}", ENV, "vpc.subnet: a whole number is expected"],
    ["{region: r, cluster: c, apiUrl: 'ftp://x'}", ENV, 'apiUrl: "ftp://x" is no http address'],
    [`{region: r, cluster: c, nodeGroups: [${GROUP}, ${GROUP}]}`, ENV, 'nodeGroups: two are named "w"'],
    [
      `{region: r, cluster: c, nodeGroups: [${GROUP.replace("min: 0", "min: 4")}]}`,
      ENV,
      "nodeGroups[0].max: smaller than min",
    ],
    [
      `{region: r, cluster: c, nodeGroups: [${GROUP.replace("max: 3", "max: 1.5")}]}`,
      ENV,
      "nodeGroups[0].max: a whole number is expected",
    ],
    [
      `{region: r, cluster: ${"c".repeat(43)}, nodeGroups: [${GROUP}]}`,
      ENV,
      'nodeGroups: "w" and the cluster\'s name are too long',
    ],
  ];
  for (const [text, env, message] of cases) {
    assert.throws(() => parseLinodeConfig(text, env), { message: `Linode configuration: ${message}` });
  }
  assert.throws(() => parseLinodeConfig("a: [", ENV), /^Error: Linode configuration: [^\n]+$/);
});
