import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { container, FOREVER, isReady, type Json, PodCluster, pod } from "./podFixture.ts";
import { cannotRun, until } from "./realCluster.ts";

const skip = await cannotRun();
const SPEAK = `mkdir -p /tmp/www && hostname > /tmp/www/name && httpd -p 8080 -h /tmp/www; ${FOREVER}`;
const WORKER = "node-2";

describe("the network of two nodes", { skip }, () => {
  let at: PodCluster;
  let first = "";
  before(async () => {
    at = await PodCluster.start("two");
    await at.cluster.coxOk("up", "--nodes", "2");
    const nodes = await at.cluster.json<{ items: { metadata: { name: string } }[] }>("get", "nodes");
    first = nodes.items.map(({ metadata }) => metadata.name).find((name) => name !== WORKER)!;
    const on = (name: string, nodeName: string, script = SPEAK) =>
      pod(name, { nodeName, containers: [container(script)] }, { labels: { app: name } });
    await at.create(on("web", first), on("here", first), on("there", WORKER), on("there-too", WORKER));
    await at.request("POST", "/api/v1/namespaces/default/services", {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web" },
      spec: { selector: { app: "web" }, ports: [{ port: 80, targetPort: 8080 }] },
    });
    for (const name of ["web", "here", "there", "there-too"]) await at.podWhen(name, isReady, 60_000);
  });
  after(() => at?.remove());

  const apply = (name: string, spec: Json) =>
    at.cluster.kubectlInput(
      JSON.stringify({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name }, spec }),
      "apply",
      "-f",
      "-",
    );
  const becomes = (from: string, wanted: boolean) =>
    until(`${from} reaches web: ${wanted}`, async () => {
      const said = await at.sh(from, "timeout 1 wget -q -O - http://web/name || echo denied");
      return (said === "web") === wanted;
    });

  test("a policy judges Pods of other nodes by their own addresses, through Services too", async () => {
    for (const name of ["here", "there", "there-too"]) await becomes(name, true);
    const ingress = [{ from: [{ podSelector: { matchLabels: { app: "there" } } }] }];
    await apply("only-there", { podSelector: { matchLabels: { app: "web" } }, ingress });
    await becomes("here", false);
    await becomes("there-too", false);
    await becomes("there", true);
    await apply("only-there", { podSelector: { matchLabels: { app: "there" } }, policyTypes: ["Egress"] });
    await becomes("there", false);
    await becomes("there-too", true);
    await at.cluster.kubectl("delete", "netpol", "only-there");
    await becomes("there", true);
  });

  test("a stopped DNS loses no question on the other node, whichever it is", async () => {
    const ask = (from: string, times: number) => {
      const once = "nslookup -type=a web.default.svc.cluster.local >/dev/null 2>&1 || echo lost";
      return at.sh(from, `for i in $(seq ${times} 2>/dev/null || echo ${"i ".repeat(times)}); do ${once}; done`);
    };
    assert.equal(await ask("here", 5), "");
    assert.equal(await ask("there", 5), "");
    const { pid } = await at.cluster.component(`node-${WORKER}`);
    process.kill(pid, "SIGSTOP");
    try {
      assert.equal(await ask("here", 60), "", "while the worker's agents are stopped");
    } finally {
      process.kill(pid, "SIGCONT");
    }
    await at.cluster.coxOk("node", "stop", WORKER);
    assert.equal(await ask("here", 60), "", "while the worker is switched off");
    await until(
      "the lost node's server is out of service",
      async () => {
        const slice = await at.cluster.json<{ endpoints: { conditions: { ready: boolean } }[] }>(
          "get",
          "endpointslice",
          `kube-dns-${WORKER}`,
          "-n",
          "kube-system",
        );
        return slice.endpoints[0]!.conditions.ready === false;
      },
      90_000,
    );
    assert.equal(await ask("here", 20), "");
    await at.cluster.coxOk("node", "remove", WORKER);
    await until("its slice is gone", async () => {
      const { stdout } = await at.cluster.tryKubectl("get", "endpointslice", "-n", "kube-system", "-o", "name");
      return !stdout.includes(`kube-dns-${WORKER}`);
    });
  });
});
