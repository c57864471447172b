import assert from "node:assert/strict";
import { access } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { FarMachine } from "./farMachine.ts";
import { PodCluster } from "./podFixture.ts";
import { cannotRun, until } from "./realCluster.ts";

const skip = await cannotRun();
const FAR = "far-away";

/** Acceptance: a machine that shares nothing with the first node but a router joins, works, and goes without a trace. */
describe("a machine elsewhere", { skip }, () => {
  let at: PodCluster;
  let far: FarMachine;
  let command: string[];
  const local = () => `${process.env.COXSWAIN_TEST_PREFIX ?? ""}joined`;
  const k = (...args: string[]) => at.cluster.kubectl(...args);
  const sh = (pod: string, script: string) => k("exec", pod, "--", "sh", "-c", script);

  before(async () => {
    at = await PodCluster.start("join", "--dual-stack");
    await at.cluster.coxOk("node", "add");
    far = await FarMachine.create(FAR, at.cluster.scratch);
    await far.run(["iptables", "-P", "FORWARD", "DROP"]); // as Docker does
    await far.run(["ip6tables", "-P", "FORWARD", "DROP"]);
    const made = JSON.parse(await at.cluster.coxOk("token", "create", "-o", "json")) as { command: string };
    command = made.command.split(" ").slice(1);
  });
  after(async () => {
    await far?.cox("down", "--name", local());
    await far?.remove();
    await at?.remove();
  });

  const joinWith = (...args: string[]) => far.cox(...args, "--name", local(), "--no-install");

  test("is told in one line what is wrong with a token, a hash or a server", async () => {
    const [, server = "", , token = "", , hash = ""] = command;
    const refused = async (args: string[], why: RegExp) => {
      const { code, stderr } = await joinWith("join", ...args);
      assert.equal(code, 1);
      assert.match(stderr.split("\n").find((line) => line.startsWith("cox:")) ?? "", why);
    };
    await refused([server, "--token", "nonsense"], /"nonsense" is no token/);
    await refused([server, "--token", "aaaaaa.0123456789abcdef"], /knows no token aaaaaa/);
    await refused([server, "--token", `${token.slice(0, 7)}0123456789abcdef`], /wrong behind the dot/);
    await refused([server, "--token", token, "--ca-cert-hash", "sha256:00"], /"sha256:00" is no hash/);
    const other = `sha256:${"00".repeat(32)}`;
    await refused([server, "--token", token, "--ca-cert-hash", other], /authority is sha256:.*, not sha256:0000/);
    await refused([...command.slice(1), "--node-name", "Far_1"], /"Far_1" cannot name a node/);
    await refused([...command.slice(1), "--node-ip", "192.0.2.99"], /is no address of this machine/);
    await refused([server.replace(/:\d+$/, ":1"), "--token", token], /cannot reach the API server/);
    const taken = await k("get", "nodes", "-o", "jsonpath={.items[0].metadata.name}");
    await refused([server, "--token", token, "--ca-cert-hash", hash, "--node-name", taken], /has a node .* already/);
  });

  test("becomes a node by its token, with certificates that it asked for", async () => {
    const { code, stderr } = await joinWith(...command);
    assert.equal(code, 0, stderr);
    assert.match(await k("get", "node", FAR), / Ready /);
    const again = await joinWith(...command, "--node-name", "another");
    assert.equal(again.code, 1);
    assert.match(again.stderr, new RegExp(`^cox: this machine is node ${FAR} of cluster .* already$`, "m"));
    const requests = await until("both requests are issued", async () => {
      const text = await k("get", "csr", "--no-headers");
      return text.split("\n").filter((line) => line.includes("Approved,Issued")).length === 2 && text;
    });
    assert.match(requests, /kube-apiserver-client-kubelet +system:bootstrap:/);
    assert.match(requests, new RegExp(`kubelet-serving +system:node:${FAR}`));
  });

  test("runs Pods that reach Services, DNS and Pods on the others, and are reached", async () => {
    const nodes = (await k("get", "nodes", "-o", "jsonpath={.items[*].metadata.name}")).split(" ");
    assert.equal(nodes.length, 3);
    const serve = "mkdir -p /tmp/w; hostname >/tmp/w/name; exec httpd -f -p 8080 -h /tmp/w";
    for (const node of nodes) {
      const overrides = { spec: { nodeName: node, terminationGracePeriodSeconds: 1 } };
      const labels = ["--labels=app=web", `--overrides=${JSON.stringify(overrides)}`];
      await k("run", `on-${node}`, "--image=coxswain.local/box:1", ...labels, "--command", "--", "sh", "-c", serve);
    }
    await k("expose", `pod/on-${FAR}`, "--name=far", "--port=80", "--target-port=8080", "--selector=app=web");
    await k("wait", "--for=condition=Ready", "pod", "-l", "app=web", "--timeout=60s");
    // the image was built on the first node, and never brought to the machine elsewhere
    assert.match(
      await k("describe", "pod", `on-${FAR}`),
      /Pulled .* Successfully pulled image "coxswain.local\/box:1"/,
    );
    const ips = await k("get", "pods", "-l", "app=web", "-o", "jsonpath={.items[*].status.podIPs[*].ip}");
    assert.equal(ips.split(" ").length, 6);
    const service = await k("get", "service", "far", "-o", "jsonpath={.spec.clusterIP}");

    for (const node of nodes) {
      for (const ip of ips.split(" ")) {
        const url = `http://${ip.includes(":") ? `[${ip}]` : ip}:8080/name`;
        await until(`${node} reaches ${ip}`, () => sh(`on-${node}`, `timeout 3 wget -q -O- ${url}`));
      }
      await until(`${node} sees all Pods of the Service`, async () => {
        const ask = `for i in 1 2 3 4 5 6 7 8 9 10 11 12; do timeout 3 wget -q -O- http://${service}/name; done`;
        return new Set((await sh(`on-${node}`, ask)).trim().split("\n")).size === 3;
      });
      await until(`${node} resolves names`, async () =>
        (await sh(`on-${node}`, "nslookup far.default.svc.cluster.local")).includes(service),
      );
    }
  });

  test("serves kubectl logs and exec, and its certificate is its own", async () => {
    assert.match(await k("exec", `on-${FAR}`, "--", "hostname"), new RegExp(`on-${FAR}`));
    assert.equal(await k("logs", `on-${FAR}`), "");
  });

  test("has a status of its own, and says where the cluster is administered", async () => {
    const { code, stdout } = await far.cox("status", "--name", local());
    assert.equal(code, 0, stdout);
    assert.match(stdout, /is running[\s\S]*containerd +running[\s\S]*node +running/);
    assert.match((await far.cox("kubeconfig", "--name", local())).stderr, /not where it is administered/);
  });

  test("comes back after a stop", async () => {
    assert.equal((await far.cox("stop", "--name", local(), "--grace", "1s")).code, 0);
    const { code, stderr } = await far.cox("start", "--name", local());
    assert.equal(code, 0, stderr);
    await until("its Pod runs again", () => sh(`on-${FAR}`, "cat /tmp/w/name"));
  });

  test("goes without a trace when it is removed", async () => {
    await at.cluster.coxOk("node", "remove", FAR, "--grace", "5s");
    assert.equal((await at.cluster.tryKubectl("get", "node", FAR)).code, 1);
    const state = join(at.cluster.scratch, FAR, "state", local());
    await until("its state is gone", () =>
      access(state).then(
        () => false,
        () => true,
      ),
    );
    const { stdout: chains } = await far.run(["iptables", "-S", "FORWARD"]);
    assert.equal(chains.trim(), "-P FORWARD DROP", "the rules that let the cluster's packets pass are gone");
    const { stdout } = await far.run(["ip", "-brief", "link"]);
    assert.deepEqual(stdout.match(/^cox-\S+/gm) ?? [], []);
    assert.equal((await far.run(["nft", "list", "tables"])).stdout.replace(/^table ip6? filter\n/gm, ""), "");
  });
});
