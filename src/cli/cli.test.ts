import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { type TestContext, test } from "node:test";
import { deflateRawSync } from "node:zlib";
import { failure } from "../apimachinery/status.ts";
import type { Transport, TransportRequest } from "../client/transport.ts";
import { VirtualClock } from "../util/clock.ts";
import { applyManifests } from "./apply.ts";
import { parseManifests, readManifests } from "./manifests.ts";
import { duration, parseDuration, table } from "./print.ts";
import { createProgram, type Operations } from "./program.ts";
import { Progress } from "./progress.ts";
import { reachLines, reachServices } from "./reach.ts";
import { podTrouble, readinessOf } from "./readiness.ts";
import { readZipEntry } from "./zip.ts";

const CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";

async function folder(t: TestContext, files: Record<string, string>): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "cox-cli-"));
  t.after(() => rm(path, { recursive: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(join(path, name, ".."), { recursive: true });
    await writeFile(join(path, name), content);
  }
  return path;
}

test("reads a folder's own files by name, standard input, several documents and lists", async (t) => {
  const path = await folder(t, {
    "b.yaml": CONFIG_MAP.replace("a}", "b}"),
    "a.yaml": `${CONFIG_MAP}---\n# nothing\n---\n${CONFIG_MAP.replace("a}", "a2}")}`,
    "images/hello.yaml": "name: no manifest",
    "notes.txt": "not a manifest",
  });
  const list = JSON.stringify({
    apiVersion: "v1",
    kind: "List",
    items: [{ apiVersion: "v1", kind: "Pod", metadata: { name: "p" } }],
  });
  const manifests = await readManifests([path, "-"], Readable.from([list]));
  assert.deepEqual(
    manifests.map(({ object }) => object.metadata.name),
    ["a", "a2", "b", "p"],
  );
});

for (const [what, text, message] of [
  ["YAML that does not parse", "a: [", /^x.yaml: /],
  ["no kind", "apiVersion: v1", /^x.yaml: document 1: kind is missing/],
  [
    "no name",
    `${CONFIG_MAP}---\napiVersion: v1\nkind: Pod`,
    /^x.yaml: document 2: metadata.name of the Pod is missing/,
  ],
  ["no object", "- 1", /^x.yaml: document 1: is no object/],
] as const) {
  test(`a manifest with ${what} is refused by its place`, () => {
    assert.throws(() => parseManifests(text, "x.yaml"), { message });
  });
}

/** An API that knows ConfigMaps and Namespaces, and remembers what was asked. */
function api(refuse?: Error): { transport: Transport; asked: TransportRequest[] } {
  const asked: TransportRequest[] = [];
  const resources = [
    { name: "namespaces", kind: "Namespace", namespaced: false },
    { name: "configmaps", kind: "ConfigMap", namespaced: true },
  ];
  const transport: Transport = {
    async request(request) {
      asked.push(request);
      if (request.path === "/api/v1") return { resources };
      if (request.method === "GET") throw failure(404, "NotFound", "not found");
      if (refuse) throw refuse;
      return request.body;
    },
    async *watch() {},
    async close() {},
  };
  return { transport, asked };
}

test("applies on the server, Namespaces first", async () => {
  const { transport, asked } = api();
  const manifests = parseManifests(`${CONFIG_MAP}---\napiVersion: v1\nkind: Namespace\nmetadata: {name: n}`, "x.yaml");
  const applied = await applyManifests(transport, manifests);
  const expected = ["/api/v1/namespaces/n", "/api/v1/namespaces/default/configmaps/a"];
  assert.deepEqual(
    applied.map((it) => it.path),
    expected,
  );
  const patches = asked.filter((it) => it.method === "PATCH");
  assert.deepEqual(
    patches.map((it) => it.contentType),
    ["application/apply-patch+yaml", "application/apply-patch+yaml"],
  );
  assert.equal(patches[0]!.query?.fieldManager, "cox");
});

test("names the file and object that the API refuses, and kinds it does not have", async () => {
  const { transport } = api(failure(422, "Invalid", "data: Invalid value"));
  await assert.rejects(applyManifests(transport, parseManifests(CONFIG_MAP, "x.yaml")), {
    message: "x.yaml: ConfigMap/a: data: Invalid value",
  });
  const unknown = parseManifests("apiVersion: e.x/v1\nkind: Thing\nmetadata: {name: t}", "x.yaml");
  await assert.rejects(applyManifests(api().transport, unknown), {
    message: 'x.yaml: no matches for kind "Thing" in version "e.x/v1"',
  });
});

test("a Deployment is ready when the new Pods are available and the old ones gone", () => {
  const deployment = (status: object) =>
    readinessOf({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "d", generation: 2 },
      spec: { replicas: 3 },
      status,
    });
  const whole = { observedGeneration: 2, replicas: 3, updatedReplicas: 3, availableReplicas: 3 };
  assert.equal(deployment(whole), "ready");
  assert.deepEqual(deployment({ ...whole, observedGeneration: 1 }), { waitsFor: "the controller to see it" });
  assert.deepEqual(deployment({ ...whole, updatedReplicas: 1 }), { waitsFor: "1 of 3 Pods updated" });
  assert.deepEqual(deployment({ ...whole, replicas: 4 }), { waitsFor: "1 old Pods to end" });
  assert.deepEqual(deployment({ ...whole, availableReplicas: 2 }), { waitsFor: "2 of 3 Pods ready" });
  const conditions = [
    { type: "Progressing", status: "False", reason: "ProgressDeadlineExceeded", message: "too late" },
  ];
  assert.deepEqual(deployment({ ...whole, availableReplicas: 2, conditions }), { failed: "too late" });
});

test("says in a few words why a Pod does not run", () => {
  const pod = (status: object) => podTrouble({ metadata: { name: "p" }, status });
  const waiting = (reason: string, message: string) => ({
    containerStatuses: [{ name: "c", state: { waiting: { reason, message } } }],
  });
  assert.equal(pod(waiting("ImagePullBackOff", "no such image")), "container c: ImagePullBackOff: no such image");
  assert.equal(pod(waiting("ContainerCreating", "")), undefined);
  const conditions = [{ type: "PodScheduled", status: "False", reason: "Unschedulable", message: "0/1 nodes" }];
  assert.equal(pod({ conditions }), "Unschedulable: 0/1 nodes");
});

test("tells how to reach each type of Service", () => {
  const service = (name: string, spec: object) => ({
    path: "",
    object: { apiVersion: "v1", kind: "Service", metadata: { name, namespace: "n" }, spec },
  });
  const lines = reachLines(
    reachServices(
      [
        service("web", { type: "NodePort", ports: [{ port: 80, nodePort: 30080 }] }),
        service("db", { ports: [{ port: 5432, protocol: "TCP" }] }),
        service("dns", { ports: [{ port: 53, protocol: "UDP" }] }),
      ],
      "192.0.2.1",
      "cluster.local",
    ),
  );
  assert.deepEqual(lines, [
    "Service n/web (NodePort)",
    "  from this machine: http://192.0.2.1:30080",
    "  from a Pod:        http://web.n.svc.cluster.local",
    "Service n/db (ClusterIP)",
    "  from a Pod:        http://db.n.svc.cluster.local:5432",
    "  from this machine: cox kubectl -n n port-forward service/db 8080:5432",
    "Service n/dns (ClusterIP)",
    "  from a Pod:        udp://dns.n.svc.cluster.local:53",
    "  from this machine: cox kubectl -n n port-forward service/dns 8080:53",
  ]);
});

test("a step that takes too long fails with what it waited for", async () => {
  const clock = new VirtualClock();
  let shown = "";
  const progress = new Progress({ isTTY: false, write: (text) => (shown += text) }, clock);
  const step = progress.step("Node", { timeout: 60_000, component: "node" }, async ({ note, signal }) => {
    note("no network yet");
    await new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  });
  clock.step(clock.now() + 60_000);
  await assert.rejects(step, { message: "Node: not done after 60 s (no network yet)", component: "node" });
  assert.equal(shown, "✗ Node  60.0 s  no network yet\n");
});

test("steps print plain lines where there is no terminal, and moving ones where there is", async () => {
  const clock = new VirtualClock();
  let shown = "";
  const progress = new Progress({ isTTY: true, columns: 80, write: (text) => (shown += text) }, clock);
  await progress.step("Host", { timeout: 1000 }, async ({ note }) => {
    clock.step(clock.now() + 80);
    note("all there");
  });
  assert.equal(shown.replaceAll("\r\x1b[K", "|"), "|⠋ Host  0.0 s|⠙ Host  0.1 s|✓ Host  0.1 s  all there\n");
  assert.deepEqual(progress.timings, [{ step: "Host", ms: 80 }]);
});

/** What the parsed command line asks for. */
async function parsed(...args: string[]): Promise<unknown[]> {
  const called: unknown[] = [];
  const operations = new Proxy({} as Operations, {
    get:
      (_, name) =>
      (...given: unknown[]) => {
        called.push(name, ...given);
        return Promise.resolve(0);
      },
  });
  await createProgram(operations, "v1", () => {}).parseAsync(args, { from: "user" });
  return called;
}

test("parses the command line", async () => {
  assert.deepEqual(await parsed("up", "-f", "a", "-f", "-", "--no-install", "--timeout", "90s", "--name", "x"), [
    "up",
    { name: "x", output: "text", file: ["a", "-"], timeout: 90_000, install: "no" },
  ]);
  assert.deepEqual(await parsed("kubectl", "--name", "x", "get", "pods", "-o", "wide", "--help"), [
    "kubectl",
    ["get", "pods", "-o", "wide", "--help"],
    { name: "x" },
  ]);
  const [name, options] = await parsed(
    "image",
    "build",
    "--root",
    "r",
    "--entrypoint",
    '["/a","b c"]',
    "--cmd",
    "d e",
    "-t",
    "n",
  );
  assert.equal(name, "imageBuild");
  assert.deepEqual((options as { entrypoint: string[] }).entrypoint, ["/a", "b c"]);
  assert.deepEqual((options as { cmd: string[] }).cmd, ["d", "e"]);
});

test("durations are read and shown as people write them", () => {
  assert.deepEqual(["90s", "1h30m", "5", "1.5s", "x"].map(parseDuration), [90_000, 5_400_000, 5000, 1500, undefined]);
  assert.deepEqual([0, 42, 190, 18_120, 356_400].map(duration), ["0s", "42s", "3m10s", "5h2m", "4d3h"]);
});

test("tables line up", () => {
  assert.equal(
    table(
      ["NAME", "AGE"],
      [
        ["a", "1s"],
        ["longer", "2s"],
      ],
    ),
    "NAME     AGE\na        1s\nlonger   2s\n",
  );
});

test("finds a packed and a plain entry of a ZIP archive", () => {
  const archive = zip({ "a/plain": [Buffer.from("one"), 0], "a/packed": [Buffer.from("two".repeat(100)), 8] });
  assert.equal(String(readZipEntry(archive, (name) => name === "a/plain")), "one");
  assert.equal(String(readZipEntry(archive, (name) => name.endsWith("packed"))), "two".repeat(100));
  assert.throws(() => readZipEntry(archive, () => false), /does not have the entry/);
  assert.throws(() => readZipEntry(Buffer.from("no"), () => true), /not a ZIP archive/);
});

/** A minimal ZIP archive: local entries, their directory, its end. */
function zip(files: Record<string, [Buffer, 0 | 8]>): Buffer {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, [content, method]] of Object.entries(files)) {
    const data = method === 8 ? deflateRawSync(content) : content;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50);
    local.writeUInt16LE(name.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(data.length, 20);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(offset, 42);
    locals.push(local, Buffer.from(name), data);
    directory.push(central, Buffer.from(name));
    offset += 30 + name.length + data.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...locals, ...directory, end]);
}
