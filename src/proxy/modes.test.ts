import { test } from "node:test";
import { runInNamespaces, skip } from "./inNamespaces.ts";
import { PROXY_MODES } from "./proxy.ts";

/** The same traffic through the rules of each mode. Everything is in namespaces that end with the processes in them. */
for (const mode of PROXY_MODES) {
  test(`what Services promise, by ${mode}`, { skip }, (t) => {
    runInNamespaces(t, new URL("./modesInside.ts", import.meta.url), { PROXY_MODE: mode });
  });
}
