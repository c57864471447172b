/** Sentences of the conformance suite about names, host ports and the API server as a proxy, each under its name there. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { http, NetworkCluster } from "./networkFixture.ts";
import type { PodCluster } from "./podFixture.ts";
import { cannotRun } from "./realCluster.ts";

const skip = await cannotRun();

describe("names, host ports and proxies as the conformance suite asks for them", { skip, concurrency: 3 }, () => {
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
    on = await NetworkCluster.start("netnames");
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
