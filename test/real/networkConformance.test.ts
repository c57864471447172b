/** Sentences of Kubernetes' conformance suite about the network that only real Pods can hold, each under its name there. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Service } from "../../src/api/core/v1/index.ts";
import { http, NetworkCluster } from "./networkFixture.ts";
import type { PodCluster } from "./podFixture.ts";
import { cannotRun, until } from "./realCluster.ts";

const skip = await cannotRun();

describe("the network as the conformance suite asks for it", { skip, concurrency: 3 }, () => {
  let on: NetworkCluster;
  let at: PodCluster;
  let nodeIP = "";

  const start: NetworkCluster["serve"] = (...args) => on.serve(...args);
  const service: NetworkCluster["service"] = (...args) => on.service(...args);
  const patch: NetworkCluster["patch"] = (...args) => on.patch(...args);
  const says: NetworkCluster["says"] = (...args) => on.says(...args);
  const fetches: NetworkCluster["fetches"] = (...args) => on.fetches(...args);
  const resolves: NetworkCluster["resolves"] = (...args) => on.resolves(...args);

  before(async () => {
    on = await NetworkCluster.start("netconf");
    at = on.at;
    const [client] = await Promise.all([
      start("client"),
      ...[1, 2, 3].map((i) => start(`backend-${i}`, { app: "backend" })),
    ]);
    nodeIP = client.status.hostIP!;
  });
  /** started when it is first needed */
  let proxying: ReturnType<PodCluster["cluster"]["startKubectl"]> | undefined;
  after(() => {
    proxying?.kill();
    return on?.remove();
  });

  test("[sig-network] DNS should provide DNS for the cluster [Conformance]", async () => {
    for (const name of ["kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local"])
      await says("client", `timeout 5 nc -w 3 ${name} 443 </dev/null && echo there`, /there/);
    await resolves("client", "a", "kubernetes.default.svc.cluster.local", /Address: 10\./);
  });

  test("[sig-network] DNS should provide /etc/hosts entries for the cluster [Conformance]", async () => {
    const made = await start("hosts", {}, { hostname: "dns-querier-1", subdomain: "dns-test-service" });
    const hosts = await at.sh("hosts", "cat /etc/hosts");
    assert.match(hosts, /kubelet|Kubernetes-managed/i);
    assert.match(
      hosts,
      new RegExp(
        `${made.status.podIP}\\s+dns-querier-1\\.dns-test-service\\.default\\.svc\\.cluster\\.local\\s+dns-querier-1`,
      ),
    );
  });

  test("[sig-network] DNS should provide DNS for services [Conformance]", async () => {
    await service("dns-headless", {
      clusterIP: "None",
      selector: { app: "backend" },
      ports: [{ ...http, targetPort: 80 }],
    });
    const plain = await service("dns-plain", { selector: { app: "backend" }, ports: [http] });
    const ip = plain.spec.clusterIP!;
    const backend = (await at.pod("backend-1")).status.podIP!;
    await resolves("client", "a", "dns-headless.default.svc.cluster.local", new RegExp(`Address: ${backend}`));
    await resolves("client", "a", "dns-plain.default.svc.cluster.local", new RegExp(`Address: ${ip}`));
    for (const name of ["dns-headless", "dns-plain"])
      await resolves(
        "client",
        "srv",
        `_http._tcp.${name}.default.svc.cluster.local`,
        new RegExp(`${name}\\.default\\.svc\\.cluster\\.local`),
      );
    const reverse = ip.split(".").reverse().join(".");
    await resolves("client", "ptr", `${reverse}.in-addr.arpa`, /dns-plain\.default\.svc\.cluster\.local/);
  });

  test("[sig-network] DNS should resolve DNS of partial qualified names for services [LinuxOnly] [Conformance]", async () => {
    await service("dns-partial", { selector: { app: "backend" }, ports: [http] });
    for (const name of ["dns-partial", "dns-partial.default", "dns-partial.default.svc"])
      await fetches("client", name, /^backend-/);
  });

  for (const [title, name] of [
    ["[sig-network] DNS should provide DNS for pods for Hostname [Conformance]", "dns-hostname"],
    ["[sig-network] DNS should provide DNS for pods for Subdomain [Conformance]", "dns-subdomain"],
  ] as const) {
    test(title, async () => {
      const subdomain = `${name}-service`;
      await service(subdomain, {
        clusterIP: "None",
        selector: { named: name },
        ports: [{ ...http, targetPort: 8080 }],
      });
      const { status } = await start(name, { named: name }, { hostname: "querier", subdomain });
      await resolves(
        "client",
        "a",
        `querier.${subdomain}.default.svc.cluster.local`,
        new RegExp(`Address: ${status.podIP}`),
      );
      await resolves("client", "a", `${subdomain}.default.svc.cluster.local`, new RegExp(`Address: ${status.podIP}`));
      await says(name, "hostname -f", new RegExp(`querier.${subdomain}.default.svc.cluster.local`));
    });
  }

  test("[sig-network] DNS should provide DNS for ExternalName services [Conformance]", async () => {
    const full = "dns-external.default.svc.cluster.local";
    await service("dns-external", { type: "ExternalName", externalName: "foo.example.com" });
    await resolves("client", "cname", full, /canonical name = foo\.example\.com/);
    await patch("dns-external", { externalName: "bar.example.com" });
    await resolves("client", "cname", full, /canonical name = bar\.example\.com/);
    const { spec } = await patch("dns-external", { type: "ClusterIP", externalName: null, ports: [http] });
    await resolves("client", "a", full, new RegExp(`Address: ${spec.clusterIP}`));
  });

  test("[sig-network] DNS should support configurable pod DNS nameservers [Conformance]", async () => {
    const dnsConfig = { nameservers: ["1.1.1.1"], searches: ["resolv.conf.local"] };
    await start("dns-none", {}, { dnsPolicy: "None", dnsConfig });
    const conf = await at.sh("dns-none", "cat /etc/resolv.conf");
    assert.match(conf, /^nameserver 1\.1\.1\.1$/m);
    assert.match(conf, /^search resolv\.conf\.local$/m);
    assert.doesNotMatch(conf, /cluster\.local/);
  });

  test("[sig-network] Networking Granular Checks: Pods should function for intra-pod communication: http [NodeConformance] [Conformance]", async () => {
    for (const i of [1, 2, 3])
      await fetches("client", `${(await at.pod(`backend-${i}`)).status.podIP}:8080`, new RegExp(`^backend-${i}$`));
  });
  test("[sig-network] Networking Granular Checks: Pods should function for intra-pod communication: udp [NodeConformance] [Conformance]", async () => {
    for (const i of [1, 2, 3]) {
      const { podIP } = (await at.pod(`backend-${i}`)).status;
      await says("client", `perl /ask-udp.pl ${podIP} 8081`, new RegExp(`^backend-${i}$`));
    }
  });
  for (const [title, script, port] of [
    [
      "[sig-network] Networking Granular Checks: Pods should function for node-pod communication: http [LinuxOnly] [NodeConformance] [Conformance]",
      (ip: string) => `timeout 3 wget -q -O - http://${ip}:8080/`,
      18_080,
    ],
    [
      "[sig-network] Networking Granular Checks: Pods should function for node-pod communication: udp [LinuxOnly] [NodeConformance] [Conformance]",
      (ip: string) => `perl /ask-udp.pl ${ip} 8081`,
      18_082,
    ],
  ] as const) {
    test(title, async () => {
      const name = `host-${port}`;
      const env = [
        { name: "TCP_PORTS", value: String(port) },
        { name: "UDP_PORT", value: String(port + 1) },
      ];
      await start(name, {}, { hostNetwork: true }, { env });
      for (const i of [1, 2, 3])
        await says(name, script((await at.pod(`backend-${i}`)).status.podIP!), new RegExp(`^backend-${i}$`));
    });
  }

  /** By name and cluster IP, and if open by the node's address, from a Pod. */
  const reachable = async (name: string, { spec }: Service, wanted = /^backend-/) => {
    await fetches("client", name, wanted);
    await fetches("client", spec.clusterIP!, wanted);
    const { nodePort } = spec.ports![0]!;
    if (nodePort) await fetches("client", `${nodeIP}:${nodePort}`, wanted);
  };

  test("[sig-network] Services should be able to create a functioning NodePort service [Conformance]", async () => {
    const made = await service("nodeport-test", { type: "NodePort", selector: { app: "backend" }, ports: [http] });
    await reachable("nodeport-test", made);
  });
  test("[sig-network] Services should be able to change the type from ExternalName to ClusterIP [Conformance]", async () => {
    const made = await service("ext-to-ip", { type: "ExternalName", externalName: "foo.example.com" });
    assert.equal(made.spec.clusterIP, undefined);
    const changed = await patch("ext-to-ip", {
      type: "ClusterIP",
      externalName: null,
      selector: { app: "backend" },
      ports: [http],
    });
    await reachable("ext-to-ip", changed);
  });
  test("[sig-network] Services should be able to change the type from ExternalName to NodePort [Conformance]", async () => {
    await service("ext-to-port", { type: "ExternalName", externalName: "foo.example.com" });
    const changed = await patch("ext-to-port", {
      type: "NodePort",
      externalName: null,
      selector: { app: "backend" },
      ports: [http],
    });
    assert.ok(changed.spec.ports![0]!.nodePort);
    await reachable("ext-to-port", changed);
  });
  for (const [title, name, type] of [
    [
      "[sig-network] Services should be able to change the type from ClusterIP to ExternalName [Conformance]",
      "ip-to-ext",
      "ClusterIP",
    ],
    [
      "[sig-network] Services should be able to change the type from NodePort to ExternalName [Conformance]",
      "port-to-ext",
      "NodePort",
    ],
  ] as const) {
    test(title, async () => {
      const made = await service(name, { type, selector: { app: "backend" }, ports: [http] });
      assert.ok(made.spec.clusterIP);
      const externalName = "kubernetes.default.svc.cluster.local";
      const { spec } = await patch(name, { type: "ExternalName", externalName });
      assert.deepEqual([spec.clusterIP, spec.ports?.[0]?.nodePort], [undefined, undefined]);
      await resolves("client", "a", `${name}.default.svc.cluster.local`, /canonical name = kubernetes\.default/);
    });
  }

  const affinity = async (name: string, type: string, switches: boolean) => {
    const made = await service(name, {
      type,
      sessionAffinity: "ClientIP",
      selector: { app: "backend" },
      ports: [http],
    });
    const { clusterIP, ports } = made.spec;
    const url = type === "NodePort" ? `${nodeIP}:${ports![0]!.nodePort}` : clusterIP!;
    await reachable(name, made);
    const stays = async (how: boolean) =>
      until(`${name} stays: ${how}`, async () => ((await on.answersTo("client", url, 15)).size === 1) === how, 30_000);
    await stays(true);
    if (!switches) return;
    await patch(name, { sessionAffinity: "None" });
    await stays(false);
    await patch(name, { sessionAffinity: "ClientIP" });
    await stays(true);
  };
  test("[sig-network] Services should have session affinity work for service with type clusterIP [LinuxOnly] [Conformance]", () =>
    affinity("affinity-ip", "ClusterIP", false));
  test("[sig-network] Services should be able to switch session affinity for service with type clusterIP [LinuxOnly] [Conformance]", () =>
    affinity("affinity-ip-switch", "ClusterIP", true));
  test("[sig-network] Services should have session affinity work for NodePort service [LinuxOnly] [Conformance]", () =>
    affinity("affinity-port", "NodePort", false));
  test("[sig-network] Services should be able to switch session affinity for NodePort service [LinuxOnly] [Conformance]", () =>
    affinity("affinity-port-switch", "NodePort", true));

  const subsets = async (name: string) => {
    const { subsets = [] } = await at.cluster.json<{
      subsets?: { addresses?: { targetRef: { name: string } }[]; ports: { port: number }[] }[];
    }>("get", "endpoints", name);
    return subsets
      .flatMap(({ addresses = [], ports }) =>
        addresses.flatMap((it) => ports.map(({ port }) => `${it.targetRef.name} ${port}`)),
      )
      .sort();
  };
  const hasEndpoints = (name: string, ...wanted: string[]) =>
    until(`${name} has ${wanted}`, async () => (await subsets(name)).join() === wanted.join(), 30_000);

  test("[sig-network] Services should serve a basic endpoint from pods [Conformance]", async () => {
    await service("endpoint-basic", { selector: { basic: "yes" }, ports: [{ port: 80, targetPort: 80 }] });
    await hasEndpoints("endpoint-basic");
    await start("basic-1", { basic: "yes" });
    await hasEndpoints("endpoint-basic", "basic-1 80");
    await fetches("client", "endpoint-basic", /^basic-1$/);
    await start("basic-2", { basic: "yes" });
    await hasEndpoints("endpoint-basic", "basic-1 80", "basic-2 80");
    await at.cluster.kubectl("delete", "pod", "basic-1");
    await hasEndpoints("endpoint-basic", "basic-2 80");
    await fetches("client", "endpoint-basic", /^basic-2$/);
    await at.cluster.kubectl("delete", "pod", "basic-2");
    await hasEndpoints("endpoint-basic");
  });

  test("[sig-network] Services should serve multiport endpoints from pods [Conformance]", async () => {
    const ports = [
      { name: "portname1", port: 80, targetPort: "svc1" },
      { name: "portname2", port: 81, targetPort: "svc2" },
    ];
    await service("multi-endpoint", { selector: { multi: "yes" }, ports });
    await hasEndpoints("multi-endpoint");
    const serving = (name: string, port: number, portName: string) =>
      start(
        name,
        { multi: "yes" },
        {},
        {
          env: [{ name: "TCP_PORTS", value: String(port) }],
          ports: [{ name: portName, containerPort: port }],
        },
      );
    await serving("multi-1", 100, "svc1");
    await hasEndpoints("multi-endpoint", "multi-1 100");
    await serving("multi-2", 101, "svc2");
    await hasEndpoints("multi-endpoint", "multi-1 100", "multi-2 101");
    await fetches("client", "multi-endpoint:80", /^multi-1$/);
    await fetches("client", "multi-endpoint:81", /^multi-2$/);
    await at.cluster.kubectl("delete", "pod", "multi-1");
    await hasEndpoints("multi-endpoint", "multi-2 101");
    await at.cluster.kubectl("delete", "pod", "multi-2");
    await hasEndpoints("multi-endpoint");
  });

  test("[sig-network] Services should serve endpoints on same port and different protocols [Conformance]", async () => {
    const tcp = { name: "tcp-port", port: 80, targetPort: 8080, protocol: "TCP" };
    const udp = { name: "udp-port", port: 80, targetPort: 8081, protocol: "UDP" };
    const { spec } = await service("multiprotocol-test", { selector: { app: "backend" }, ports: [tcp, udp] });
    const ip = spec.clusterIP!;
    const overTcp = (wanted: RegExp) => says("client", `timeout 2 wget -q -O - http://${ip}/ || echo none`, wanted);
    const overUdp = (wanted: RegExp) => says("client", `timeout 2 perl /ask-udp.pl ${ip} 80 || echo none`, wanted);
    await overTcp(/^backend-/);
    await overUdp(/^backend-/);
    await patch("multiprotocol-test", { ports: [tcp] });
    await overUdp(/none/);
    await overTcp(/^backend-/);
    await patch("multiprotocol-test", { ports: [udp] });
    await overTcp(/none/);
    await overUdp(/^backend-/);
  });

  const manualSlice = (name: string, of: string, ip: string, port: number, portName: string) =>
    at.request("POST", "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices", {
      apiVersion: "discovery.k8s.io/v1",
      kind: "EndpointSlice",
      metadata: {
        name,
        labels: { "kubernetes.io/service-name": of, "endpointslice.kubernetes.io/managed-by": "e2e-test" },
      },
      addressType: "IPv4",
      endpoints: [{ addresses: [ip] }],
      ports: [{ name: portName, port, protocol: "TCP" }],
    });
  const twoPorts = [
    { name: "port80", port: 80, protocol: "TCP" },
    { name: "port81", port: 81, protocol: "TCP" },
  ];
  for (const [title, name, pods] of [
    [
      "[sig-network] EndpointSlice should support a Service with multiple ports specified in multiple EndpointSlices [Conformance]",
      "slices-ports",
      ["backend-1", "backend-1"],
    ],
    [
      "[sig-network] EndpointSlice should support a Service with multiple endpoint IPs specified in multiple EndpointSlices [Conformance]",
      "slices-ips",
      ["backend-1", "backend-2"],
    ],
  ] as const) {
    test(title, async () => {
      await service(name, { ports: twoPorts });
      const ips = await Promise.all(pods.map(async (one) => (await at.pod(one)).status.podIP!));
      await manualSlice(`${name}-a`, name, ips[0]!, 8080, "port80");
      await manualSlice(`${name}-b`, name, ips[1]!, 80, "port81");
      await fetches("client", `${name}:80`, new RegExp(`^${pods[0]}$`));
      await fetches("client", `${name}:81`, new RegExp(`^${pods[1]}$`));
    });
  }

  test("[sig-network] HostPort validates that there is no conflict between pods with same hostPort but different hostIP and protocol [LinuxOnly] [Conformance]", async () => {
    const port = (hostIP: string, protocol: string, containerPort: number) => ({
      ports: [{ hostPort: 54_323, hostIP, protocol, containerPort }],
    });
    await Promise.all([
      start("hostport-1", {}, {}, port("127.0.0.1", "TCP", 8080)),
      start("hostport-2", {}, {}, port(nodeIP, "TCP", 8080)),
      start("hostport-3", {}, {}, port(nodeIP, "UDP", 8081)),
    ]);
    await start(
      "hostport-asker",
      {},
      { hostNetwork: true },
      {
        env: [
          { name: "TCP_PORTS", value: "18090" },
          { name: "UDP_PORT", value: "18091" },
        ],
      },
    );
    await fetches("hostport-asker", "127.0.0.1:54323", /^hostport-1$/);
    await fetches("hostport-asker", `${nodeIP}:54323`, /^hostport-2$/);
    await says("hostport-asker", `perl /ask-udp.pl ${nodeIP} 54323`, /^hostport-3$/);
  });

  /** The API server's answer to a path below /api/v1/namespaces/default, as kubectl's raw request gets it. */
  const raw = (path: string) => at.cluster.kubectl("get", "--raw", `/api/v1/namespaces/default/${path}`);
  test("[sig-network] Proxy version v1 should proxy through a service and a pod [Conformance]", async () => {
    const ports = [
      { name: "portname1", port: 80, targetPort: 80 },
      { name: "portname2", port: 81, targetPort: 8080 },
    ];
    await service("proxy-service", { selector: { app: "backend" }, ports });
    await fetches("client", "proxy-service", /^backend-/);
    for (const target of [
      "proxy-service:80",
      "proxy-service:portname1",
      "http:proxy-service:portname2",
      "proxy-service:81",
    ])
      assert.match(await raw(`services/${target}/proxy/`), /^backend-/, target);
    for (const target of ["backend-1:8080", "http:backend-1:80"])
      assert.equal(await raw(`pods/${target}/proxy/`), "backend-1", target);
  });
  for (const [title, suffix] of [
    [
      "[sig-network] Proxy version v1 A set of valid responses are returned for both pod and service Proxy [Conformance]",
      "",
    ],
    [
      "[sig-network] Proxy version v1 A set of valid responses are returned for both pod and service ProxyWithPath [Conformance]",
      "/some/path/echo",
    ],
  ] as const) {
    test(title, async () => {
      const name = `proxy-methods${suffix ? "-path" : ""}`;
      await service(name, { selector: { app: "backend" }, ports: [{ port: 80, targetPort: 80 }] });
      await fetches("client", name, /^backend-/);
      for (const target of ["pods/backend-2:80", `services/${name}`]) {
        for (const method of ["DELETE", "GET", "OPTIONS", "PATCH", "POST", "PUT"] as const) {
          const said = await askProxy(method, `/api/v1/namespaces/default/${target}/proxy${suffix}`);
          assert.match(
            said,
            suffix ? new RegExp(`^${method} /some/path/echo$`) : /^backend-|^$/,
            `${method} ${target}`,
          );
        }
      }
    });
  }
  /** With curl and the administrator's certificate: methods that kubectl has no word for. */
  const askProxy = async (method: string, path: string): Promise<string> => {
    const port = await proxyPort();
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, redirect: "manual" });
    return response.text();
  };
  let proxied: Promise<number> | undefined;
  const proxyPort = () => {
    proxied ??= new Promise((resolve, reject) => {
      const child = at.cluster.startKubectl("proxy", "--port=0", "--reject-methods=^$");
      proxying = child;
      let said = "";
      child.stdout!.on("data", (chunk: Buffer) => {
        said += chunk;
        const found = /127\.0\.0\.1:(\d+)/.exec(said)?.[1];
        if (found) resolve(Number(found));
      });
      child.once("close", () => reject(new Error(`kubectl proxy ended: ${said}`)));
    });
    return proxied;
  };
});
