import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import type { Container, Pod } from "../../api/core/v1/index.ts";
import { ResourceClaim, ResourceSlice } from "../../api/resource/v1/index.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import { FakeApi } from "../../client/fakeApi.ts";
import { createClient } from "../../client/index.ts";
import { VirtualClock } from "../../util/clock.ts";
import { handler, serveGrpc } from "../../util/grpc/testServer.ts";
import { silentLogger } from "../../util/logger.ts";
import { seededRandom } from "../../util/random.ts";
import { REGISTRATION } from "../plugins/messages.ts";
import { PluginRegistry } from "../plugins/registration.ts";
import { editsOf, runtimeKnowsCdi } from "./cdi.ts";
import { DRA_VERSIONS } from "./messages.ts";
import { DevicePlugins } from "./plugins.ts";
import { PodDevices } from "./podDevices.ts";

const DRIVER = "oars.example.com";
const [version] = DRA_VERSIONS;

/** A driver whose every claim is one oar; it remembers what it was asked. */
async function startDriver(t: TestContext, root: string, supportedVersions = ["v1.DRAPlugin"]) {
  const socket = join(root, "plugins", DRIVER, "dra.sock");
  const registration = join(root, "plugins_registry", `${DRIVER}-reg.sock`);
  await mkdir(dirname(socket), { recursive: true });
  const it = { trace: [] as string[], refuses: "", told: "", stop: async () => {} };
  const info = { type: "DRAPlugin", name: DRIVER, endpoint: socket, supportedVersions };
  const told = (error: string) => {
    it.told = error;
    return {};
  };
  const registrar = await serveGrpc(registration, [
    handler(REGISTRATION.getInfo, () => info),
    handler(REGISTRATION.notifyRegistrationStatus, ({ error }) => told(error)),
  ]);
  const answer = (what: string, claims: readonly { uid: string; name: string }[], devices: object) => ({
    claims: claims.map(({ uid, name }) => {
      it.trace.push(`${what} ${name}`);
      return { key: uid, value: it.refuses ? { error: it.refuses } : devices };
    }),
  });
  const device = { requestNames: ["oar"], poolName: "a", deviceName: "oar-0", cdiDeviceIds: [`${DRIVER}/oar=oar-0`] };
  const service = await serveGrpc(socket, [
    handler(version!.prepare, ({ claims }) => answer("prepare", claims, { devices: [device] })),
    handler(version!.unprepare, ({ claims }) => answer("unprepare", claims, {})),
  ]);
  it.stop = async () => {
    await registrar.close();
    await service.close();
    it.stop = async () => {};
  };
  t.after(() => it.stop());
  return it;
}

async function machine(t: TestContext) {
  const root = await mkdtemp(join(tmpdir(), "cox-devices-"));
  const clock = new VirtualClock();
  const kinds = [ResourceClaim, ResourceSlice] as unknown as readonly Kind[];
  const takenBack: (string | undefined)[] = [];
  const client = Object.assign(createClient(new FakeApi(kinds, { clock, random: seededRandom(1) })), {
    deleteCollection: async (_kind: unknown, options: { fieldSelector?: string }) => {
      takenBack.push(options.fieldSelector);
    },
  });
  const options = { clock, logger: silentLogger, client, nodeName: "a", onMachine: (path: string) => path };
  const plugins = new DevicePlugins(options);
  const directory = join(root, "plugins_registry");
  await mkdir(directory);
  const registry = new PluginRegistry({ ...options, directory, handlers: { DRAPlugin: plugins }, changed() {} });
  const cdi = join(root, "cdi");
  await mkdir(cdi);
  const start = async () => {
    const plugin = (name: string) => plugins.get(name);
    const file = join(root, "devices.json");
    const devices = new PodDevices({ client, file, plugin, knowsCdi: async () => false, cdiDirectories: [cdi] });
    await devices.recall();
    return devices;
  };
  t.after(async () => {
    plugins.end();
    await rm(root, { recursive: true });
  });
  return { root, cdi, clock, client, plugins, registry, takenBack, start, devices: await start() };
}

const pod = (uid: string) =>
  ({
    metadata: { namespace: "default", name: uid, uid },
    spec: { containers: [], resourceClaims: [{ name: "mine", resourceClaimName: "oars" }] },
    status: {},
  }) as unknown as Pod;
const container = (request?: string) => ({ resources: { claims: [{ name: "mine", ...(request && { request }) }] } });

async function claim(client: ReturnType<typeof createClient>, users: readonly string[]): Promise<void> {
  const results = [{ request: "oar", driver: DRIVER, pool: "a", device: "oar-0" }];
  const reservedFor = users.map((uid) => ({ resource: "pods", name: uid, uid }));
  const status = { allocation: { devices: { results } }, reservedFor };
  const metadata = { namespace: "default", name: "oars" };
  const made = { metadata, spec: { devices: { requests: [] } }, status } as unknown as ResourceClaim;
  await client.create(ResourceClaim, made);
}

const describeOar = (cdi: string, edits: object, general: object = {}) =>
  writeFile(
    join(cdi, "oars.json"),
    JSON.stringify({
      cdiVersion: "0.6.0",
      kind: `${DRIVER}/oar`,
      containerEdits: general,
      devices: [{ name: "oar-0", containerEdits: edits }],
    }),
  );

test("a claim is made ready once for all its Pods here, and undone after the last, by a later kubelet too", async (t) => {
  const { root, cdi, client, registry, devices, start } = await machine(t);
  const driver = await startDriver(t, root);
  await claim(client, ["one", "two"]);
  await assert.rejects(devices.prepare(pod("one")), { message: `DRA driver ${DRIVER} is not registered` });
  await registry.look();
  await devices.prepare(pod("one"));
  await devices.prepare(pod("two"));
  assert.deepEqual(driver.trace, ["prepare oars"]);

  const node = { path: "/dev/oar", hostPath: "/dev/null", permissions: "rw" };
  const mount = { hostPath: "/srv/oar", containerPath: "/oar", options: ["ro", "rbind"] };
  await describeOar(cdi, { env: ["OAR=zero"], deviceNodes: [node] }, { mounts: [mount] });
  const edits = await devices.editsFor(pod("one"), container("oar"));
  assert.deepEqual(edits.environment, [["OAR", "zero"]]);
  assert.deepEqual(edits.devices, [{ containerPath: "/dev/oar", hostPath: "/dev/null", permissions: "rw" }]);
  assert.deepEqual(
    edits.mounts.map(({ containerPath, readonly }) => [containerPath, readonly]),
    [["/oar", true]],
  );
  assert.deepEqual((await devices.editsFor(pod("one"), container("other"))).devices, []);
  assert.deepEqual((await devices.editsFor(pod("one"), {} as Container)).devices, []);

  const later = await start();
  assert.equal((await later.editsFor(pod("two"), container())).devices.length, 1);
  await later.release("one");
  assert.deepEqual(driver.trace, ["prepare oars"]);
  driver.refuses = "busy";
  await assert.rejects(later.release("two"), /NodeUnprepareResources failed for ResourceClaim oars: busy/);
  driver.refuses = "";
  await later.release("two");
  assert.deepEqual(driver.trace.slice(-1), ["unprepare oars"]);
  await (await start()).release("two"); // nothing is left of it
});

test("a Pod must be among those that may use the claim, and a driver may fail", async (t) => {
  const { root, client, registry, devices } = await machine(t);
  const driver = await startDriver(t, root, ["v1.DRAPlugin", "v1beta1.DRAPlugin"]);
  await registry.look();
  assert.equal(driver.told, "");
  await claim(client, ["one"]);
  await assert.rejects(devices.prepare(pod("two")), /pod two is not allowed to use ResourceClaim oars/);
  driver.refuses = "broken";
  await assert.rejects(devices.prepare(pod("one")), /NodePrepareResources failed for ResourceClaim oars: broken/);
  driver.refuses = "";
  await devices.prepare(pod("one"));
});

test("devices of a driver that stays away are taken back; one that is updated keeps them", async (t) => {
  const { root, clock, registry, plugins, takenBack } = await machine(t);
  const pass = (ms: number) => {
    const until = clock.now() + ms;
    while (clock.step(until));
  };
  plugins.begin();
  const first = await startDriver(t, root);
  await registry.look();
  pass(31_000);
  assert.deepEqual(takenBack.splice(0), [`spec.nodeName=a,spec.driver!=${DRIVER}`]);
  await first.stop();
  await registry.look();
  pass(10_000);
  const second = await startDriver(t, root);
  await registry.look();
  pass(31_000);
  assert.deepEqual(takenBack, []);
  await second.stop();
  await registry.look();
  pass(31_000);
  assert.deepEqual(takenBack, [`spec.nodeName=a,spec.driver=${DRIVER}`]);
});

test("a version that is not spoken, a device that nobody describes, and what older runtimes cannot do", async (t) => {
  const { root, cdi, registry } = await machine(t);
  const driver = await startDriver(t, root, ["v1alpha3.Node"]);
  await registry.look();
  assert.match(driver.told, /none of the versions specified "v1alpha3.Node" are supported/);
  await assert.rejects(editsOf([`${DRIVER}/oar=oar-0`], [cdi]), /unresolvable CDI device oars.example.com\/oar=oar-0/);
  await describeOar(cdi, { hooks: [{ hookName: "createContainer", path: "/bin/true" }] });
  await assert.rejects(editsOf([`${DRIVER}/oar=oar-0`], [cdi]), /hooks need a container runtime that knows CDI/);
  const runtime = (runtimeVersion: string, runtimeName = "containerd") =>
    runtimeKnowsCdi({ version: "", runtimeName, runtimeVersion, runtimeApiVersion: "v1" });
  assert.deepEqual(
    [runtime("1.6.20~ds1"), runtime("v1.7.2"), runtime("2.0.1"), runtime("1.0", "cri-o")],
    [false, true, true, true],
  );
});
