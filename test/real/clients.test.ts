/** Clients of Kubernetes as their makers ship them, against a real cluster: kubectl with kustomize, Helm, JavaScript. */
import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Writable } from "node:stream";
import { after, before, describe, test } from "node:test";
import { bundledTool } from "../../src/cli/kubectl.ts";
import { npmPackage } from "./npmPackage.ts";
import { BOX, FOREVER, PodCluster } from "./podFixture.ts";
import { cannotRun, ran } from "./realCluster.ts";

/** What we use of the official client; its own types would make it a dependency of the project. */
interface JavaScriptClient {
  KubeConfig: new () => { loadFromFile(file: string): void; makeApiClient<T>(api: new () => T): T };
  CoreV1Api: new () => {
    createNamespacedPod(of: { namespace: string; body: object }): Promise<ClientPod>;
    listNamespacedPod(of: { namespace: string; labelSelector: string }): Promise<{ items: ClientPod[] }>;
    patchNamespacedPod(of: { namespace: string; name: string; body: object }): Promise<ClientPod>;
    deleteNamespacedPod(of: { namespace: string; name: string }): Promise<unknown>;
    readNamespacedPodLog(of: { namespace: string; name: string }): Promise<string>;
  };
  AppsV1Api: new () => { readNamespacedStatefulSet(of: { namespace: string; name: string }): Promise<unknown> };
  Watch: new (
    config: object,
  ) => {
    watch(
      path: string,
      query: object,
      each: (type: string, object: ClientPod) => void,
      done: (error: unknown) => void,
    ): Promise<AbortController>;
  };
  Exec: new (
    config: object,
  ) => {
    exec(
      namespace: string,
      pod: string,
      container: string,
      command: string[],
      stdout: Writable,
      stderr: Writable,
      stdin: null,
      tty: boolean,
      done: (status: { status: string }) => void,
    ): Promise<unknown>;
  };
}
interface ClientPod {
  metadata: { name: string; creationTimestamp: Date; labels: Record<string, string> };
  status: { phase: string };
}

const skip = (await cannotRun()) || (process.arch !== "x64" && "needs clients made for x64");

const CHART = {
  "Chart.yaml": "apiVersion: v2\nname: boat\nversion: 1.0.0\n",
  "values.yaml": "greeting: hello\nreplicas: 2\nhook: exit 0\n",
  "templates/config.yaml": `apiVersion: v1
kind: ConfigMap
metadata: { name: "{{ .Release.Name }}" }
data: { greeting: "{{ .Values.greeting }}" }
`,
  "templates/deployment.yaml": `apiVersion: apps/v1
kind: Deployment
metadata: { name: "{{ .Release.Name }}" }
spec:
  replicas: {{ .Values.replicas }}
  selector: { matchLabels: { app: "{{ .Release.Name }}" } }
  template:
    metadata: { labels: { app: "{{ .Release.Name }}" }, annotations: { greeting: "{{ .Values.greeting }}" } }
    spec:
      terminationGracePeriodSeconds: 1
      containers:
      - name: main
        image: ${BOX}
        imagePullPolicy: IfNotPresent
        command: [sh, -c, "trap 'exit 0' TERM; while :; do sleep 1 & wait $!; done"]
        envFrom: [{ configMapRef: { name: "{{ .Release.Name }}" } }]
`,
  "templates/service.yaml": `apiVersion: v1
kind: Service
metadata: { name: "{{ .Release.Name }}" }
spec: { selector: { app: "{{ .Release.Name }}" }, ports: [{ port: 80 }] }
`,
  "templates/hook.yaml": `apiVersion: batch/v1
kind: Job
metadata:
  name: "{{ .Release.Name }}-hook"
  annotations:
    helm.sh/hook: pre-install,pre-upgrade
    helm.sh/hook-delete-policy: before-hook-creation
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers: [{ name: main, image: ${BOX}, imagePullPolicy: IfNotPresent, command: [sh, -c, "{{ .Values.hook }}"] }]
`,
};

describe("clients", { skip }, () => {
  let box: PodCluster;
  before(async () => {
    box = await PodCluster.start("clients");
  });
  after(() => box?.remove());

  const files = async (folder: string, content: Record<string, string>) => {
    for (const [name, text] of Object.entries(content)) {
      const file = join(box.cluster.scratch, folder, name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    }
    return join(box.cluster.scratch, folder);
  };
  const runs = async (tool: "kubectl" | "helm", ...args: string[]) => {
    const { scratch, env } = box.cluster;
    return ran(await bundledTool(tool), args, { ...env, HELM_CACHE_HOME: scratch, HELM_DATA_HOME: scratch });
  };
  const ok = async (tool: "kubectl" | "helm", ...args: string[]) => {
    const { code, stdout, stderr } = await runs(tool, ...args);
    assert.equal(code, 0, `${tool} ${args.join(" ")}: ${stderr}`);
    return stdout;
  };
  const greeting = async () => (await ok("kubectl", "exec", "deploy/boat", "--", "sh", "-c", "echo $greeting")).trim();
  const replicas = () => ok("kubectl", "get", "deploy", "boat", "-o", "jsonpath={.status.readyReplicas}");

  test("kubectl 1.35 applies a kustomization, shows the difference a change makes, and prunes by deleting it", async () => {
    const folder = await files("kustom", {
      "kustomization.yaml":
        "namePrefix: pre-\nlabels: [{ pairs: { by: kustomize } }]\nconfigMapGenerator: [{ name: made, literals: [a=1] }]\nresources: [cm.yaml]\n",
      "cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: plain }\ndata: { b: '2' }\n",
    });
    const applied = await ok("kubectl", "apply", "-k", folder);
    assert.match(applied, /configmap\/pre-plain created/);
    assert.match(applied, /configmap\/pre-made-\w+ created/);
    await files("kustom", {
      "cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: plain }\ndata: { b: '3' }\n",
    });
    const { code, stdout } = await runs("kubectl", "diff", "-k", folder);
    assert.equal(code, 1);
    assert.match(stdout, /^-\s+b: "2"$/m);
    await ok("kubectl", "delete", "-k", folder);
    assert.equal(await ok("kubectl", "get", "cm", "-l", "by=kustomize", "-o", "name"), "");
  });

  test("Helm 4 installs a chart with a hook and waits, upgrades, rolls back and uninstalls it", async () => {
    const chart = await files("boat", CHART);
    await ok("helm", "install", "boat", chart, "--wait", "--timeout", "60s");
    assert.equal(await replicas(), "2");
    assert.equal(await greeting(), "hello");
    assert.equal(await ok("kubectl", "get", "job", "boat-hook", "-o", "jsonpath={.status.succeeded}"), "1");
    await ok("helm", "upgrade", "boat", chart, "--set", "greeting=ahoy,replicas=3", "--wait", "--timeout", "60s");
    assert.equal(await replicas(), "3");
    assert.equal(await greeting(), "ahoy");
    const failed = await runs("helm", "upgrade", "boat", chart, "--set", "hook=exit 3", "--wait", "--timeout", "30s");
    assert.notEqual(failed.code, 0);
    assert.match(failed.stderr, /pre-upgrade hooks failed/);
    await ok("helm", "rollback", "boat", "1", "--wait", "--timeout", "60s");
    assert.equal(await replicas(), "2");
    assert.equal(await greeting(), "hello");
    assert.match(await ok("helm", "history", "boat"), /Rollback to 1/);
    await ok("helm", "uninstall", "boat", "--wait", "--timeout", "60s");
    assert.equal(
      await ok("kubectl", "get", "deploy,svc,cm", "-l", "app.kubernetes.io/managed-by=Helm", "-o", "name"),
      "",
    );
  });

  test("the official JavaScript client creates, watches, patches, enters and deletes a Pod", async () => {
    const k8s = await npmPackage<JavaScriptClient>("@kubernetes/client-node", "2.0.1");
    const config = new k8s.KubeConfig();
    config.loadFromFile(join(box.cluster.scratch, "kubeconfig"));
    const core = config.makeApiClient(k8s.CoreV1Api);
    const seen: string[] = [];
    let running = () => {};
    const runs = new Promise<void>((resolve) => {
      running = resolve;
    });
    const watching = await new k8s.Watch(config).watch(
      "/api/v1/namespaces/default/pods",
      { labelSelector: "by=client" },
      (type, pod) => {
        seen.push(`${type} ${pod.status.phase}`);
        if (pod.status.phase === "Running") running();
      },
      () => {},
    );
    const metadata = { name: "by-client", labels: { by: "client" } };
    const container = {
      name: "main",
      image: BOX,
      imagePullPolicy: "IfNotPresent",
      command: ["sh", "-c", `echo hi; ${FOREVER}`],
    };
    const body = { metadata, spec: { terminationGracePeriodSeconds: 1, containers: [container] } };
    const created = await core.createNamespacedPod({ namespace: "default", body });
    assert.ok(created.metadata.creationTimestamp instanceof Date);
    await runs;
    assert.equal(seen[0], "ADDED Pending");
    const where = { namespace: "default", name: "by-client" };
    const patch = [{ op: "add", path: "/metadata/labels/more", value: "x" }];
    assert.equal((await core.patchNamespacedPod({ ...where, body: patch })).metadata.labels.more, "x");
    const { items } = await core.listNamespacedPod({ namespace: "default", labelSelector: "more=x" });
    assert.deepEqual(
      items.map((pod) => pod.metadata.name),
      ["by-client"],
    );
    assert.match(await core.readNamespacedPodLog(where), /^hi/);
    let said = "";
    const out = new Writable({
      write(chunk, _encoding, done) {
        said += String(chunk);
        done();
      },
    });
    const status = await new Promise<{ status: string }>((resolve, reject) => {
      const command = ["sh", "-c", "echo inside"];
      new k8s.Exec(config).exec("default", "by-client", "main", command, out, out, null, false, resolve).catch(reject);
    });
    assert.deepEqual([status.status, said], ["Success", "inside\n"]);
    await core.deleteNamespacedPod(where);
    watching.abort();
    const missing = config
      .makeApiClient(k8s.AppsV1Api)
      .readNamespacedStatefulSet({ namespace: "default", name: "none" });
    await assert.rejects(missing, /"reason":"NotFound"|404/);
  });
});
