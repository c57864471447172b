import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { parse } from "yaml";
import { realClock } from "../util/clock.ts";
import { mergeKubeconfig, removeFromKubeconfig } from "./kubeconfig.ts";

const entry = { name: "coxswain-a", server: "https://127.0.0.1:6443", ca: "CA", cert: "CERT", key: "KEY" };

const OTHERS = `# my clusters
apiVersion: v1
kind: Config
clusters:
  - name: work # do not touch
    cluster:
      server: https://work.example
contexts:
  - name: work
    context: {cluster: work, user: me}
current-context: work
users:
  - name: me
    user:
      token: secret
`;

async function file(t: TestContext, content?: string) {
  const folder = await mkdtemp(join(tmpdir(), "cox-kubeconfig-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "config");
  if (content !== undefined) await writeFile(path, content);
  const read = () => readFile(path, "utf8");
  const merge = () => mergeKubeconfig(path, entry, realClock);
  const remove = (previous?: string) => removeFromKubeconfig(path, entry.name, previous, realClock);
  return { folder, path, read, merge, remove };
}

test("makes a file that its owner alone can read", async (t) => {
  const { path, read, merge } = await file(t);
  assert.deepEqual(await merge(), { previousContext: undefined });
  const config = parse(await read());
  assert.equal(config["current-context"], "coxswain-a");
  assert.deepEqual(config.contexts, [{ name: "coxswain-a", context: { cluster: "coxswain-a", user: "coxswain-a" } }]);
  assert.equal(Buffer.from(config.users[0].user["client-key-data"], "base64").toString(), "KEY");
  assert.equal((await stat(path)).mode & 0o777, 0o600);
});

test("keeps other clusters and comments, and gives all back on removal", async (t) => {
  const { read, merge, remove } = await file(t, OTHERS);
  const { previousContext } = await merge();
  assert.equal(previousContext, "work");
  const merged = await read();
  assert.match(merged, /# my clusters/);
  assert.match(merged, /name: work # do not touch/);
  assert.equal(parse(merged)["current-context"], "coxswain-a");
  await remove(previousContext);
  assert.deepEqual(parse(await read()), parse(OTHERS));
});

test("merging twice leaves one entry", async (t) => {
  const { read, merge } = await file(t, OTHERS);
  await merge();
  await merge();
  assert.equal(parse(await read()).clusters.length, 2);
});

test("a context that the user chose meanwhile stays current", async (t) => {
  const { path, read, merge, remove } = await file(t, OTHERS);
  await merge();
  await writeFile(path, (await read()).replace("current-context: coxswain-a", "current-context: work"));
  await remove(undefined);
  assert.equal(parse(await read())["current-context"], "work");
});

test("removal drops a current context that has nowhere to go back to", async (t) => {
  const { read, merge, remove } = await file(t);
  await merge();
  await remove("gone");
  assert.equal(parse(await read())["current-context"], undefined);
});

test("follows a symbolic link instead of replacing it", async (t) => {
  const { folder, path, merge } = await file(t);
  await writeFile(join(folder, "real"), OTHERS);
  await symlink("real", path);
  await merge();
  assert.match(await readFile(join(folder, "real"), "utf8"), /coxswain-a/);
});

test("refuses a file that is no kubeconfig, and leaves it as it is", async (t) => {
  const { read, merge } = await file(t, "- just\n- a list\n");
  await assert.rejects(merge(), /is not a kubeconfig/);
  assert.equal(await read(), "- just\n- a list\n");
});

test("removal from a file that is not there does nothing", async (t) => {
  const { remove, read } = await file(t);
  await remove();
  await assert.rejects(read());
});
