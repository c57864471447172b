import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type DecodedPacket, decode, encode, streamEncode } from "dns-packet";
import { Service } from "../api/core/v1/index.ts";
import { normalize } from "../apimachinery/decode.ts";
import { realClock } from "../util/clock.ts";
import { silentLogger } from "../util/logger.ts";
import { seededRandom } from "../util/random.ts";
import type { ClusterView } from "./clusterView.ts";
import { Forwarder, nameservers } from "./forward.ts";
import { serveDns } from "./server.ts";

const MANY = Array.from({ length: 100 }, (_, i) => `10.0.0.${i}`);
const big = normalize(Service.schema, {
  metadata: { name: "big", namespace: "a" },
  spec: { clusterIP: "None" },
}) as Service;
const view: ClusterView = {
  namespaceExists: () => true,
  service: (_namespace, name) => (name === "big" ? big : undefined),
  endpoints: () => [{ addresses: MANY, hostname: "x", named: true, ports: [] }],
  serviceByClusterIP: () => undefined,
  endpointNames: () => [],
};

/** A free port for both UDP and TCP on loopback. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function start(t: TestContext, forward: (query: Buffer) => Promise<Buffer | undefined>): Promise<number> {
  const port = await freePort();
  const ending = new AbortController();
  const options = { clock: realClock, logger: silentLogger, random: seededRandom(1), view, domain: "cluster.local" };
  const listening = Promise.withResolvers<void>();
  const logger = { ...silentLogger, info: () => listening.resolve() };
  const served = serveDns({ ...options, logger, address: "127.0.0.1", port, forward }, ending.signal);
  t.after(async () => {
    ending.abort();
    await served;
  });
  await listening.promise;
  return port;
}

function question(name: string, udpPayloadSize?: number) {
  const additionals = udpPayloadSize
    ? [{ type: "OPT" as const, name: ".", udpPayloadSize, flags: 0, options: [] }]
    : [];
  return { type: "query" as const, id: 7, flags: 0x0100, questions: [{ type: "A" as const, name }], additionals };
}

async function askUdp(port: number, query: Buffer): Promise<DecodedPacket> {
  const socket = createSocket("udp4");
  const reply = new Promise<Buffer>((resolve) => socket.once("message", resolve));
  socket.send(query, port, "127.0.0.1");
  const packet = decode(await reply);
  socket.close();
  return packet;
}

async function askTcp(port: number, query: Buffer): Promise<DecodedPacket> {
  const socket = connect(port, "127.0.0.1");
  socket.write(query);
  let read = Buffer.alloc(0);
  for await (const chunk of socket) {
    read = Buffer.concat([read, chunk as Buffer]);
    if (read.length >= 2 + read.readUInt16BE(0)) break;
  }
  return decode(read.subarray(2));
}

const none = async () => undefined;

test("a long answer is cut off on UDP, whole with EDNS, and whole on TCP", async (t) => {
  const port = await start(t, none);
  const query = question("BIG.a.svc.cluster.local");
  const cut = await askUdp(port, encode(query as never));
  assert.equal(cut.flag_tc, true);
  const wide = await askUdp(port, encode(question("BIG.a.svc.cluster.local", 4096) as never));
  assert.equal(wide.answers?.length, 100);
  assert.equal(wide.answers?.[0]?.name, "BIG.a.svc.cluster.local");
  const whole = await askTcp(port, streamEncode(query as never));
  assert.equal(whole.answers?.length, 100);
  assert.equal(whole.flag_tc, false);
});

test("an unknown name of the cluster is denied with the zone's authority", async (t) => {
  const port = await start(t, none);
  const reply = (await askUdp(port, encode(question("no.a.svc.cluster.local") as never))) as DecodedPacket & {
    rcode: string;
  };
  assert.equal(reply.rcode, "NXDOMAIN");
  assert.equal(reply.authorities?.[0]?.type, "SOA");
});

test("every other name is handed on, and a failure upstream is told", async (t) => {
  const asked: string[] = [];
  const port = await start(t, async (query) => {
    asked.push(decode(query).questions![0]!.name);
    return undefined;
  });
  const reply = (await askUdp(port, encode(question("example.test") as never))) as DecodedPacket & { rcode: string };
  assert.equal(reply.rcode, "SERVFAIL");
  assert.deepEqual(asked, ["example.test"]);
});

test("bytes that are no question are answered with a format error or not at all", async (t) => {
  const port = await start(t, none);
  const bytes = Buffer.concat([encode(question("a") as never).subarray(0, 12), Buffer.from([0xff, 0xff])]);
  const reply = (await askUdp(port, bytes)) as DecodedPacket & { rcode: string };
  assert.equal(reply.rcode, "FORMERR");
});

test("the forwarder asks the servers of a resolv.conf in turn, never itself", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "dns-"));
  t.after(() => rm(folder, { recursive: true }));
  const resolvConf = join(folder, "resolv.conf");
  await writeFile(resolvConf, "search x\nnameserver 127.0.0.9\nnameserver 127.0.0.1\n");
  const upstream = createSocket("udp4");
  upstream.on("message", (query, from) => {
    const { id, questions } = decode(query);
    const answers = [{ type: "A" as const, name: "example.test", data: "192.0.2.1" }];
    upstream.send(encode({ type: "response", id, questions, answers }), from.port, from.address);
  });
  await new Promise<void>((resolve) => upstream.bind(0, "127.0.0.1", resolve));
  t.after(() => upstream.close());
  const forwarder = new Forwarder({
    clock: realClock,
    random: seededRandom(2),
    resolvConf,
    own: new Set(["127.0.0.9"]),
    port: upstream.address().port,
  });
  const reply = await forwarder.ask(encode(question("example.test") as never), false, AbortSignal.timeout(5000));
  assert.equal(decode(reply!).id, 7);
  assert.deepEqual(nameservers("nameserver  1.2.3.4\n#nameserver 5.6.7.8\n"), ["1.2.3.4"]);
});
