import assert from "node:assert/strict";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { cannotRun, RealCluster, ran } from "./realCluster.ts";

const GROUP = "wardle.example.com";
const DISCOVERY = {
  kind: "APIResourceList",
  apiVersion: "v1",
  groupVersion: `${GROUP}/v1alpha1`,
  resources: [
    {
      name: "flunders",
      singularName: "flunder",
      namespaced: true,
      kind: "Flunder",
      shortNames: ["fl"],
      verbs: ["list"],
    },
  ],
};

/** A server of a further API, as small as one can be: openssl, which sends files by their path. */
const DESCRIPTION = `name: coxswain.local/wardle:1
packages: [openssl, busybox-static]
root: root
links: { /bin/sh: busybox }
`;

describe("an API behind a Service", { skip: await cannotRun() }, () => {
  let cluster: RealCluster;
  before(async () => {
    cluster = await RealCluster.prepare("aggr");
    await cluster.coxOk("up");
  });
  after(() => cluster?.remove());

  const create = (object: object) => cluster.kubectlInput(JSON.stringify(object), "create", "-f", "-");
  const scratch = (...names: string[]) => join(cluster.scratch, ...names);

  async function buildImage(): Promise<void> {
    const file = scratch("root", "www", "apis", GROUP, "v1alpha1");
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, JSON.stringify(DISCOVERY));
    await writeFile(scratch("wardle.yaml"), DESCRIPTION);
    await cluster.coxOk("image", "build", "-f", scratch("wardle.yaml"));
  }

  /** A certificate for the Service's name that nobody but the APIService vouches for. */
  async function certificate(): Promise<string> {
    const [key, cert] = [scratch("tls.key"), scratch("tls.crt")];
    const name = ["-subj", "/CN=api", "-addext", "subjectAltName=DNS:api.default.svc"];
    const { code, stderr } = await ran(
      "openssl",
      ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", key, "-out", cert, ...name],
      process.env,
    );
    assert.equal(code, 0, stderr);
    await cluster.kubectl("create", "secret", "tls", "wardle", `--cert=${cert}`, `--key=${key}`);
    return (await readFile(cert)).toString("base64");
  }

  test("is reached through the API server, and only with the certificate it is registered with", async () => {
    await buildImage();
    const caBundle = await certificate();
    const tls = ["-cert", "/tls/tls.crt", "-key", "/tls/tls.key"];
    const container = {
      name: "wardle",
      image: "coxswain.local/wardle:1",
      workingDir: "/www",
      command: ["/usr/bin/openssl", "s_server", "-accept", "6443", "-WWW", "-quiet", ...tls],
      volumeMounts: [{ name: "tls", mountPath: "/tls" }],
    };
    const labels = { app: "wardle" };
    const volumes = [{ name: "tls", secret: { secretName: "wardle" } }];
    const spec = { terminationGracePeriodSeconds: 1, containers: [container], volumes };
    await create({ apiVersion: "v1", kind: "Pod", metadata: { name: "wardle", labels }, spec });
    const ports = [{ port: 443, targetPort: 6443 }];
    await create({ apiVersion: "v1", kind: "Service", metadata: { name: "api" }, spec: { selector: labels, ports } });
    const registration = {
      apiVersion: "apiregistration.k8s.io/v1",
      kind: "APIService",
      metadata: { name: `v1alpha1.${GROUP}` },
      spec: {
        group: GROUP,
        version: "v1alpha1",
        groupPriorityMinimum: 1000,
        versionPriority: 15,
        service: { namespace: "default", name: "api" },
      },
    };
    await create(registration);
    const api = `apiservice/v1alpha1.${GROUP}`;
    const waitFor = (what: string) => cluster.kubectl("wait", `--for=${what}`, api, "--timeout=60s");
    await waitFor("jsonpath={.status.conditions[0].reason}=FailedDiscoveryCheck");
    const refused = await cluster.tryKubectl("get", "--raw", `/apis/${GROUP}/v1alpha1`);
    assert.match(refused.stderr, /service unavailable|ServiceUnavailable|unable to handle the request/);
    await cluster.kubectl("patch", api, "--type=merge", "-p", JSON.stringify({ spec: { caBundle } }));
    await waitFor("condition=Available");
    assert.deepEqual(JSON.parse(await cluster.kubectl("get", "--raw", `/apis/${GROUP}/v1alpha1`)), DISCOVERY);
    const resources = await cluster.kubectl("api-resources", `--api-group=${GROUP}`, "--cached=false");
    assert.match(resources, /flunders\s+fl\s+wardle\.example\.com\/v1alpha1\s+true\s+Flunder/);
    assert.match(await cluster.kubectl("get", api), /v1alpha1\.wardle\.example\.com\s+default\/api\s+True/);
    await cluster.kubectl("delete", "pod", "wardle");
    await waitFor("jsonpath={.status.conditions[0].status}=False");
    await cluster.kubectl("delete", api);
    // what nobody answers any more is not there
    const gone = await cluster.tryKubectl("get", "--raw", `/apis/${GROUP}/v1alpha1`);
    assert.match(gone.stderr, /NotFound|could not find/);
  });
});
