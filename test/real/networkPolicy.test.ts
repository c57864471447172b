import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { container, FOREVER, isReady, type Json, PodCluster, pod } from "./podFixture.ts";
import { cannotRun, until } from "./realCluster.ts";

const skip = await cannotRun();

const SPEAK = `mkdir -p /tmp/www && hostname > /tmp/www/name && httpd -p 8080 -h /tmp/www; httpd -p 8081 -h /tmp/www; ${FOREVER}`;

describe("NetworkPolicies as Pods feel them", { skip }, () => {
  let at: PodCluster;
  let web = "";
  before(async () => {
    at = await PodCluster.start("netpol");
    const ports = [{ name: "http", containerPort: 8080 }];
    const probe = { httpGet: { port: 8080, path: "/name" }, periodSeconds: 1, failureThreshold: 1 };
    await at.create(
      pod("web", { containers: [container(SPEAK, { readinessProbe: probe, ports })] }, { labels: { app: "web" } }),
      pod("friend", { containers: [container(FOREVER)] }, { labels: { app: "friend" } }),
      pod("stranger", { containers: [container(FOREVER)] }, { labels: { app: "stranger" } }),
    );
    await at.request("POST", "/api/v1/namespaces/default/services", {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web" },
      spec: { selector: { app: "web" }, ports: [{ port: 80, targetPort: "http" }] },
    });
    const pods = await Promise.all(["web", "friend", "stranger"].map((name) => at.podWhen(name, isReady, 60_000)));
    web = pods[0]!.status.podIP!;
  });
  after(() => at?.remove());

  const apply = (name: string, spec: Json) =>
    at.cluster.kubectlInput(
      JSON.stringify({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name }, spec }),
      "apply",
      "-f",
      "-",
    );
  const asked = (from: string, url: string) => at.sh(from, `timeout 1 wget -q -O - http://${url}/name || echo denied`);
  /** Waits until it is so, and tells after how long. */
  const becomes = async (from: string, url: string, allowed: boolean) => {
    const start = performance.now();
    const what = `${from} → ${url} ${allowed ? "allowed" : "denied"}`;
    await until(what, async () => (await asked(from, url)) === (allowed ? "web" : "denied"), 10_000);
    return performance.now() - start;
  };

  test("what denies, denies: Pods, Services and names; the kubelet's probes pass", async (t) => {
    for (const url of [`${web}:8080`, "web", "web.default.svc.cluster.local"]) await becomes("stranger", url, true);
    await apply("deny-all", { podSelector: {} });
    // one question that waits a second for an answer is in it
    const took = await becomes("stranger", `${web}:8080`, false);
    t.diagnostic(`denied, asked and answered within ${took.toFixed(0)} ms of kubectl's end`);
    await becomes("stranger", "web", false);
    await becomes("friend", "web", false);
    const { status } = await at.pod("web");
    assert.ok(status.conditions?.some(({ type, status: value }) => type === "Ready" && value === "True"));
  });

  test("policies add up, by label and by the name of a port, also through the Service", async () => {
    const ingress = [{ from: [{ podSelector: { matchLabels: { app: "friend" } } }], ports: [{ port: "http" }] }];
    await apply("friends", { podSelector: { matchLabels: { app: "web" } }, ingress });
    await becomes("friend", "web", true);
    await becomes("friend", `${web}:8080`, true);
    await becomes("friend", `${web}:8081`, false);
    await becomes("stranger", "web", false);
    await at.cluster.kubectl("label", "pod", "stranger", "app=friend", "--overwrite");
    await becomes("stranger", "web", true);
    await at.cluster.kubectl("label", "pod", "stranger", "app=stranger", "--overwrite");
    await becomes("stranger", "web", false);
  });

  test("egress is restricted too, and all is open again when the policies are gone", async () => {
    await at.cluster.kubectl("delete", "netpol", "deny-all", "friends");
    await becomes("stranger", "web", true);
    await apply("stay", { podSelector: { matchLabels: { app: "stranger" } }, policyTypes: ["Egress"] });
    await becomes("stranger", "web", false);
    await becomes("friend", "web", true);
    await at.cluster.kubectl("delete", "netpol", "--all");
    await becomes("stranger", "web", true);
    const described = await at.cluster.kubectl("get", "netpol", "-A");
    assert.equal(described.trim(), "");
  });
});
