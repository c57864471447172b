import assert from "node:assert/strict";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";
import type { Service } from "../../src/api/core/v1/index.ts";
import type { EndpointSlice } from "../../src/api/discovery/v1/index.ts";
import { container, FOREVER, isReady, type Json, PodCluster, pod } from "./podFixture.ts";
import { cannotRun, until } from "./realCluster.ts";

const skip = await cannotRun();
const MERGE = "application/merge-patch+json";
const SERVICES = "/api/v1/namespaces/default/services";
const SLICES = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices";

/** Says its name over HTTP at these ports. */
const SPEAK = (...ports: number[]) => `
  mkdir -p /tmp/www && hostname > /tmp/www/name && echo '<a href="/name">name</a>' > /tmp/www/index.html
  ${ports.map((port) => `httpd -p ${port} -h /tmp/www`).join("\n")}
  ${FOREVER}`;

/** From this machine, whose proxy rules are the Pods' own. */
function connected(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: 3000 });
    socket.on("connect", () => resolve("connected"));
    socket.on("timeout", () => reject(new Error("timed out")));
    socket.on("error", reject);
    socket.on("connect", () => socket.destroy());
  });
}

describe("Services as Pods see them", { skip, concurrency: true }, () => {
  let at: PodCluster;
  let nodeIP: string;
  before(async () => {
    at = await PodCluster.start("services");
    await at.create(pod("asker", { containers: [container(FOREVER)] }));
    await Promise.all(["be-1", "be-2", "be-3"].map((name) => speaker(name, { app: "be" })));
    nodeIP = (await at.podWhen("asker", isReady)).status.hostIP!;
  });
  after(() => at?.remove());

  const speaker = async (name: string, labels: Json, ports = [8080], more: Json = {}, spec: Json = {}) => {
    const probe = { readinessProbe: { httpGet: { port: ports[0], path: "/name" }, periodSeconds: 1 } };
    const containers = [container(SPEAK(...ports), { ...probe, ...more })];
    await at.create(pod(name, { restartPolicy: "Always", containers, ...spec }, { labels }));
    return at.podWhen(name, isReady, 60_000);
  };
  const service = async (name: string, spec: Json): Promise<Service> => {
    const body = { apiVersion: "v1", kind: "Service", metadata: { name }, spec };
    return (await at.request("POST", SERVICES, body)) as unknown as Service;
  };
  const patch = async (name: string, spec: Json) =>
    (await at.request("PATCH", `${SERVICES}/${name}`, { spec }, MERGE)) as unknown as Service;
  const ask = (url: string) => at.sh("asker", `timeout 3 wget -q -O - http://${url}/name`);
  const answers = (url: string, wanted: RegExp) => until(url, async () => wanted.test(await ask(url)));

  test("changes its type, and is reached in the way of each", async () => {
    const made = await service("shift", { type: "ExternalName", externalName: "be.default.svc.cluster.local" });
    await service("be", { selector: { app: "be" }, ports: [{ port: 80, targetPort: 8080 }] });
    assert.equal(made.spec.clusterIP, undefined);
    await answers("shift", /^be-/);
    const inside = { type: "ClusterIP", externalName: null, selector: { app: "be" } };
    const { spec } = await patch("shift", { ...inside, ports: [{ port: 80, targetPort: 8080 }] });
    await answers("shift", /^be-/);
    await answers(spec.clusterIP!, /^be-/);
    const open = await patch("shift", { type: "NodePort" });
    await answers(`${nodeIP}:${open.spec.ports![0]!.nodePort}`, /^be-/);
    const away = await patch("shift", { type: "ExternalName", externalName: "be.default.svc.cluster.local" });
    assert.deepEqual([away.spec.clusterIP, away.spec.ports?.[0]?.nodePort], [undefined, undefined]);
    const look = () => at.sh("asker", "nslookup shift.default.svc.cluster.local");
    await until("the alias", async () => /canonical name = be\.default/.test(await look()));
  });

  test("answers one client from one Pod as long as it is to", async () => {
    const { spec } = await service("sticky", {
      sessionAffinity: "ClientIP",
      selector: { app: "be" },
      ports: [{ port: 80, targetPort: 8080 }],
    });
    await answers("sticky", /^be-/);
    const asked = async () => {
      const all = await at.sh(
        "asker",
        `for i in 1 2 3 4 5 6 7 8 9 10 11 12; do wget -q -O - http://${spec.clusterIP}/name; done`,
      );
      return new Set(all.split("\n")).size;
    };
    assert.equal(await asked(), 1);
    await patch("sticky", { sessionAffinity: "None" });
    await until("several answer", async () => (await asked()) > 1);
    await patch("sticky", { sessionAffinity: "ClientIP" });
    await until("one answers", async () => (await asked()) === 1);
  });

  test("one port number over TCP and UDP, then over either alone", async () => {
    // What speaks UDP here is the cluster's DNS server: a second Service for it, its endpoints written by hand.
    const slices = await at.request("GET", `${SLICES.replace("default", "kube-system")}`);
    const server = (slices.items as Json[])[0] as unknown as EndpointSlice;
    const own = { metadata: { name: "both", labels: { "kubernetes.io/service-name": "both" } } };
    await at.request("POST", SLICES, { ...server, ...own });
    const ports = ["UDP", "TCP"].map((protocol) => {
      const { name } = server.ports!.find((it) => it.protocol === protocol)!;
      return { name, port: 53, protocol };
    });
    const [udp, tcp] = ports;
    const ip = (await service("both", { ports })).spec.clusterIP!;
    const overUdp = () => at.sh("asker", `timeout 3 nslookup -type=a kubernetes.default.svc.cluster.local ${ip}`);
    const overTcp = () => connected(ip, 53);
    const works = (what: string, asking: () => Promise<string>) =>
      until(what, async () => /Address:.*10\.|connected/.test(await asking()));
    const fails = (what: string, asking: () => Promise<string>) =>
      until(what, () =>
        asking().then(
          () => false,
          () => true,
        ),
      );
    await works("UDP", overUdp);
    await works("TCP", overTcp);
    await patch("both", { ports: [tcp] });
    await fails("UDP", overUdp);
    await works("TCP", overTcp);
    await patch("both", { ports: [udp] });
    await fails("TCP", overTcp);
    await works("UDP", overUdp);
  });

  test("endpoints written by hand, in several slices", async () => {
    await service("slices", { ports: ["one", "two"].map((name, i) => ({ name, port: 80 + i })) });
    const pods = await Promise.all([speaker("slice-1", {}, [8080, 8082]), speaker("slice-2", {}, [8080, 8082])]);
    for (const [i, name] of ["one", "two"].entries()) {
      await at.request("POST", SLICES, {
        apiVersion: "discovery.k8s.io/v1",
        kind: "EndpointSlice",
        metadata: { name: `slices-${name}`, labels: { "kubernetes.io/service-name": "slices" } },
        addressType: "IPv4",
        ports: [{ name, port: i === 0 ? 8080 : 8082, protocol: "TCP" }],
        endpoints: [{ addresses: [pods[i]!.status.podIP] }],
      });
    }
    await answers("slices:80", /^slice-1$/);
    await answers("slices:81", /^slice-2$/);
  });

  test("names: of a Service, its ports and address, of a Pod with hostname and subdomain", async () => {
    const { spec } = await service("named", {
      selector: { app: "be" },
      ports: [{ name: "web", port: 80, targetPort: 8080 }],
    });
    await service("group", { clusterIP: "None", selector: { app: "member" }, ports: [{ name: "web", port: 8080 }] });
    const member = await speaker("member", { app: "member" }, [8080], {}, { hostname: "first", subdomain: "group" });
    const look = (name: string, type = "a") => at.sh("asker", `nslookup -type=${type} ${name}`);
    const full = "default.svc.cluster.local";
    const ip = member.status.podIP!;
    for (const [name, type, answer] of [
      [`named.${full}`, "a", spec.clusterIP!],
      [`_web._tcp.named.${full}`, "srv", `named.${full}`],
      [`${spec.clusterIP!.split(".").reverse().join(".")}.in-addr.arpa`, "ptr", `named.${full}`],
      [`group.${full}`, "a", ip],
      [`first.group.${full}`, "a", ip],
      [`_web._tcp.group.${full}`, "srv", `first.group.${full}`],
      [`${ip.replaceAll(".", "-")}.default.pod.cluster.local`, "a", ip],
    ] as const)
      await until(`${type} of ${name}`, async () => (await look(name, type)).includes(answer));
    assert.equal(await at.sh("asker", "wget -q -O - http://first.group:8080/name"), "first");
    assert.match(await at.sh("member", "cat /etc/hosts"), new RegExp(`${ip}\\s+first\\.group\\.${full}\\s+first`));
  });

  test("one host port for several Pods, at different addresses and over different protocols", async () => {
    const port = 54_321;
    const use = (hostIP: string, protocol: string, containerPort: number) => ({
      ports: [{ containerPort, hostPort: port, hostIP, protocol }],
    });
    await speaker("host-1", {}, [8080], use("127.0.0.1", "TCP", 8080));
    await speaker("host-2", {}, [8080], use(nodeIP, "TCP", 8080));
    await speaker("host-3", {}, [8080], use(nodeIP, "UDP", 8081));
    await at.create(pod("on-host", { hostNetwork: true, containers: [container(FOREVER)] }));
    await at.podWhen("on-host", isReady);
    const says = (script: string, wanted: string) =>
      until(script, async () => (await at.sh("on-host", script)) === wanted, 20_000);
    await says(`timeout 3 wget -q -O - http://127.0.0.1:${port}/name`, "host-1");
    await says(`timeout 3 wget -q -O - http://${nodeIP}:${port}/name`, "host-2");
  });

  test("through the API server: Pods, Services and the node", async () => {
    await service("seen", { selector: { app: "be" }, ports: [{ name: "web", port: 80, targetPort: 8080 }] });
    const raw = (path: string) => at.cluster.kubectl("get", "--raw", path);
    const node = (await at.pod("asker")).spec.nodeName;
    assert.equal(await raw("/api/v1/namespaces/default/pods/be-1:8080/proxy/name"), "be-1\n");
    for (const way of ["seen", "seen:web", "http:seen:80"])
      await until(way, async () => /^be-\d\n$/.test(await raw(`${SERVICES}/${way}/proxy/name`)));
    assert.equal(await raw(`${SERVICES}/seen:web/proxy/`), `<a href="${SERVICES}/seen:web/proxy/name">name</a>\n`);
    assert.equal(await raw(`/api/v1/nodes/${node}/proxy/healthz`), "ok");
  });
});
