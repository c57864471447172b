import { test } from "node:test";
import { runInNamespaces, skip } from "../inNamespaces.ts";

/** Everything it makes is in namespaces that end with the processes in them. */
test("NetworkPolicies in a real kernel", { skip }, (t) => {
  runInNamespaces(t, new URL("./kernelInside.ts", import.meta.url));
});

/** What bridges forward is routed then, so that the same rules see it. */
test("NetworkPolicies in a kernel without br_netfilter", { skip }, (t) => {
  const only = "without a policy|what Pods may reach|both ends|IPv6|made anew";
  runInNamespaces(t, new URL("./kernelInside.ts", import.meta.url), { WITHOUT_BRIDGE_FILTER: "1" }, only);
});
