import assert from "node:assert/strict";
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { BOX, PodCluster } from "./podFixture.ts";
import { cannotRun, type RealCluster, ran } from "./realCluster.ts";

const skip = await cannotRun();

describe("writing with kubectl", { skip }, () => {
  let pods: PodCluster;
  let cluster: RealCluster;
  before(async () => {
    pods = await PodCluster.start("kwrite");
    cluster = pods.cluster;
  });
  after(() => pods?.remove());

  const k = (...args: string[]) => cluster.kubectl(...args);
  const refused = async (message: RegExp, ...args: string[]) => {
    const { code, stderr } = await cluster.tryKubectl(...args);
    assert.notEqual(code, 0, `kubectl ${args.join(" ")}`);
    assert.match(stderr, message);
  };
  const file = async (name: string, content: string) => {
    const path = join(cluster.scratch, name);
    await writeFile(path, content);
    return path;
  };
  const configMap = (name: string, data: Record<string, string>) =>
    JSON.stringify({ apiVersion: "v1", kind: "ConfigMap", metadata: { name, labels: { set: "one" } }, data });
  const data = (name: string) => k("get", "configmap", name, "-o", "jsonpath={.data}");
  const image = `--image=${BOX}`;
  const deployed = async (name: string, replicas = 1) => {
    const labels = { app: name };
    const box = { name: "box", image: BOX, command: ["sleep", "1000"] };
    const template = { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers: [box] } };
    const spec = { replicas, selector: { matchLabels: labels }, template };
    const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name, labels }, spec };
    await cluster.kubectlInput(JSON.stringify(deployment), "create", "-f", "-");
    await k("rollout", "status", "deployment", name, "--timeout=60s");
  };

  test("create makes everything that it has a word for", async () => {
    const key = join(cluster.scratch, "key.pem");
    const cert = join(cluster.scratch, "cert.pem");
    const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-keyout", key, "-out", cert];
    assert.equal((await ran("openssl", request, process.env)).code, 0);
    const made: string[][] = [
      ["namespace", "made"],
      ["configmap", "made", "--from-literal=a=b", `--from-file=${cert}`],
      ["secret", "generic", "made", "--from-literal=a=b"],
      ["secret", "tls", "made-tls", `--cert=${cert}`, `--key=${key}`],
      ["secret", "docker-registry", "made-registry", "--docker-username=a", "--docker-password=b"],
      ["serviceaccount", "made"],
      ["role", "made", "--verb=get", "--resource=pods,pods/log"],
      ["rolebinding", "made", "--role=made", "--serviceaccount=default:made"],
      ["clusterrole", "made", "--verb=get", "--non-resource-url=/healthz"],
      ["clusterrolebinding", "made", "--clusterrole=made", "--user=someone"],
      ["priorityclass", "made", "--value=100"],
      ["service", "clusterip", "made-clusterip", "--tcp=80:8080"],
      ["service", "nodeport", "made-nodeport", "--tcp=80"],
      ["service", "loadbalancer", "made-loadbalancer", "--tcp=80"],
      ["service", "externalname", "made-externalname", "--external-name=example.com"],
      ["service", "clusterip", "made-headless", "--clusterip=None"],
    ];
    for (const words of made) assert.match(await k("create", ...words), / created\n$/);
    await refused(
      /^Error from server \(AlreadyExists\): namespaces "made" already exists\n$/,
      "create",
      "namespace",
      "made",
    );
    await refused(/may not specify a duration less than 10 minutes/, "create", "token", "made", "--duration=1s");
    await refused(/serviceaccounts "nobody" not found/, "create", "token", "nobody");
    assert.equal((await k("get", "service", "made-headless", "-o", "jsonpath={.spec.clusterIP}")).trim(), "None");
  });

  test("apply: what was taken out of the manifest goes, and diff shows it before", async () => {
    const one = await file("one.json", configMap("applied", { x: "1", z: "2" }));
    const two = await file("two.json", configMap("applied", { x: "3" }));
    assert.equal(await k("apply", "-f", one), "configmap/applied created\n");
    assert.equal(await k("apply", "-f", one), "configmap/applied unchanged\n");
    const diff = await cluster.tryKubectl("diff", "-f", two);
    assert.equal(diff.code, 1);
    assert.match(diff.stdout, /^- {2}x: "1"\n- {2}z: "2"\n\+ {2}x: "3"$/m);
    assert.match(await k("apply", "-f", two, "--dry-run=server", "-o", "yaml"), /x: "3"/);
    assert.equal(await data("applied"), '{"x":"1","z":"2"}');
    assert.equal(await k("apply", "-f", two), "configmap/applied configured\n");
    assert.equal(await data("applied"), '{"x":"3"}');
    assert.equal((await cluster.tryKubectl("diff", "-f", two)).code, 0);
    await k("apply", "-f", await file("extra.json", configMap("extra", {})));
    const pruned = await k("apply", "-f", two, "--prune", "-l", "set=one", "--prune-allowlist=core/v1/ConfigMap");
    assert.match(pruned, /configmap\/extra pruned/);
  });

  test("apply --server-side: each field has its managers, and conflicts are told", async () => {
    const one = await file("ss1.json", configMap("shared", { x: "1", z: "2" }));
    const two = await file("ss2.json", configMap("shared", { x: "3" }));
    const apply = ["apply", "--server-side", "-f"];
    assert.equal(await k(...apply, one), "configmap/shared serverside-applied\n");
    await refused(
      /Apply failed with 1 conflict: conflict with "kubectl": \.data\.x/,
      ...apply,
      two,
      "--field-manager=other",
    );
    await k(...apply, two, "--field-manager=other", "--force-conflicts");
    assert.equal(await data("shared"), '{"x":"3","z":"2"}');
    await k(...apply, await file("ss3.json", configMap("shared", {})));
    assert.equal(await data("shared"), '{"x":"3"}');
  });

  test("patch, by each of the three kinds and to subresources", async () => {
    await k("create", "configmap", "patched", "--from-literal=a=1", "--from-literal=b=2");
    await k("patch", "configmap", "patched", "-p", '{"data":{"a":"3"}}');
    await k("patch", "configmap", "patched", "--type=merge", "-p", '{"data":{"b":null}}');
    await k("patch", "configmap", "patched", "--type=json", "-p", '[{"op":"add","path":"/data/c","value":"4"}]');
    assert.equal(await data("patched"), '{"a":"3","c":"4"}');
    const patch = ["patch", "configmap", "patched"];
    await refused(
      /The request is invalid/,
      ...patch,
      "--type=json",
      "-p",
      '[{"op":"test","path":"/data/c","value":"5"}]',
    );
    await refused(/error decoding patch: unexpected end of JSON input/, ...patch, "--type=json", "-p", "{");
    await refused(/the object has been modified/, ...patch, "-p", '{"metadata":{"resourceVersion":"1"}}');
    await k("create", "deployment", "patched", image, "--replicas=0", "--", "sleep", "1000");
    const containers =
      '{"spec":{"template":{"spec":{"containers":[{"name":"box","env":[{"name":"A","value":"1"}]}]}}}}';
    await k("patch", "deployment", "patched", "-p", containers);
    const first = "jsonpath={.spec.template.spec.containers[0].image} {.spec.template.spec.containers[0].env[0].name}";
    assert.equal(await k("get", "deployment", "patched", "-o", first), `${BOX} A`);
    await k("patch", "deployment", "patched", "--subresource=scale", "--type=merge", "-p", '{"spec":{"replicas":1}}');
    assert.equal(await k("get", "deployment", "patched", "-o", "jsonpath={.spec.replicas}"), "1");
    await refused(
      /field is immutable/,
      "patch",
      "deployment",
      "patched",
      "--type=merge",
      "-p",
      '{"spec":{"selector":{"matchLabels":{"a":"b"}}}}',
    );
    await k("delete", "deployment", "patched");
  });

  test("edit: saved, left alone, and refused with the reason in the file", async () => {
    await k("create", "configmap", "edited", "--from-literal=a=1");
    const editor = async (script: string) => {
      const path = await file("editor.sh", `#!/bin/sh\n${script}\n`);
      await chmod(path, 0o755);
      return { ...cluster.env, EDITOR: path, KUBE_EDITOR: path };
    };
    const edit = async (script: string, ...what: string[]) =>
      ran(cluster.kubectlPath, ["edit", ...what], await editor(script));
    assert.equal(
      (await edit(`sed -i 's/a: "1"/a: "2"/' "$1"`, "configmap", "edited")).stdout,
      "configmap/edited edited\n",
    );
    assert.equal(await data("edited"), '{"a":"2"}');
    assert.match((await edit(":", "configmap", "edited")).stderr, /^Edit cancelled, no changes made.\n$/);
    const wrong = await edit(
      `cp "$1" ${join(cluster.scratch, "seen")}; sed -i 's/^  a: .*/  a: 5/' "$1"`,
      "configmap",
      "edited",
    );
    assert.equal(wrong.code, 1);
    assert.match(wrong.stderr, /configmaps "edited" is invalid|no valid changes were saved/);
    assert.equal(await data("edited"), '{"a":"2"}');
  });

  test("label and annotate, with their refusals", async () => {
    await k("create", "configmap", "labelled");
    await k("label", "configmap", "labelled", "x=y");
    await refused(/'x' already has a value \(y\), and --overwrite is false/, "label", "configmap", "labelled", "x=z");
    await k("label", "configmap", "labelled", "x=z", "--overwrite");
    assert.equal(await k("get", "configmap", "-l", "x=z", "-o", "name"), "configmap/labelled\n");
    await k("label", "configmap", "labelled", "x-");
    await k("annotate", "configmap", "labelled", "note=hello");
    assert.equal(await k("annotate", "configmap", "labelled", "--list"), "note=hello\n");
    await refused(/metadata.annotations: Invalid value: "a b"/, "annotate", "configmap", "labelled", "a b=c");
  });

  test("scale, set and rollout", async () => {
    await deployed("rolled", 2);
    const rolled = () => k("rollout", "status", "deployment/rolled", "--timeout=60s");
    await refused(
      /Expected replicas to be 9, was 2/,
      "scale",
      "deployment/rolled",
      "--replicas=1",
      "--current-replicas=9",
    );
    await k("scale", "deployment/rolled", "--replicas=3");
    await k("set", "env", "deployment/rolled", "A=1");
    await k("set", "resources", "deployment/rolled", "--limits=memory=64Mi");
    await refused(/unable to find container named "nope"/, "set", "image", "deployment/rolled", "nope=x");
    await k("annotate", "deployment", "rolled", "kubernetes.io/change-cause=because");
    await k("rollout", "pause", "deployment/rolled");
    await refused(/can't restart paused deployment/, "rollout", "restart", "deployment/rolled");
    await k("set", "env", "deployment/rolled", "A=2", "B=3");
    await k("rollout", "resume", "deployment/rolled");
    assert.match(await rolled(), /successfully rolled out/);
    assert.match(await k("rollout", "history", "deployment/rolled"), /because/);
    assert.equal(
      await k("set", "env", "deployment/rolled", "--list"),
      "# Deployment rolled, container box\nA=2\nB=3\n",
    );
    await k("rollout", "undo", "deployment/rolled", "--to-revision=1");
    await rolled();
    assert.doesNotMatch(await k("set", "env", "deployment/rolled", "--list"), /A=/);
    await refused(
      /unable to find specified revision 99 in history/,
      "rollout",
      "undo",
      "deployment/rolled",
      "--to-revision=99",
    );
    await k("rollout", "restart", "deployment/rolled");
    await rolled();
    await k("delete", "deployment", "rolled");
  });

  test("delete: background, orphan and foreground; gracefully and by force", async () => {
    await deployed("parent");
    await k("delete", "deployment", "parent", "--cascade=orphan");
    assert.match(await k("get", "replicaset,pods", "-l", "app=parent", "-o", "name"), /replicaset[\s\S]*pod\/parent-/);
    await k("delete", "replicaset", "-l", "app=parent", "--cascade=foreground", "--timeout=60s");
    // foreground: the parent goes last
    assert.equal(await k("get", "replicaset,pods", "-l", "app=parent", "-o", "name"), "");
    await deployed("parent");
    await k("delete", "deployment", "parent");
    await k("wait", "--for=delete", "replicaset,pod", "-l", "app=parent", "--timeout=60s");
    for (const how of [["--grace-period=2"], ["--now"], ["--force"]]) {
      await k("run", "single", image, "--command", "--", "sleep", "1000");
      await k("wait", "--for=condition=Ready", "pod/single", "--timeout=60s");
      await k("delete", "pod", "single", ...how, "--timeout=30s");
      await refused(/pods "single" not found/, "get", "pod", "single");
    }
    await refused(/this namespace may not be deleted/, "delete", "namespace", "default");
    await k("create", "namespace", "filled");
    await k("run", "single", image, "-n", "filled", "--command", "--", "sleep", "1");
    await k("create", "configmap", "some", "-n", "filled");
    await k("delete", "namespace", "filled", "--timeout=60s");
  });

  test("cordon, taint and drain move Pods, uncordon lets them in again", async () => {
    const node = (await k("get", "nodes", "-o", "name")).trim().slice(5);
    await deployed("moved");
    await k("cordon", node);
    assert.match(await k("get", "node", node), /Ready,SchedulingDisabled/);
    const before = await k("get", "pods", "-l", "app=moved", "-o", "name");
    await k("taint", "node", node, "gone=true:NoExecute");
    await k("wait", "--for=delete", before.trim(), "--timeout=60s");
    await k("wait", "--for=condition=PodScheduled=false", "pod", "-l", "app=moved", "--timeout=60s");
    await k("taint", "node", node, "gone-");
    await k("uncordon", node);
    await k("rollout", "status", "deployment/moved", "--timeout=60s");
    await k("run", "alone", image, "--command", "--", "sleep", "1000");
    await refused(
      /cannot delete Pods that declare no controller \(use --force to override\): default\/alone/,
      "drain",
      node,
    );
    await k("uncordon", node);
    await k("delete", "pod", "alone", "--now");
    await k("delete", "deployment", "moved");
  });

  test("expose and wait", async () => {
    await k("run", "exposed", image, "--port=8080", "--labels=app=exposed", "--command", "--", "sleep", "1000");
    await k("expose", "pod", "exposed", "--port=80", "--target-port=8080", "--type=NodePort");
    assert.equal(
      await k("get", "service", "exposed", "-o", "jsonpath={.spec.selector.app} {.spec.ports[0].targetPort}"),
      "exposed 8080",
    );
    await k("wait", "--for=jsonpath={.status.phase}=Running", "pod/exposed", "--timeout=60s");
    await k("wait", "--for=create", "service/exposed", "--timeout=5s");
    await refused(
      /timed out waiting for the condition on pods\/exposed/,
      "wait",
      "--for=condition=Nope",
      "pod/exposed",
      "--timeout=1s",
    );
    await k("delete", "pod,service", "exposed", "--now");
  });

  test("refusals name the field, as Kubernetes' users know them", async () => {
    const folder = join(cluster.scratch, "bad");
    await mkdir(folder);
    const template = '{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"x"}]}}';
    const deployment = (spec: string) =>
      `{"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"bad"},"spec":${spec}}`;
    const selector = '"selector":{"matchLabels":{"a":"b"}}';
    const cases: [string, string, RegExp][] = [
      [
        "unknown",
        deployment(`{"replica":3,${selector},"template":${template}}`),
        /strict decoding error: unknown field "spec.replica"/,
      ],
      [
        "type",
        deployment(`{"replicas":"x",${selector},"template":${template}}`),
        /cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32/,
      ],
      [
        "selector",
        deployment(`{"selector":{"matchLabels":{"a":"c"}},"template":${template}}`),
        /`selector` does not match template `labels`/,
      ],
      ["kind", '{"apiVersion":"v1"}', /kind not set/],
      ["yaml", "a: [b", /error converting YAML to JSON/],
      [
        "big",
        configMap("big", { a: "x".repeat(1_100_000) }),
        /The ConfigMap "big" is invalid: \[\]: Too long: may not be more than 1048576 bytes/,
      ],
      ["huge", configMap("huge", { a: "x".repeat(4_000_000) }), /Request entity too large: limit is 3145728/],
      [
        "namespace",
        '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","namespace":"nope"}}',
        /namespaces "nope" not found/,
      ],
    ];
    for (const [name, content, message] of cases) {
      const path = join(folder, name);
      await writeFile(path, content);
      await refused(message, "create", "-f", path);
    }
    await refused(/deployments.apps "bad" not found/, "get", "deployment", "bad");
    await k("create", "configmap", "stale");
    const stale = await k("get", "configmap", "stale", "-o", "json");
    await k("label", "configmap", "stale", "newer=1");
    await refused(
      /the object has been modified; please apply your changes to the latest version and try again/,
      "replace",
      "-f",
      await file("stale.json", stale),
    );
  });
});
