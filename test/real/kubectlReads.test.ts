import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { cannotRun, RealCluster } from "./realCluster.ts";

const skip = await cannotRun();

describe("reading with kubectl", { skip }, () => {
  let cluster: RealCluster;
  before(async () => {
    cluster = await RealCluster.prepare("kread");
    await cluster.coxOk("up", "-f", "examples/hello/");
  });
  after(() => cluster?.remove());

  const get = (...args: string[]) => cluster.kubectl("get", ...args);
  const lines = async (...args: string[]) => (await get(...args)).trimEnd().split("\n");
  const refused = async (message: RegExp, ...args: string[]) => {
    const { code, stderr } = await cluster.tryKubectl(...args);
    assert.equal(code, 1, `kubectl ${args.join(" ")}`);
    assert.match(stderr, message);
  };

  test("get: tables", async () => {
    const [head, ...rows] = await lines("pods", "-o", "wide");
    assert.match(head!, /^NAME +READY +STATUS +RESTARTS +AGE +IP +NODE +NOMINATED NODE +READINESS GATES$/);
    assert.equal(rows.length, 3);
    for (const row of rows) assert.match(row, /^hello-\S+ +1\/1 +Running +0 +\d+s +10\.\S+ +\S+ +<none> +<none>$/);
    assert.match((await lines("deployments"))[1]!, /^hello +3\/3 +3 +3 +\d+s$/);
    assert.match((await lines("service", "hello"))[1]!, /^hello +NodePort +10\.\S+ +<none> +80:\d+\/TCP +\d+s$/);
    assert.match((await lines("nodes", "-o", "wide"))[1]!, / Ready .* containerd:\/\//);
    assert.match((await lines("deployment", "hello", "--subresource=scale"))[1]!, /^hello +3 +3 +\d+s$/);
    assert.match(
      await get("all", "-A"),
      /pod\/hello-[\s\S]*service\/kube-dns[\s\S]*deployment.apps\/hello[\s\S]*replicaset.apps\/hello-/,
    );
  });

  test("get: every output", async () => {
    const names = (await lines("pods", "-o", "name")).map((line) => line.replace("pod/", "")).sort();
    assert.equal(names.length, 3);
    const template = "{{range .items}}{{.metadata.name}} {{end}}";
    const columns = "custom-columns=N:.metadata.name,IP:.status.podIP";
    assert.deepEqual((await get("pods", "-o", "jsonpath={.items[*].metadata.name}")).split(" ").sort(), names);
    assert.deepEqual((await get("pods", "-o", `go-template=${template}`)).trim().split(" ").sort(), names);
    assert.deepEqual(
      (await lines("pods", "--no-headers", "-o", columns)).map((line) => line.split(" ")[0]).sort(),
      names,
    );
    const yaml = await get("deployment", "hello", "-o", "yaml");
    assert.match(yaml, /^apiVersion: apps\/v1\nkind: Deployment\n/);
    assert.doesNotMatch(yaml, /managedFields/);
    assert.match(
      await get("deployment", "hello", "-o", "yaml", "--show-managed-fields"),
      /managedFields:[\s\S]*f:replicas/,
    );
    assert.equal((await cluster.json("get", "configmap", "hello")).kind, "ConfigMap");
  });

  test("get: what is asked for, and in which order", async () => {
    assert.equal((await lines("pods", "--no-headers", "-l", "app in (hello,x),app!=y,pod-template-hash")).length, 3);
    assert.equal((await lines("pods", "-o", "name", "--field-selector=status.phase=Running")).length, 3);
    assert.equal((await lines("pods", "-o", "name", "--chunk-size=1")).length, 3);
    const ips = (await lines("pods", "--sort-by=.status.podIP", "-o", "custom-columns=:.status.podIP")).slice(1);
    assert.deepEqual(ips, ips.toSorted());
    await refused(/field label not supported: foo/, "get", "pods", "--field-selector=foo=bar");
    await refused(
      /unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt/,
      "get",
      "pods",
      "-l",
      "a b",
    );
    await refused(/^Error from server \(NotFound\): pods "nope" not found\n$/, "get", "pod", "nope");
    await refused(/the server doesn't have a resource type "nope"/, "get", "nope");
  });

  test("get -w tells each change as it comes", async () => {
    const watching = cluster.startKubectl("get", "configmaps", "-w", "--output-watch-events", "--no-headers");
    let seen = "";
    const sees = (pattern: RegExp) =>
      new Promise<void>((resolve) => {
        const look = () => {
          if (!pattern.test(seen)) return;
          watching.stdout!.off("data", look);
          resolve();
        };
        watching.stdout!.on("data", look);
        look();
      });
    watching.stdout!.on("data", (data: Buffer) => {
      seen += data;
    });
    await sees(/ADDED +hello /);
    await cluster.kubectl("create", "configmap", "watched", "--from-literal=a=1");
    await sees(/ADDED +watched +1/);
    await cluster.kubectl("patch", "configmap", "watched", "-p", '{"data":{"b":"2"}}');
    await sees(/MODIFIED +watched +2/);
    await cluster.kubectl("delete", "configmap", "watched");
    await sees(/DELETED +watched +2/);
    watching.kill();
  });

  test("describe tells of every kind", async () => {
    assert.match(
      await cluster.kubectl("describe", "deployment", "hello"),
      /Replicas: +3 desired \| 3 updated \| 3 total \| 3 available \| 0 unavailable[\s\S]*ScalingReplicaSet[\s\S]*Scaled up replica set hello-\S+ from 0 to 3/,
    );
    assert.match(
      await cluster.kubectl("describe", "pods", "-l", "app=hello"),
      /Controlled By: +ReplicaSet\/hello-[\s\S]*Liveness: +http-get[\s\S]*QoS Class: +Burstable[\s\S]*Scheduled[\s\S]*Pulled[\s\S]*Created[\s\S]*Started/,
    );
    assert.match(await cluster.kubectl("describe", "node"), /Ready +True[\s\S]*Non-terminated Pods: +\(3 in total\)/);
    assert.match(
      await cluster.kubectl("describe", "service", "hello"),
      /Endpoints: +10\.\S+:8080,10\.\S+:8080,10\.\S+:8080/,
    );
    for (const kind of (await cluster.kubectl("api-resources", "--verbs=list", "-o", "name")).trim().split("\n")) {
      const { code, stderr } = await cluster.tryKubectl("describe", kind, "-A");
      assert.equal(code, 0, `describe ${kind}: ${stderr}`);
    }
  });

  test("explain, api-resources, api-versions, version, cluster-info", async () => {
    assert.match(await cluster.kubectl("explain", "deployment.spec.strategy"), /FIELD: strategy <DeploymentStrategy>/);
    assert.match(
      await cluster.kubectl("explain", "pod.spec.containers.env", "--recursive"),
      /configMapKeyRef\t<ConfigMapKeySelector>/,
    );
    await refused(/field "nope" does not exist/, "explain", "pod.spec.nope");
    assert.match(
      await cluster.kubectl("api-resources", "-o", "wide"),
      /^deployments +deploy +apps\/v1 +true +Deployment +create,delete,/m,
    );
    assert.match(await cluster.kubectl("api-versions"), /^apps\/v1$/m);
    assert.match(await cluster.kubectl("version"), /Server Version: v1\.36\./);
    assert.match(await cluster.kubectl("cluster-info"), /control plane.* is running at .*https:/);
    assert.match(await cluster.kubectl("get", "--raw", "/readyz?verbose"), /readyz check passed/);
    const parts = await cluster.kubectl("get", "componentstatuses", "--no-headers");
    const states = parts
      .trim()
      .split("\n")
      .map((line) => line.trim().split(/ +/).join(" "));
    assert.deepEqual(states, ["scheduler Healthy ok", "controller-manager Healthy ok", "etcd-0 Healthy ok"]);
    assert.match(await cluster.kubectl("top", "nodes"), /^NAME +CPU\(cores\)/);
  });

  test("events of one object", async () => {
    assert.match(await cluster.kubectl("events", "--for", "deployment/hello"), /ScalingReplicaSet +Deployment\/hello/);
    const reasons = await lines("events", "--sort-by=.lastTimestamp", "-o", "custom-columns=:.reason");
    for (const reason of ["Scheduled", "Pulled", "Created", "Started", "SuccessfulCreate"])
      assert.ok(reasons.includes(reason));
  });

  test("auth: who one is and what one may", async () => {
    assert.match(
      await cluster.kubectl("auth", "whoami"),
      /Username +kubernetes-admin[\s\S]*credential-id +\[X509SHA256=[0-9a-f]{64}\]/,
    );
    await cluster.kubectl("create", "serviceaccount", "reader");
    await cluster.kubectl("create", "role", "reads", "--verb=get,list", "--resource=pods");
    await cluster.kubectl("create", "rolebinding", "reads", "--role=reads", "--serviceaccount=default:reader");
    const as = "--as=system:serviceaccount:default:reader";
    assert.equal(await cluster.kubectl("auth", "can-i", "list", "pods", as), "yes\n");
    assert.equal((await cluster.tryKubectl("auth", "can-i", "delete", "pods", as)).stdout, "no\n");
    assert.match(await cluster.kubectl("auth", "can-i", "--list", as), /^pods +\[\] +\[\] +\[get list\]$/m);
    await refused(
      /^Error from server \(Forbidden\): secrets is forbidden: User "system:serviceaccount:default:reader" cannot list resource "secrets" in API group "" in the namespace "default"\n$/,
      "get",
      "secrets",
      as,
    );
    const token = (await cluster.kubectl("create", "token", "reader", "--duration=10m")).trim();
    const config = await cluster.json<{ clusters: { cluster: { server: string } }[] }>(
      "config",
      "view",
      "--raw",
      "--minify",
    );
    const asReader = [
      "--kubeconfig=/dev/null",
      `--server=${config.clusters[0]!.cluster.server}`,
      "--insecure-skip-tls-verify",
      `--token=${token}`,
    ];
    assert.match(await get("pods", ...asReader), /hello-/);
    await refused(/is forbidden/, "get", "nodes", ...asReader);
    await refused(/must be logged in|Unauthorized/, "get", "pods", ...asReader.slice(0, -1), `--token=${token}x`);
  });

  test("what the API server passes on: a Pod, a Service, a node", async () => {
    assert.match(await get("--raw", "/api/v1/namespaces/default/services/hello/proxy/"), /^Hello from Pod/);
    assert.match(await get("--raw", "/api/v1/namespaces/default/services/hello:http/proxy/"), /^Hello from Pod/);
    const [pod] = await lines("pods", "-o", "name");
    assert.match(await get("--raw", `/api/v1/namespaces/default/pods/${pod!.slice(4)}:8080/proxy/`), /^Hello from Pod/);
    const [node] = await lines("nodes", "-o", "name");
    assert.equal(await get("--raw", `/api/v1/nodes/${node!.slice(5)}/proxy/healthz`), "ok");
  });
});
