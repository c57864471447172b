import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { VirtualClock } from "../util/clock.ts";
import { seededRandom } from "../util/random.ts";
import { linodeOf } from "./cloud.ts";
import { FlagError } from "./flags.ts";

const runtime = { clock: new VirtualClock(), random: seededRandom(1) };

test("what is missing for Linode is told as a wrong flag, in one line", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "cloud-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "linode.yaml");
  const failure = (text?: string) => {
    if (text !== undefined) writeFileSync(file, text);
    const wrong = text === undefined ? undefined : file;
    try {
      linodeOf({ "cloud-config": wrong }, runtime);
      return "";
    } catch (error) {
      assert.ok(error instanceof FlagError);
      return error.message;
    }
  };
  assert.equal(failure(), "--cloud-provider=linode needs --cloud-config");
  const token = join(folder, "token");
  const noToken = failure(`{region: r, cluster: c, tokenFile: ${token}}`);
  assert.match(noToken, /^--cloud-config: Linode configuration: tokenFile: ENOENT/);
  writeFileSync(token, "secret");
  assert.equal(
    failure(`{cluster: c, tokenFile: ${token}}`),
    "--cloud-config: Linode configuration: region: a text is expected",
  );
  assert.equal(failure(`{region: r, cluster: c, tokenFile: ${token}}`), "");
});
