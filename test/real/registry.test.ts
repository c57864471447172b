import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { findProgram } from "../../src/cluster/host.ts";
import { imageSpec } from "../../src/cluster/images/imageFile.ts";
import { type BuiltImage, buildImage } from "../../src/cluster/images/ociImage.ts";
import { cannotRun, RealCluster, until } from "./realCluster.ts";

const skip = (await cannotRun()) || (!(await findProgram("docker-registry")) && "needs docker-registry");
const REGISTRY = "127.0.0.1:5987";

describe("pulling from a registry", { skip }, () => {
  let cluster: RealCluster;
  let registry: ChildProcess;
  before(async () => {
    cluster = await RealCluster.prepare("pull");
    registry = await startRegistry(cluster.scratch);
    await push(await helloImage(), "hello", "v1");
    await push(await kittenImage(cluster.scratch), "kitten", "1");
    const config = join(cluster.scratch, "registries.yaml");
    const mirrors = {
      [REGISTRY]: { endpoint: [`http://${REGISTRY}`] },
      "registry.example": { endpoint: [`http://${REGISTRY}`] },
    };
    await writeFile(config, JSON.stringify({ mirrors }));
    await cluster.coxOk("up", "--nodes", "2", "--registry-config", config);
  });
  after(async () => {
    registry?.kill();
    await cluster?.remove();
  });

  const run = (name: string, image: string) =>
    cluster.kubectl("run", name, `--image=${image}`, "--restart=Never", "--image-pull-policy=Always");

  test("an image of a plain-HTTP registry is pulled and runs", async () => {
    await run("direct", `${REGISTRY}/hello:v1`);
    await cluster.kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/direct", "--timeout=60s");
    assert.equal(await cluster.kubectl("logs", "direct"), "hello from a registry\n");
    assert.match(
      await cluster.kubectl("get", "events", "--field-selector=involvedObject.name=direct"),
      /Successfully pulled image/,
    );
  });

  test("an image of a registry that has a mirror comes from there", async () => {
    await run("mirrored", "registry.example/hello:v1");
    await cluster.kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/mirrored", "--timeout=60s");
  });

  test("a node on a machine of its own reaches the registry on the host's loopback", async () => {
    const overrides = JSON.stringify({ spec: { nodeName: "node-2" } });
    for (const image of [`${REGISTRY}/hello:v1`, "registry.example/hello:v1"]) {
      const name = image.startsWith("127") ? "far-direct" : "far-mirrored";
      const options = ["--restart=Never", "--image-pull-policy=Always", `--overrides=${overrides}`];
      await cluster.kubectl("run", name, `--image=${image}`, ...options);
      await cluster.kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", `pod/${name}`, "--timeout=60s");
    }
  });

  test("[sig-node] ImageVolume should succeed with pod and pull policy of Always [LinuxOnly] [MinimumKubeletVersion:1.35] [Conformance]", async () => {
    for (const nodeName of [hostname(), "node-2"]) {
      const name = `volume-${nodeName}`;
      const container = {
        name,
        image: `${REGISTRY}/hello:v1`,
        command: ["/bin/busybox", "sh", "-c", "while true; do echo test; sleep 1; done"],
        volumeMounts: [{ name: "volume", mountPath: "/volume" }],
      };
      const volumes = [{ name: "volume", image: { reference: `${REGISTRY}/kitten:1`, pullPolicy: "Always" } }];
      const spec = { nodeName, terminationGracePeriodSeconds: 0, containers: [container], volumes };
      const pod = { apiVersion: "v1", kind: "Pod", metadata: { name }, spec };
      await cluster.kubectlInput(JSON.stringify(pod), "create", "-f", "-");
      await cluster.kubectl("wait", "--for=condition=Ready", `pod/${name}`, "--timeout=60s");
      const read = (path: string) => cluster.kubectl("exec", name, "--", "/bin/busybox", "cat", `/volume/${path}`);
      assert.match(await read("data.json"), /kitten\.jpg/);
      assert.match(await read("etc/os-release"), /PRETTY_NAME/);
    }
  });

  test("an image that does not exist is reported and tried again", async () => {
    await run("missing", `${REGISTRY}/none:v1`);
    await until("the Pod says so", async () => {
      const { status } = await cluster.json<{
        status: { containerStatuses?: { state: { waiting?: { reason: string } } }[] };
      }>("get", "pod", "missing");
      return /^(ErrImagePull|ImagePullBackOff)$/.test(status.containerStatuses?.[0]?.state.waiting?.reason ?? "");
    });
    assert.match(
      await cluster.kubectl("get", "events", "--field-selector=involvedObject.name=missing"),
      /Failed to pull image/,
    );
    await push(await helloImage(), "none", "v1");
    await cluster.kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/missing", "--timeout=90s");
  });
});

async function helloImage(): Promise<BuiltImage> {
  const copy = [{ from: "/bin/busybox", to: "/bin/busybox" }];
  const cmd = ["echo", "hello from a registry"];
  return buildImage(await imageSpec({ name: "hello", copy, entrypoint: ["/bin/busybox"], cmd }, "."));
}

/** An image that is no program, only files, some of them far down. */
async function kittenImage(folder: string): Promise<BuiltImage> {
  const file = join(folder, "data.json");
  await writeFile(file, JSON.stringify({ image: "kitten.jpg" }));
  const copy = [
    { from: file, to: "/data.json" },
    { from: "/usr/lib/os-release", to: "/etc/os-release" },
  ];
  return buildImage(await imageSpec({ name: "kitten", copy, entrypoint: ["/none"] }, "."));
}

async function startRegistry(folder: string): Promise<ChildProcess> {
  const config = join(folder, "registry.yml");
  const storage = { filesystem: { rootdirectory: join(folder, "registry") } };
  await writeFile(config, JSON.stringify({ version: 0.1, storage, http: { addr: REGISTRY } }));
  const child = spawn("docker-registry", ["serve", config], { stdio: "ignore" });
  await until("the registry answers", async () => (await fetch(`http://${REGISTRY}/v2/`)).ok);
  return child;
}

/** Pushes an image by the registry's API: blobs first, then the manifest that names them. */
async function push(image: BuiltImage, name: string, tag: string): Promise<void> {
  const base = `http://${REGISTRY}/v2/${name}`;
  for (const { digest, content } of image.blobs.filter((blob) => blob.digest !== image.digest)) {
    assert.equal(digest, `sha256:${createHash("sha256").update(content).digest("hex")}`);
    const begun = await fetch(`${base}/blobs/uploads/`, { method: "POST" });
    const place = new URL(begun.headers.get("location")!, base);
    place.searchParams.set("digest", digest);
    const headers = { "content-type": "application/octet-stream" };
    assert.equal((await fetch(place, { method: "PUT", body: new Uint8Array(content), headers })).status, 201);
  }
  const headers = { "content-type": "application/vnd.oci.image.manifest.v1+json" };
  const body = new Uint8Array(image.manifest.content);
  assert.equal((await fetch(`${base}/manifests/${tag}`, { method: "PUT", body, headers })).status, 201);
}
