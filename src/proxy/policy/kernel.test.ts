import { test } from "node:test";
import { runInNamespaces, skip } from "../inNamespaces.ts";

/** Everything it makes is in namespaces that end with the processes in them. */
test("NetworkPolicies in a real kernel", { skip }, (t) => {
  runInNamespaces(t, new URL("./kernelInside.ts", import.meta.url));
});
