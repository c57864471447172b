import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { after, before, describe, test } from "node:test";
import { http, NetworkCluster, udp } from "./networkFixture.ts";
import { cannotRun, get, type RealCluster, until } from "./realCluster.ts";

const skip = await cannotRun();

interface Balanced {
  metadata: { finalizers?: string[] };
  status: { loadBalancer: { ingress?: { ip: string }[] } };
}

describe("a Service of type LoadBalancer", { skip }, () => {
  let on: NetworkCluster;
  let cluster: RealCluster;
  before(async () => {
    on = await NetworkCluster.start("balance", "--nodes", "2", "-f", "examples/hello/");
    cluster = on.at.cluster;
  });
  after(() => on?.remove());

  const address = (name = "lb") =>
    until("it has an address", async () => {
      const { status } = await cluster.json<Balanced>("get", "service", name);
      return status.loadBalancer.ingress?.[0]?.ip;
    });
  const hello = /^Hello from Pod/;
  const answers = (url: string) => until(`${url} answers`, async () => hello.test(await get(url)));
  const isSilent = (url: string) =>
    until(`${url} does not answer`, () =>
      get(url, 500).then(
        () => false,
        () => true,
      ),
    );
  const patch = (spec: object) =>
    cluster.kubectl("patch", "service", "lb", "--type=merge", "-p", JSON.stringify({ spec }));

  test("is reached from the host, with its ports as they are now", async () => {
    await cluster.kubectl(
      "expose",
      "deployment",
      "hello",
      "--name=lb",
      "--type=LoadBalancer",
      "--port=80",
      "--target-port=http",
    );
    const ip = await address();
    await answers(`http://${ip}`);
    await patch({ ports: [{ port: 8080, targetPort: "http" }] });
    await answers(`http://${ip}:8080`);
    await isSilent(`http://${ip}`);
  });

  test("is closed to sources that it does not name", async () => {
    const ip = await address();
    await patch({ loadBalancerSourceRanges: ["203.0.113.0/24"] });
    await isSilent(`http://${ip}:8080`);
    await patch({ loadBalancerSourceRanges: null });
    await answers(`http://${ip}:8080`);
  });

  /** One datagram from this host, and what came back. */
  const askUdp = async (host: string, port: number): Promise<string> => {
    const socket = createSocket("udp4");
    try {
      socket.send("?", port, host);
      const [answer] = await once(socket, "message", { signal: AbortSignal.timeout(1000) });
      return String(answer);
    } catch {
      return "nothing";
    } finally {
      socket.close();
    }
  };
  const saysUdp = (host: string, port: number, wanted: string) =>
    until(`UDP ${host}:${port} says ${wanted}`, async () => (await askUdp(host, port)) === wanted);

  /** Of this host and of node-2. */
  const nodeAddresses = async () => {
    interface Named {
      metadata: { name: string };
      status: { addresses: { address: string }[] };
    }
    const { items } = await cluster.json<{ items: Named[] }>("get", "nodes");
    const isSecond = ({ metadata }: Named) => metadata.name === "node-2";
    return [items.find((it) => !isSecond(it)), items.find(isSecond)].map((it) => it!.status.addresses[0]!.address);
  };

  test("that is Local is served by nodes with a ready Pod only, and the Pod sees who asks", async () => {
    await on.serve("far", { app: "far" }, { nodeName: "node-2" });
    const local = { type: "LoadBalancer", externalTrafficPolicy: "Local", selector: { app: "far" } };
    const { spec } = await on.service("local", { ...local, ports: [http, udp] });
    const ip = await address("local");
    await until("far answers", async () => (await get(`http://${ip}/`)) === "far");
    await saysUdp(ip, 80, "far");
    const [first, second] = await nodeAddresses();
    assert.equal(await get(`http://${ip}/client`), first, "the host's own address, and no gateway's");
    const health = (node: string) => get(`http://${node}:${spec.healthCheckNodePort}/healthz`).catch(String);
    await until("the first node is out", async () => /status 503/.test(await health(first!)));
    await until("the second is in", async () => /"localEndpoints":1/.test(await health(second!)));

    await on.patch("local", {
      ports: [
        { ...http, port: 8080 },
        { ...udp, port: 5300 },
      ],
    });
    await until("the port has changed", async () => (await get(`http://${ip}:8080/`)) === "far");
    await saysUdp(ip, 5300, "far");
    await saysUdp(ip, 80, "nothing");
    await on.patch("local", { loadBalancerSourceRanges: ["203.0.113.0/24"] });
    await isSilent(`http://${ip}:8080`);
    await saysUdp(ip, 5300, "nothing");
    await on.patch("local", { loadBalancerSourceRanges: [`${first}/32`] });
    await saysUdp(ip, 5300, "far");
  });

  test("keeps its address through a stop and a start, and with it goes the finalizer", async () => {
    const ip = await address();
    await cluster.coxOk("stop");
    await cluster.coxOk("start");
    assert.equal(await address(), ip);
    await answers(`http://${ip}:8080`);
    await cluster.kubectl("patch", "service", "lb", "--type=merge", "-p", '{"spec":{"type":"ClusterIP"}}');
    await until("it is a plain Service", async () => {
      const { metadata, status } = await cluster.json<Balanced>("get", "service", "lb");
      return !metadata.finalizers && !status.loadBalancer.ingress;
    });
    await isSilent(`http://${ip}:8080`);
    await cluster.kubectl("delete", "service", "lb");
  });
});
