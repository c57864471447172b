import { test } from "node:test";
import { runInNamespaces, skip } from "./inNamespaces.ts";

/** Everything it makes is in namespaces that end with the processes in them. */
test("proxy: traffic through a real kernel's rules", { skip }, (t) => {
  runInNamespaces(t, new URL("./kernelInside.ts", import.meta.url));
});
