/** StatefulSets, DaemonSets, ReplicationControllers and budgets with real containers on two nodes, by kubectl. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { container, FOREVER, type Json, PodCluster } from "./podFixture.ts";
import { cannotRun, type RealCluster, until } from "./realCluster.ts";

const skip = await cannotRun();

const template = (app: string, script = FOREVER, more: Json = {}): Json => ({
  metadata: { labels: { app } },
  spec: { terminationGracePeriodSeconds: 1, containers: [container(script, more)] },
});
const workload = (kind: string, name: string, spec: Json, pods = template(name)): Json => ({
  apiVersion: kind === "ReplicationController" ? "v1" : "apps/v1",
  kind,
  metadata: { name },
  spec: {
    selector: kind === "ReplicationController" ? { app: name } : { matchLabels: { app: name } },
    template: pods,
    ...spec,
  },
});

interface Place {
  name: string;
  node: string;
  ready: boolean;
}

describe("workloads on two nodes", { skip }, () => {
  let pods: PodCluster;
  let cluster: RealCluster;
  before(async () => {
    pods = await PodCluster.start("workloads", "--nodes", "2");
    cluster = pods.cluster;
  });
  after(() => pods?.remove());

  const k = (...args: string[]) => cluster.kubectl(...args);
  const apply = (...objects: Json[]) =>
    cluster.kubectlInput(JSON.stringify({ apiVersion: "v1", kind: "List", items: objects }), "apply", "-f", "-");
  const rolledOut = (what: string) => k("rollout", "status", what, "--timeout=90s");
  /** The Pods of an app that are not on their way out. */
  const places = async (app: string): Promise<Place[]> => {
    const list = await cluster.json<{ items: Json[] }>("get", "pods", "-l", `app=${app}`);
    return list.items
      .map((it) => it as { metadata: { name: string; deletionTimestamp?: string }; spec: Json; status: Json })
      .filter(({ metadata }) => !metadata.deletionTimestamp)
      .map(({ metadata, spec, status }) => ({
        name: metadata.name,
        node: spec.nodeName as string,
        ready: ((status.conditions ?? []) as { type: string; status: string }[]).some(
          (c) => c.type === "Ready" && c.status === "True",
        ),
      }));
  };
  const readyNodes = async (app: string) => {
    const there = await places(app);
    return there
      .filter(({ ready }) => ready)
      .map(({ node }) => node)
      .sort();
  };

  test("a StatefulSet's Pods have names in DNS; kubectl rolls it out, tells its history and rolls it back", async () => {
    const service = { clusterIP: "None", selector: { app: "db" }, ports: [{ port: 80 }] };
    await apply(
      { apiVersion: "v1", kind: "Service", metadata: { name: "db" }, spec: service },
      workload("StatefulSet", "db", { replicas: 2, serviceName: "db" }),
    );
    await rolledOut("statefulset/db");
    assert.deepEqual(
      (await places("db")).map(({ name }) => name),
      ["db-0", "db-1"],
    );
    assert.equal(await pods.sh("db-0", "hostname"), "db-0");
    const [address] = (await k("get", "pod", "db-1", "-o", "jsonpath={.status.podIP}")).split("\n");
    await until("db-0 finds db-1 by name", async () =>
      (await pods.sh("db-0", "nslookup db-1.db.default.svc.cluster.local || true")).includes(address!),
    );
    await k("set", "env", "statefulset/db", "VERSION=2");
    await rolledOut("statefulset/db");
    assert.equal(await pods.sh("db-0", "echo $VERSION"), "2");
    assert.match(await k("rollout", "history", "statefulset/db"), /^1 +<none>\n2 +<none>/m);
    await k("rollout", "undo", "statefulset/db");
    await rolledOut("statefulset/db");
    assert.equal(await pods.sh("db-0", "echo $VERSION"), "");
    assert.match(await k("rollout", "history", "statefulset/db"), /^2 +<none>\n3 +<none>/m);
    const described = await k("describe", "statefulset", "db");
    assert.match(described, /Pods Status: +2 Running/);
    assert.match(described, /SuccessfulCreate .*create Pod db-0 in StatefulSet db successful/);
    await k("delete", "statefulset,service", "db");
  });

  test("a DaemonSet is rolled out and back by kubectl, and follows nodes that come and go", async () => {
    await apply(workload("DaemonSet", "log", {}));
    await rolledOut("daemonset/log");
    const before = await readyNodes("log");
    assert.equal(before.length, 2);
    await k("set", "env", "daemonset/log", "VERSION=2");
    await rolledOut("daemonset/log");
    await k("rollout", "undo", "daemonset/log", "--to-revision=1");
    await rolledOut("daemonset/log");
    assert.match(await k("rollout", "history", "daemonset/log"), /^2 +<none>\n3 +<none>/m);
    assert.match(await k("describe", "daemonset", "log"), /Desired Number of Nodes Scheduled: 2/);
    await cluster.coxOk("node", "add");
    await until("the third node has its Pod", async () => (await readyNodes("log")).length === 3);
    const [added] = (await readyNodes("log")).filter((node) => !before.includes(node));
    await cluster.coxOk("node", "remove", added!);
    await until("the DaemonSet counts two nodes again", async () => {
      const counts = "{.status.desiredNumberScheduled} {.status.numberReady}";
      return (await k("get", "daemonset", "log", "-o", `jsonpath=${counts}`)) === "2 2";
    });
    assert.deepEqual(await readyNodes("log"), before);
    await k("delete", "daemonset", "log");
  });

  test("a drain waits for the budget, and no fewer Pods are ready than that asks for", async () => {
    const budget = (minAvailable: number) => ({
      apiVersion: "policy/v1",
      kind: "PodDisruptionBudget",
      metadata: { name: "guarded" },
      spec: { minAvailable, selector: { matchLabels: { app: "guarded" } } },
    });
    const probe = { readinessProbe: { exec: { command: ["true"] }, initialDelaySeconds: 1, periodSeconds: 1 } };
    await apply(workload("Deployment", "guarded", { replicas: 4 }, template("guarded", FOREVER, probe)), budget(4));
    await rolledOut("deployment/guarded");
    const [{ node } = { node: "" }] = await places("guarded");
    const refused = await cluster.tryKubectl(
      "drain",
      node,
      "--ignore-daemonsets",
      "--delete-emptydir-data",
      "--timeout=3s",
    );
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /Cannot evict pod as it would violate the pod's disruption budget/);
    assert.equal((await places("guarded")).filter(({ ready }) => ready).length, 4);
    assert.match(await k("get", "pdb", "guarded"), /guarded +4 +N\/A +0 /);

    await apply(budget(3));
    let least = 4;
    let draining = true;
    const watching = (async () => {
      while (draining) least = Math.min(least, (await places("guarded")).filter(({ ready }) => ready).length);
    })();
    const drain = ["drain", node, "--ignore-daemonsets", "--delete-emptydir-data", "--timeout=90s"];
    await k(...drain).finally(() => {
      draining = false;
    });
    await watching;
    await rolledOut("deployment/guarded");
    assert.ok(least >= 3, `only ${least} were ready`);
    const nodes = new Set((await places("guarded")).map((place) => place.node));
    assert.equal(nodes.has(node), false);
    await k("uncordon", node);
    await k("delete", "deployment,pdb", "guarded");
  });

  for (const [kind, title] of [
    [
      "ReplicaSet",
      "[sig-apps] ReplicaSet should serve a basic image on each replica with a public image [Conformance]",
    ],
    [
      "ReplicationController",
      "[sig-apps] ReplicationController should serve a basic image on each replica with a public image [Conformance]",
    ],
  ] as const) {
    test(title, async () => {
      const name = `basic-${kind.toLowerCase()}`;
      const serve = `mkdir -p /tmp/www && hostname > /tmp/www/name && httpd -p 9376 -h /tmp/www; ${FOREVER}`;
      const ports = [{ containerPort: 9376 }];
      await apply(workload(kind, name, { replicas: 2 }, template(name, serve, { ports })));
      const there = await until(`two Pods of the ${kind} are ready`, async () => {
        const found = (await places(name)).filter(({ ready }) => ready);
        return found.length === 2 && found;
      });
      for (const { name: pod } of there) {
        const path = `/api/v1/namespaces/default/pods/${pod}:9376/proxy/name`;
        await until(`${pod} says its name`, async () => (await k("get", "--raw", path)).trim() === pod);
      }
      await k("delete", kind.toLowerCase(), name);
    });
  }
});
