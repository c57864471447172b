/** What becomes of traffic for Services on two nodes: who is near, who is going, who is not ready, and who is nobody. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { Service } from "../../src/api/core/v1/index.ts";
import { http, NetworkCluster, udp } from "./networkFixture.ts";
import { cannotRun, until } from "./realCluster.ts";

const skip = await cannotRun();
const WORKER = "node-2";

describe("traffic for Services on two nodes", { skip, concurrency: 2 }, () => {
  let on: NetworkCluster;
  let first = "";
  let addresses: Record<string, string> = {};
  before(async () => {
    on = await NetworkCluster.start("traffic", "--nodes", "2");
    const { items } = await on.at.cluster.json<{
      items: { metadata: { name: string }; status: { addresses: { address: string }[] } }[];
    }>("get", "nodes");
    addresses = Object.fromEntries(items.map((it) => [it.metadata.name, it.status.addresses[0]!.address]));
    first = Object.keys(addresses).find((name) => name !== WORKER)!;
    const put = (name: string, nodeName: string) => on.serve(name, { app: "both" }, { nodeName });
    await Promise.all([put("here", first), put("there", WORKER)]);
  });
  after(() => on?.remove());

  const nodePort = ({ spec }: Service) => spec.ports![0]!.nodePort!;
  /** Waits until each of them is answered by just these, many times in a row. */
  const answers = (from: string, url: string, ...names: string[]) =>
    until(`${from} → ${url} is answered by ${names}`, async () => {
      const said = await on.answersTo(from, url, 12);
      return [...said].sort().join() === names.join();
    });
  const refused = (from: string, url: string) =>
    on.says(from, `timeout 3 wget -q -O - http://${url}/`, /Connection refused/);

  test("stays on its node if the Service prefers that or is internally Local, and is refused nowhere else", async () => {
    const near = await on.service("near", {
      selector: { app: "both" },
      ports: [http],
      trafficDistribution: "PreferSameNode",
    });
    const local = await on.service("internal", {
      selector: { app: "both" },
      ports: [http],
      internalTrafficPolicy: "Local",
    });
    for (const { spec } of [near, local]) {
      await answers("here", spec.clusterIP!, "here");
      await answers("there", spec.clusterIP!, "there");
    }
    await on.patch("near", { trafficDistribution: null });
    await answers("here", near.spec.clusterIP!, "here", "there");
  });

  test("reaches its own Pod again by way of the Service", async () => {
    await on.serve("alone", { app: "alone" }, { nodeName: WORKER });
    const { spec } = await on.service("alone", { selector: { app: "alone" }, ports: [http, udp] });
    await answers("alone", spec.clusterIP!, "alone");
    await on.asksUdp("alone", spec.clusterIP!, 80, /^alone$/);
  });

  test("is refused at once where nobody serves, at every address, until somebody does", async () => {
    const made = await on.service("nobody", { type: "NodePort", selector: { app: "late" }, ports: [http] });
    const urls = [made.spec.clusterIP!, ...Object.values(addresses).map((ip) => `${ip}:${nodePort(made)}`)];
    for (const from of ["here", "there"]) for (const url of urls) await refused(from, url);
    await on.serve("late", { app: "late" }, { nodeName: first });
    for (const url of urls) await answers("there", url, "late");
  });

  test("goes to Pods that are not ready only if their addresses are published", async () => {
    const never = { readinessProbe: { exec: { command: ["false"] }, periodSeconds: 1 } };
    const image = "coxswain.local/network:1";
    await on.at.create({
      ...{ apiVersion: "v1", kind: "Pod", metadata: { name: "unready", labels: { app: "unready" } } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [{ name: "main", image, imagePullPolicy: "IfNotPresent", ...never }],
      },
    });
    const selector = { app: "unready" };
    const hidden = await on.service("hidden", { selector, ports: [http] });
    const shown = await on.service("shown", { selector, ports: [http], publishNotReadyAddresses: true });
    await on.service("shown-names", {
      ...{ selector, clusterIP: "None", ports: [http], publishNotReadyAddresses: true },
    });
    await answers("there", shown.spec.clusterIP!, "unready");
    await refused("there", hidden.spec.clusterIP!);
    const { status } = await on.at.pod("unready");
    await on.resolves("there", "a", "shown-names.default.svc.cluster.local", new RegExp(`Address: ${status.podIP}`));
  });

  test("goes to a Pod that is ending while there is no other, also where it must stay on the node", async () => {
    await on.serve("ending", { app: "ending" }, { nodeName: WORKER, terminationGracePeriodSeconds: 60 });
    const base = { selector: { app: "ending" }, ports: [http] };
    const outer = await on.service("ending-local", { ...base, type: "NodePort", externalTrafficPolicy: "Local" });
    const inner = await on.service("ending-inner", { ...base, internalTrafficPolicy: "Local" });
    await answers("here", `${addresses[WORKER]}:${nodePort(outer)}`, "ending");
    await on.at.cluster.kubectl("delete", "pod", "ending", "--wait=false");
    await until("its endpoint is terminating", async () => {
      const list = await on.at.cluster.kubectl("get", "endpointslices", "-o", "json");
      return /"ready": false,\s+"serving": true,\s+"terminating": true/.test(list);
    });
    await answers("here", `${addresses[WORKER]}:${nodePort(outer)}`, "ending");
    await answers("there", inner.spec.clusterIP!, "ending");
    await on.serve("fresh", { app: "ending" }, { nodeName: WORKER });
    await answers("there", inner.spec.clusterIP!, "fresh");
    await on.at.cluster.kubectl("delete", "pod", "ending", "--force", "--grace-period=0");
  });

  test("of one UDP client that keeps its port follows the Pods that come and go", async () => {
    const made = await on.service("datagrams", { type: "NodePort", selector: { app: "datagrams" }, ports: [udp] });
    const keep = (to: string, port: number, from: number) =>
      `perl -MIO::Socket::IP -MIO::Select -e '$s = IO::Socket::IP->new(PeerHost => "${to}", PeerPort => ${port}, LocalPort => ${from}, Proto => "udp") or die; open(my $log, ">>", "/answers-${from}"); $log->autoflush(1); while (1) { $s->send("?"); if (IO::Select->new($s)->can_read(0.1)) { $s->recv(my $got, 99) and 1; print $log "$got\\n"; } select(undef, undef, undef, 0.1) }' >/dev/null 2>&1 &`;
    // the first datagrams find nobody, and conntrack must not remember that
    await on.at.sh("here", keep(made.spec.clusterIP!, 80, 40_001));
    await on.at.sh("here", keep(addresses[WORKER]!, nodePort(made), 40_002));
    const latest = (name: string) =>
      until(`both clients hear ${name}`, async () => {
        const heard = await on.at.sh("here", "for it in 1 2; do tail -n 1 /answers-4000$it; done");
        return heard.split("\n").every((line) => line === name) && heard.split("\n").length === 2;
      });
    await on.serve("datagrams-1", { app: "datagrams" }, { nodeName: WORKER });
    await latest("datagrams-1");
    await on.serve("datagrams-2", { app: "datagrams" }, { nodeName: first });
    await on.at.cluster.kubectl("delete", "pod", "datagrams-1");
    await latest("datagrams-2");
    assert.ok(made.spec.clusterIP);
  });
});
