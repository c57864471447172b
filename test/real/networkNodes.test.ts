import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Service } from "../../src/api/core/v1/index.ts";
import { http, NetworkCluster, udp } from "./networkFixture.ts";
import type { Json, PodCluster } from "./podFixture.ts";
import { cannotRun, get, until } from "./realCluster.ts";

const skip = await cannotRun();
const WORKER = "node-2";

describe("the network of two nodes", { skip }, () => {
  let on: NetworkCluster;
  let at: PodCluster;
  let first = "";
  before(async () => {
    on = await NetworkCluster.start("two", "--dual-stack", "--nodes", "2");
    at = on.at;
    const nodes = await at.cluster.json<{ items: { metadata: { name: string } }[] }>("get", "nodes");
    first = nodes.items.map(({ metadata }) => metadata.name).find((name) => name !== WORKER)!;
    const put = (name: string, nodeName: string) => on.serve(name, { app: name }, { nodeName });
    await on.service("web", { selector: { app: "web" }, ports: [http] });
    await Promise.all([put("web", first), put("here", first), put("there", WORKER), put("there-too", WORKER)]);
  });
  after(() => on?.remove());

  const bracketed = (ip: string) => (ip.includes(":") ? `[${ip}]` : ip);
  const from = ["here", "there"];
  const ask = (who: string, ip: string, port: number, wanted: RegExp) =>
    on.fetches(who, `${bracketed(ip)}:${port}`, wanted);

  test("Pods of each node reach those of the others by addresses of both families", async () => {
    for (const [who, whom] of [
      ["here", "there"],
      ["there", "here"],
      ["there", "there-too"],
    ] as const) {
      const ips = ((await at.pod(whom)).status.podIPs ?? []).map(({ ip }) => ip);
      assert.deepEqual(
        ips.map((ip) => ip.includes(":")),
        [false, true],
      );
      for (const ip of ips) await ask(who, ip, 8080, new RegExp(`^${whom}$`));
    }
  });

  /** Each family of the Service, from Pods of both nodes: by cluster IP over TCP and UDP, and by every node's port. */
  const reachable = async ({ spec }: Service) => {
    const nodes = await at.cluster.json<{ items: { status: { addresses: { type: string; address: string }[] } }[] }>(
      "get",
      "nodes",
    );
    const addresses = nodes.items.flatMap(({ status }) => status.addresses).filter(({ type }) => type === "InternalIP");
    const { nodePort } = spec.ports!.find(({ name }) => name === "http")!;
    const nodePorts = (ip: string) =>
      addresses
        .filter(({ address }) => address.includes(":") === ip.includes(":"))
        .map(({ address }) => `${bracketed(address)}:${nodePort}`);
    const asks = spec.clusterIPs!.flatMap((ip) => {
      const overTcp = [`${bracketed(ip)}:80`, ...nodePorts(ip)].map(
        (url) => `timeout 1 wget -q -O - http://${url}/ && echo`,
      );
      return [...overTcp, `timeout 1 perl /ask-udp.pl ${ip} 80`];
    });
    const all = asks.map((ask) => `(${ask}) || echo nobody`).join("; ");
    await Promise.all(from.map((who) => on.says(who, all, new RegExp(`^((web|there)\\n?){${asks.length}}$`))));
    // also when the answer comes from the asking Pod itself, by whichever node
    for (const url of spec.clusterIPs!.flatMap(nodePorts))
      assert.deepEqual(await on.answersTo("there", url, 24), new Set(["there", "web"]));
  };
  const dual = { type: "NodePort", selector: { family: "both" }, ports: [http, udp] };
  const services: [string, Json, number[]][] = [
    ["prefer", { ipFamilyPolicy: "PreferDualStack" }, [4, 6]],
    ["require", { ipFamilyPolicy: "RequireDualStack", ipFamilies: ["IPv6", "IPv4"] }, [6, 4]],
    ["only-six", { ipFamilyPolicy: "SingleStack", ipFamilies: ["IPv6"] }, [6]],
  ];

  for (const mode of ["nftables", "iptables"]) {
    test(`Services of both families are reached from every node, by ${mode}`, async () => {
      if (mode === "iptables") await at.cluster.coxOk("up", "--proxy-mode", mode);
      else await at.cluster.kubectl("label", "pods", "web", "there", "family=both");
      // what families a Service gets is no affair of the proxy: the mode that comes second has but one to prove
      for (const [name, spec, families] of mode === "iptables" ? services.slice(1, 2) : services) {
        const made = await on.service(`${name}-${mode}`, { ...dual, ...spec });
        assert.deepEqual(
          made.spec.clusterIPs!.map((ip) => (ip.includes(":") ? 6 : 4)),
          families,
        );
        await reachable(made);
        const full = `${name}-${mode}.default.svc.cluster.local`;
        const six = made.spec.clusterIPs!.find((ip) => ip.includes(":"))!;
        await on.resolves("there", "aaaa", full, new RegExp(`Address: ${six}`));
      }
      const balanced = {
        ...dual,
        type: "LoadBalancer",
        externalTrafficPolicy: "Local",
        ipFamilyPolicy: "RequireDualStack",
      };
      await on.service(`balanced-${mode}`, { ...balanced, selector: { app: "there" } });
      const ips = await until("an address of each family", async () => {
        const { status } = await at.cluster.json<Service>("get", "service", `balanced-${mode}`);
        const found = (status.loadBalancer?.ingress ?? []).map(({ ip }) => ip!);
        return found.length === 2 && found;
      });
      for (const ip of ips)
        await until(`${ip} answers`, async () => (await get(`http://${bracketed(ip)}/`)) === "there");
    });
  }

  const apply = (name: string, spec: Json) =>
    at.cluster.kubectlInput(
      JSON.stringify({ apiVersion: "networking.k8s.io/v1", kind: "NetworkPolicy", metadata: { name }, spec }),
      "apply",
      "-f",
      "-",
    );
  const becomes = (from: string, wanted: boolean) =>
    until(`${from} reaches web: ${wanted}`, async () => {
      const said = await at.sh(from, "timeout 1 wget -q -O - http://web/ || echo denied");
      return (said === "web") === wanted;
    });

  test("a policy judges Pods of other nodes by their own addresses, through Services too", async () => {
    for (const name of ["here", "there", "there-too"]) await becomes(name, true);
    const ingress = [{ from: [{ podSelector: { matchLabels: { app: "there" } } }] }];
    await apply("only-there", { podSelector: { matchLabels: { app: "web" } }, ingress });
    await becomes("here", false);
    await becomes("there-too", false);
    await becomes("there", true);
    await apply("only-there", { podSelector: { matchLabels: { app: "there" } }, policyTypes: ["Egress"] });
    await becomes("there", false);
    await becomes("there-too", true);
    await at.cluster.kubectl("delete", "netpol", "only-there");
    await becomes("there", true);
  });

  test("a stopped DNS loses no question on the other node, whichever it is", async () => {
    const ask = (from: string, times: number) => {
      const once = "nslookup -type=a web.default.svc.cluster.local >/dev/null 2>&1 || echo lost";
      return at.sh(from, `for i in $(seq ${times} 2>/dev/null || echo ${"i ".repeat(times)}); do ${once}; done`);
    };
    assert.equal(await ask("here", 5), "");
    assert.equal(await ask("there", 5), "");
    const { pid } = await at.cluster.component(`node-${WORKER}`);
    process.kill(pid, "SIGSTOP");
    try {
      assert.equal(await ask("here", 60), "", "while the worker's agents are stopped");
    } finally {
      process.kill(pid, "SIGCONT");
    }
    await at.cluster.coxOk("node", "stop", WORKER);
    assert.equal(await ask("here", 60), "", "while the worker is switched off");
    await until(
      "the lost node's server is out of service",
      async () => {
        const slice = await at.cluster.json<{ endpoints: { conditions: { ready: boolean } }[] }>(
          "get",
          "endpointslice",
          `kube-dns-${WORKER}`,
          "-n",
          "kube-system",
        );
        return slice.endpoints[0]!.conditions.ready === false;
      },
      90_000,
    );
    assert.equal(await ask("here", 20), "");
    await at.cluster.coxOk("node", "remove", WORKER);
    await until("its slice is gone", async () => {
      const { stdout } = await at.cluster.tryKubectl("get", "endpointslice", "-n", "kube-system", "-o", "name");
      return !stdout.includes(`kube-dns-${WORKER}`);
    });
  });
});
