/** Sentences of Kubernetes' conformance suite about kubectl, and about the tokens that Pods are given. */
import assert from "node:assert/strict";
import type { ChildProcess } from "node:child_process";
import { createPublicKey, verify } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { request } from "node:http";
import { basename, join } from "node:path";
import { after, before, describe, test } from "node:test";
import {
  contains,
  guestbook,
  IMAGE,
  labelled,
  nautilus,
  primary,
  primaryService,
  quickly,
  RUNNING,
  SELECTOR,
  Space,
} from "./kubectlSubjects.ts";
import { BOX, container, FOREVER, type Json, PodCluster } from "./podFixture.ts";
import { cannotRun, type RealCluster, until } from "./realCluster.ts";

describe("kubectl as the conformance suite uses it", { skip: await cannotRun(), concurrency: 4 }, () => {
  let pods: PodCluster;
  let cluster: RealCluster;
  before(async () => {
    pods = await PodCluster.start("kconf");
    cluster = pods.cluster;
  });
  after(() => pods?.remove());

  const k = (...args: string[]) => cluster.kubectl(...args);
  const space = async (name: string) => {
    await k("create", "namespace", name);
    await k("-n", name, "wait", "--for=create", "serviceaccount/default", "--timeout=60s");
    return new Space(cluster, name);
  };

  describe("Update Demo", () => {
    const validate = async ({ k, name: namespace }: Space, count: number) => {
      const names = await until(`${count} Pods run`, async () => {
        const template = "--template={{range.items}}{{.metadata.name}} {{end}}";
        const found = (await k("get", "pods", "-o", "template", template, "-l", "name=update-demo")).trim().split(" ");
        if (found.length !== count) return false;
        const run = found.map((name) => k("get", "pods", name, "-o", "template", `--template=${RUNNING}`));
        return (await Promise.all(run)).every((text) => text === "true") && found;
      });
      for (const name of names) {
        assert.equal(await k("get", "pods", name, "-o", "template", `--template=${IMAGE}`), BOX);
        const data = await until("it answers", () =>
          k("get", "--raw", `/api/v1/namespaces/${namespace}/pods/${name}/proxy/data.json`),
        );
        assert.deepEqual(JSON.parse(data), { image: "nautilus.jpg" });
      }
    };

    test("[sig-cli] Kubectl client Update Demo should create and stop a replication controller [Conformance]", async () => {
      const at = await space("nautilus-stops");
      await at.create(nautilus);
      await validate(at, 2);
      await at.cleanUp([nautilus], "name=update-demo");
    });

    test("[sig-cli] Kubectl client Update Demo should scale a replication controller [Conformance]", async () => {
      const at = await space("nautilus-scales");
      const { k } = at;
      await at.create(nautilus);
      await validate(at, 2);
      for (const replicas of [1, 2]) {
        await k("scale", "rc", "update-demo-nautilus", `--replicas=${replicas}`, "--timeout=5m");
        await validate(at, replicas);
      }
      await at.cleanUp([nautilus], "name=update-demo");
    });
  });

  test("[sig-cli] Kubectl client Guestbook application should create and stop a working application [Conformance]", async () => {
    const at = await space("guestbook");
    const { k } = at;
    await at.create(...guestbook);
    await at.started("app=guestbook,tier=frontend", 3);
    const page = (query: string) =>
      k("get", "--raw", `/api/v1/namespaces/guestbook/services/frontend/proxy/cgi-bin/guestbook?${query}`);
    const says = (query: string, answer: string) =>
      until(`${query} answers`, async () => (await page(query)).trim() === answer);
    await says("cmd=get&key=messages&value=", '{"data":""}');
    await says("cmd=set&key=messages&value=TestEntry", '{"message": "Updated"}');
    await says("cmd=get&key=messages&value=", '{"data":"TestEntry"}');
    await at.cleanUp(guestbook, "app in (agnhost, guestbook)");
  });

  test("[sig-cli] Kubectl client Kubectl api-versions should check if v1 is in available api versions [Conformance]", async () => {
    assert.match(await k("api-versions"), /^v1$/m);
  });

  test("[sig-cli] Kubectl client Kubectl cluster-info should check if Kubernetes control plane services is included in cluster-info [Conformance]", async () => {
    assert.match(await k("cluster-info"), /Kubernetes control plane[\s\S]*is running at/);
  });

  test("[sig-cli] Kubectl client Kubectl version should check is all data is printed [Conformance]", async () => {
    const said = await k("version");
    for (const which of ["Client", "Server"])
      assert.match(said, new RegExp(`${which} Version: v\\d\\.\\d+\\.[\\w.+-]+`));
  });

  test("[sig-cli] Kubectl client Kubectl describe should check if kubectl describe prints relevant information for rc and pods [Conformance]", async () => {
    const at = await space("describe");
    const { k } = at;
    await at.create(primary, primaryService);
    const [pod] = await at.started(SELECTOR, 1);
    contains(
      await k("describe", "pod", pod!),
      ...[["Name:", "agnhost-primary-"], ["Namespace:", "describe"], ["Node:"], ["Labels:", "app=agnhost"]],
      ...[["role=primary"], ["Annotations:"], ["Status:", "Running"], ["IP:"], ["Image:", BOX], ["State:", "Running"]],
      ...[
        ["Controlled By:", "ReplicationController/agnhost-primary"],
        ["QoS Class:", "BestEffort"],
      ],
    );
    contains(
      await k("describe", "rc", "agnhost-primary"),
      ...[
        ["Name:", "agnhost-primary"],
        ["Namespace:", "describe"],
        ["Selector:", "app=agnhost,role=primary"],
      ],
      ...[["Labels:", "app=agnhost"], ["role=primary"], ["Annotations:"], ["Replicas:", "1 current", "1 desired"]],
      ...[["Pods Status:", "1 Running", "0 Waiting", "0 Succeeded", "0 Failed"], ["Pod Template:"], ["Image:", BOX]],
      ["Events:"],
    );
    contains(
      await k("describe", "service", "agnhost-primary"),
      ...[["Name:", "agnhost-primary"], ["Namespace:", "describe"], ["Labels:", "app=agnhost"], ["role=primary"]],
      ...[["Annotations:"], ["Selector:", "app=agnhost", "role=primary"], ["Type:", "ClusterIP"], ["IP:"]],
      ...[["Port:", "<unset>", "6379/TCP"], ["Endpoints:"], ["Session Affinity:", "None"]],
    );
    const node = (await k("get", "nodes", "-o", "jsonpath={.items[0].metadata.name}")).trim();
    contains(
      await k("describe", "node", node),
      ...[["Name:", node], ["Labels:"], ["Annotations:"], ["CreationTimestamp:"], ["Conditions:"], ["Addresses:"]],
      ["Type", "Status", "LastHeartbeatTime", "LastTransitionTime", "Reason", "Message"],
      ...[["Capacity:"], ["Version:"], ["Kernel Version:"], ["OS Image:"], ["Container Runtime Version:"]],
      ...[["Kubelet Version:"], ["Kube-Proxy Version:"], ["Pods:"]],
    );
    contains(
      await k("describe", "namespace", "describe"),
      ...[["Name:", "describe"], ["Labels:"], ["Annotations:"], ["Status:", "Active"]],
    );
    await at.cleanUp([primary, primaryService], SELECTOR);
  });

  test("[sig-cli] Kubectl client Kubectl expose should create services for rc [Conformance]", async () => {
    const at = await space("expose");
    const { k } = at;
    await at.create(primary);
    await at.started(SELECTOR, 1);
    const exposed = async (what: string[], name: string, port: number) => {
      await k("expose", ...what, `--name=${name}`, `--port=${port}`, "--target-port=6379");
      const path = "jsonpath={.items[*].ports[*].port} {.items[*].endpoints[*].targetRef.kind}";
      await until(`${name} has its endpoint`, async () => {
        const found = await k("get", "endpointslices", "-l", `kubernetes.io/service-name=${name}`, "-o", path);
        return found === "6379 Pod";
      });
      const ports = await k("get", "service", name, "-o", "jsonpath={.spec.ports[*].port} {.spec.ports[*].targetPort}");
      assert.equal(ports, `${port} 6379`);
    };
    await exposed(["rc", "agnhost-primary"], "rm2", 1234);
    await exposed(["service", "rm2"], "rm3", 2345);
    await k("delete", "service", "rm2", "rm3");
    await at.cleanUp([primary], SELECTOR);
  });

  test("[sig-cli] Kubectl client Kubectl patch should add annotations for pods in rc [Conformance]", async () => {
    const at = await space("patch");
    const { k } = at;
    await at.create(primary);
    for (const name of await at.started(SELECTOR, 1)) {
      await k("patch", "pod", name, "-p", '{"metadata":{"annotations":{"x":"y"}}}');
      assert.equal(await k("get", "pod", name, "-o", "jsonpath={.metadata.annotations.x}"), "y");
    }
    await at.cleanUp([primary], SELECTOR);
  });

  test("[sig-cli] Kubectl client Kubectl diff should check if kubectl diff finds a difference for Deployments [Conformance]", async () => {
    const at = await space("diff");
    const { k } = at;
    const template = labelled({ app: "httpd" }, { ...quickly, containers: [container(FOREVER)] });
    const spec = { selector: { matchLabels: { app: "httpd" } }, template };
    const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "httpd-deployment" }, spec };
    await at.create(deployment);
    const other = JSON.stringify(deployment).replace(BOX, "coxswain.local/busybox:1");
    const file = join(cluster.scratch, "deployment.json");
    await writeFile(file, other);
    const { code, stdout } = await cluster.tryKubectl("-n", at.name, "diff", "-f", file);
    assert.equal(code, 1);
    assert.ok(stdout.includes(BOX) && stdout.includes("coxswain.local/busybox:1"), stdout);
    await k("delete", "-f", file);
  });

  test("[sig-cli] Kubectl client Kubectl label should update the label on a resource [Conformance]", async () => {
    const at = await space("label");
    const { k } = at;
    await at.create({
      ...{ apiVersion: "v1", kind: "Pod", metadata: { name: "pause", labels: { name: "pause" } } },
      spec: { ...quickly, containers: [container(FOREVER)] },
    });
    await at.ready("name=pause");
    await k("label", "pods", "pause", "testing-label=testing-label-value");
    assert.match(await k("get", "pod", "pause", "-L", "testing-label"), /testing-label-value/);
    await k("label", "pods", "pause", "testing-label-");
    assert.doesNotMatch(await k("get", "pod", "pause", "-L", "testing-label"), /testing-label-value/);
    await k("delete", "pod", "pause", "--now");
  });

  const HTTPD = ["e2e-test-httpd-pod", `--image=${BOX}`, "--pod-running-timeout=2m0s"];
  const WAITING = ["--command", "--", "sh", "-c", FOREVER];

  test("[sig-cli] Kubectl client Kubectl run pod should create a pod from an image when restart is Never [Conformance]", async () => {
    const at = await space("run");
    const { k } = at;
    await k("run", ...HTTPD, "--restart=Never");
    const path = "jsonpath={.spec.containers[*].image} {.spec.restartPolicy}";
    assert.equal(await k("get", "pod", "e2e-test-httpd-pod", "-o", path), `${BOX} Never`);
    await k("delete", "pods", "e2e-test-httpd-pod");
  });

  test("[sig-cli] Kubectl client Kubectl replace should update a single-container pod's image [Conformance]", async () => {
    const at = await space("replace");
    const { k } = at;
    await k("run", ...HTTPD, "--labels=run=e2e-test-httpd-pod", ...WAITING);
    await at.ready("run=e2e-test-httpd-pod");
    const live = await k("get", "pod", "e2e-test-httpd-pod", "-o", "json");
    await cluster.kubectlInput(live.replace(BOX, "coxswain.local/busybox:1"), "-n", at.name, "replace", "-f", "-");
    const image = await k("get", "pod", "e2e-test-httpd-pod", "-o", "jsonpath={.spec.containers[*].image}");
    assert.equal(image, "coxswain.local/busybox:1");
    await k("delete", "pods", "e2e-test-httpd-pod", "--now");
  });

  test("[sig-cli] Kubectl client Kubectl server-side dry-run should check if kubectl can dry-run update Pods [Conformance]", async () => {
    const at = await space("dry-run");
    const { k } = at;
    await k("run", ...HTTPD, "--labels=run=e2e-test-httpd-pod", ...WAITING);
    const spec = { containers: [{ name: "e2e-test-httpd-pod", image: "coxswain.local/busybox:1" }] };
    await k("patch", "pod", "e2e-test-httpd-pod", "-p", JSON.stringify({ spec }), "--dry-run=server");
    assert.equal(await k("get", "pod", "e2e-test-httpd-pod", "-o", "jsonpath={.spec.containers[*].image}"), BOX);
    await k("delete", "pods", "e2e-test-httpd-pod", "--now");
  });

  test("[sig-cli] Kubectl logs logs should be able to retrieve and filter logs [Conformance]", async () => {
    const at = await space("logs");
    const { k } = at;
    const lines = "i=0; while [ $i -lt 100 ]; do echo line $i; i=$((i+1)); sleep 0.1; done";
    await k("run", "logs-generator", `--image=${BOX}`, "--restart=Never", "--command", "--", "sh", "-c", lines);
    await until("it has spoken", async () =>
      (await k("logs", "logs-generator", "logs-generator")).includes("line 9\n"),
    );
    const logs = (...more: string[]) => k("logs", "logs-generator", "logs-generator", ...more);
    assert.match(await logs("--tail=1"), /^line \d+\n$/);
    assert.equal((await logs("--limit-bytes=1")).length, 1);
    assert.match(await logs("--tail=1", "--timestamps"), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z line \d+\n$/);
    await until("it is 2 s older", async () => (await logs()).includes("line 35\n"));
    const [recent, all] = [await logs("--since=1s"), await logs("--since=24h")];
    assert.ok(recent.split("\n").length < all.split("\n").length, `${recent}\n---\n${all}`);
    await k("delete", "pod", "logs-generator", "--now");
  });

  /** Resolves with what the proxy said first. */
  const speaks = (proxy: ChildProcess) =>
    new Promise<string>((resolve, reject) => {
      proxy.stdout!.once("data", (data: Buffer) => resolve(data.toString()));
      proxy.once("close", (code) => reject(new Error(`kubectl proxy ended with ${code}`)));
    });
  const versions = (options: object) =>
    new Promise<{ versions: string[] }>((resolve, reject) => {
      request({ ...options, path: "/api/", agent: false }, async (answer) => {
        let text = "";
        for await (const data of answer) text += data;
        resolve(JSON.parse(text));
      })
        .on("error", reject)
        .end();
    });

  test("[sig-cli] Kubectl client Proxy server should support proxy with --port 0 [Conformance]", async (t) => {
    const proxy = cluster.startKubectl("proxy", "--port=0", "--disable-filter");
    t.after(() => proxy.kill());
    const port = /127\.0\.0\.1:(\d+)/.exec(await speaks(proxy))?.[1];
    assert.deepEqual((await versions({ host: "127.0.0.1", port })).versions, ["v1"]);
  });

  test("[sig-cli] Kubectl client Proxy server should support --unix-socket=/path [Conformance]", async (t) => {
    const socketPath = join(cluster.scratch, "proxy.sock");
    const proxy = cluster.startKubectl("proxy", `--unix-socket=${socketPath}`);
    t.after(() => proxy.kill());
    await speaks(proxy);
    assert.deepEqual((await versions({ socketPath })).versions, ["v1"]);
  });

  const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
  const over = async (at: Space, name: string, spec: Json): Promise<void> => {
    const object = { apiVersion: "v1", kind: "Pod", metadata: { name }, spec: { restartPolicy: "Never", ...spec } };
    await at.create(object);
    await at.k("wait", "--for=jsonpath={.status.phase}=Succeeded", `pod/${name}`, "--timeout=60s");
  };
  const projected = (audience: string) => ({
    volumes: [
      {
        name: "tokens",
        projected: { sources: [{ serviceAccountToken: { path: "token", expirationSeconds: 7200, audience } }] },
      },
    ],
  });
  const volumeMounts = [{ name: "tokens", mountPath: "/var/run/secrets/tokens", readOnly: true }];
  const claims = (token: string) => JSON.parse(Buffer.from(token.split(".")[1]!, "base64url").toString());

  test("[sig-auth] ServiceAccounts should mount an API token into pods [Conformance]", async () => {
    const at = await space("token");
    await at.k("create", "serviceaccount", "mounted");
    const files = ["token", "ca.crt", "namespace"];
    const containers = files.map((file) =>
      container(`cat ${ACCOUNT}/${file}`, { name: `reads-${file.replace(".", "-")}` }),
    );
    await over(at, "reader", { serviceAccountName: "mounted", containers });
    const [token, ca, namespace] = await Promise.all(
      containers.map(({ name }) => at.k("logs", "reader", "-c", name as string)),
    );
    assert.equal(namespace, "token");
    assert.equal(ca, await at.k("get", "configmap", "kube-root-ca.crt", "-o", "jsonpath={.data.ca\\.crt}"));
    const { status } = (await pods.request("POST", "/apis/authentication.k8s.io/v1/tokenreviews", {
      spec: { token },
    })) as { status: { authenticated: boolean; user: { username: string; extra: Record<string, string[]> } } };
    assert.equal(status.authenticated, true);
    assert.equal(status.user.username, "system:serviceaccount:token:mounted");
    assert.deepEqual(status.user.extra["authentication.kubernetes.io/pod-name"], ["reader"]);
  });

  test("[sig-auth] ServiceAccounts should mount projected service account token [Conformance]", async () => {
    const at = await space("projected");
    const script = "ls -l /var/run/secrets/tokens/..data/token | cut -c1-10; cat /var/run/secrets/tokens/token";
    await over(at, "reader", { ...projected("api"), containers: [container(script, { volumeMounts })] });
    const [mode, token] = (await at.k("logs", "reader")).split("\n");
    assert.equal(mode, "-rw-r--r--");
    assert.equal(claims(token!).sub, "system:serviceaccount:projected:default");
  });

  test("[sig-auth] ServiceAccounts ServiceAccountIssuerDiscovery should support OIDC discovery of service account issuer [Conformance]", async () => {
    const at = await space("issuer");
    const image = "coxswain.local/issuer:1";
    const file = join(cluster.scratch, "issuer.yaml");
    const copies = [cluster.kubectlPath, "/bin/busybox"].map((from) => `{ from: ${from}, to: /bin/${basename(from)} }`);
    const links = "links: { /bin/sh: busybox, /bin/cat: busybox }\nenv: { PATH: /bin }\n";
    await writeFile(file, `name: ${image}\ncopy: [${copies.join(", ")}]\n${links}`);
    await cluster.coxOk("image", "build", "-f", file);
    // as any client in a Pod: with the Pod's own token, trusting the cluster's authority only
    const ask = `kubectl --certificate-authority=${ACCOUNT}/ca.crt --token=$(cat ${ACCOUNT}/token)`;
    const script = [
      `d=$(${ask} --server=https://kubernetes.default.svc get --raw /.well-known/openid-configuration) && echo "$d"`,
      `u=$\{d##*jwks_uri\\":\\"}; u=$\{u%%/openid*}`,
      `${ask} --server=$u get --raw /openid/v1/jwks && echo && cat /var/run/secrets/tokens/token`,
    ].join("; ");
    const containers = [container(script, { image, volumeMounts })];
    await over(at, "verifies", { ...projected("oidc-discovery-test"), containers });
    const [discovered, jwks, token] = (await at.k("logs", "verifies")).split("\n");
    const { iss, sub, aud } = claims(token!);
    assert.equal(JSON.parse(discovered!).issuer, iss);
    assert.equal(sub, "system:serviceaccount:issuer:default");
    assert.deepEqual(aud, ["oidc-discovery-test"]);
    const [header, payload, signature] = token!.split(".") as [string, string, string];
    const { kid, alg } = JSON.parse(Buffer.from(header, "base64url").toString());
    assert.ok(JSON.parse(discovered!).id_token_signing_alg_values_supported.includes(alg));
    const jwk = JSON.parse(jwks!).keys.find((key: { kid: string }) => key.kid === kid);
    const key = createPublicKey({ key: jwk, format: "jwk" });
    assert.ok(verify("sha256", Buffer.from(`${header}.${payload}`), key, Buffer.from(signature, "base64url")));
  });
});
