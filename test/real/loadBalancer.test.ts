import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { cannotRun, get, RealCluster, until } from "./realCluster.ts";

const skip = await cannotRun();

interface Balanced {
  metadata: { finalizers?: string[] };
  status: { loadBalancer: { ingress?: { ip: string }[] } };
}

describe("a Service of type LoadBalancer", { skip }, () => {
  let cluster: RealCluster;
  before(async () => {
    cluster = await RealCluster.prepare("balance");
    await cluster.coxOk("up", "--nodes", "2", "-f", "examples/hello/");
  });
  after(() => cluster?.remove());

  const address = () =>
    until("it has an address", async () => {
      const { status } = await cluster.json<Balanced>("get", "service", "lb");
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
