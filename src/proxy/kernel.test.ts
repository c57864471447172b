import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const inside = fileURLToPath(new URL("./kernelInside.ts", import.meta.url));
/** Whatever happens, its processes end with it: they are in a PID namespace of their own. */
const namespaces = ["--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"];
const may = spawnSync("unshare", ["--net", "nft", "list", "ruleset"]).status === 0;

/** Everything it makes is in namespaces that end with the processes in them. */
test("proxy: traffic through a real kernel's rules", { skip: may ? false : "needs root and nft" }, (t) => {
  const child = spawnSync("unshare", [...namespaces, process.execPath, "--test-reporter=spec", inside], {
    encoding: "utf8",
    timeout: 120_000,
    env: { ...process.env, NODE_TEST_CONTEXT: undefined },
  });
  for (const line of child.stdout.split("\n")) if (/[✔✖]/.test(line)) t.diagnostic(line.trim());
  if (child.status !== 0) throw new Error(`${child.stdout}\n${child.stderr}`);
});
