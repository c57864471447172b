/**
 * Replays recorded questions, with the answers that Kubernetes 1.36 gave, against an API server in this process, and
 * prints for each kind how many answers are equal. Fails when a kind of the table falls below its share.
 *
 *     npm run parity [-- --only 'Pod.v1'] [-- --show 20]
 *
 * The recordings stand beside the project, in ../shared/differential; without them there is nothing to compare with.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { type DevServer, startDevServer } from "../../src/apiserver/devserver.ts";
import { createClient, createInformers } from "../../src/client/index.ts";
import { runControllers } from "../../src/controllers/index.ts";
import { realClock } from "../../src/util/clock.ts";
import { silentLogger } from "../../src/util/logger.ts";
import { realRandom } from "../../src/util/random.ts";

const folder = resolve(import.meta.dirname, "../../../shared/differential");
const LEAST = 0.95;

/** Kinds whose answers must be equal, by the beginning of their questions' names. */
const KINDS = [
  "Namespace.v1",
  "Node.v1",
  "Pod.v1",
  "Service.v1",
  "Endpoints.v1",
  "EndpointSlice.discovery.k8s.io.v1",
  "ConfigMap.v1",
  "Secret.v1",
  "ServiceAccount.v1",
  "Event.v1",
  "Event.events.k8s.io.v1",
  "LimitRange.v1",
  "ResourceQuota.v1",
  "APIService.apiregistration.k8s.io.v1",
  "Job.batch.v1",
  "CronJob.batch.v1",
  "Lease.coordination.k8s.io.v1",
  "Deployment.apps.v1",
  "ReplicaSet.apps.v1",
  "DaemonSet.apps.v1",
  "StatefulSet.apps.v1",
  "ControllerRevision.apps.v1",
  "PodDisruptionBudget.policy.v1",
  "ReplicationController.v1",
  "PodTemplate.v1",
  "Role.rbac.authorization.k8s.io.v1",
  "RoleBinding.rbac.authorization.k8s.io.v1",
  "ClusterRole.rbac.authorization.k8s.io.v1",
  "ClusterRoleBinding.rbac.authorization.k8s.io.v1",
  "SubjectAccessReview.authorization.k8s.io.v1",
  "SelfSubjectAccessReview.authorization.k8s.io.v1",
  "TokenReview.authentication.k8s.io.v1",
  "PriorityClass.scheduling.k8s.io.v1",
  "RuntimeClass.node.k8s.io.v1",
  "Ingress.networking.k8s.io.v1",
  "IngressClass.networking.k8s.io.v1",
  "NetworkPolicy.networking.k8s.io.v1",
  "IPAddress.networking.k8s.io.v1",
  "ServiceCIDR.networking.k8s.io.v1",
  "HorizontalPodAutoscaler.autoscaling.v2",
  "HorizontalPodAutoscaler.autoscaling.v1",
  "PersistentVolume.v1",
  "PersistentVolumeClaim.v1",
  "StorageClass.storage.k8s.io.v1",
  "VolumeAttachment.storage.k8s.io.v1",
  "CSINode.storage.k8s.io.v1",
  "CSIDriver.storage.k8s.io.v1",
  "CSIStorageCapacity.storage.k8s.io.v1",
  "DeviceClass.resource.k8s.io.v1",
  "ResourceClaim.resource.k8s.io.v1",
];

interface Result {
  id: string;
  verdict: boolean;
  body: boolean;
  message: boolean;
}

/** The controllers whose work shows in the recorded answers. */
const CONTROLLERS = ["serviceaccount", "replicationcontroller", "disruption"];

function controllers({ server }: DevServer, signal: AbortSignal): Promise<unknown> {
  const common = { clock: realClock, random: realRandom, logger: silentLogger };
  const client = createClient(server.directTransport({ name: "system:parity", groups: ["system:masters"] }));
  const informers = createInformers(client, common);
  const network = { rootCA: "", clusterCIDR: "10.128.0.0/9", nodeCIDRMaskSize: 24 };
  const options = { ...common, ...network, client, informers, only: CONTROLLERS };
  return Promise.all([informers.run(signal), runControllers(options, signal)]).catch((error) => {
    if (!signal.aborted) throw error;
  });
}

function replay(server: DevServer, args: { only: string; show: string; json: string }): Promise<number> {
  const file = (name: string) => join(server.pki, name);
  const python = spawn(
    "python3",
    [
      join(folder, "differential.py"),
      "replay",
      join(folder, "kubernetes-1.36.jsonl.gz"),
      ...["--server", server.url, "--cacert", file("ca.crt"), "--cert", file("admin.crt"), "--key", file("admin.key")],
      ...["--only", args.only, "--show", args.show, "--json", args.json],
    ],
    { stdio: ["ignore", args.show === "0" ? "ignore" : "inherit", "inherit"] },
  );
  return new Promise((done, reject) => {
    python.once("error", reject);
    python.once("close", (code) => done(code ?? 1));
  });
}

function count(results: readonly Result[], kind: string): { asked: number; verdict: number; body: number } {
  const of = results.filter(({ id }) => id.startsWith(`${kind}.`) || id.startsWith(`${kind}/`));
  return {
    asked: of.length,
    verdict: of.filter((r) => r.verdict).length,
    body: of.filter((r) => r.body).length,
  };
}

function report(results: readonly Result[], kinds: readonly string[]): boolean {
  // Nothing asked is nothing shown: a misspelt --only must not look like a success.
  let good = results.length > 0;
  if (!good) console.log("! no recorded question is named so");
  for (const kind of kinds) {
    const { asked, verdict, body } = count(results, kind);
    if (asked === 0) continue;
    const share = body / asked;
    good &&= share >= LEAST;
    const mark = share >= LEAST ? " " : "!";
    console.log(
      `${mark} ${kind.padEnd(50)} ${body} of ${asked} equal (${(share * 100).toFixed(1)} %), verdicts ${verdict}`,
    );
  }
  return good;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { only: { type: "string", default: "" }, show: { type: "string", default: "0" } },
  });
  if (!existsSync(folder)) {
    console.log(`skipped: no recorded answers at ${folder}`);
    return 0;
  }
  const work = await mkdtemp(join(tmpdir(), "coxswain-parity-"));
  const server = await startDevServer({ serviceCA: true });
  const stop = new AbortController();
  const running = controllers(server, stop.signal);
  try {
    const json = join(work, "results.json");
    const escaped = KINDS.map((kind) => kind.replaceAll(".", "\\."));
    await replay(server, { only: values.only || `^(${escaped.join("|")})\\.`, show: values.show, json });
    const results = JSON.parse(await readFile(json, "utf8")) as Result[];
    const kinds = values.only ? [...new Set(results.map(({ id }) => id.split("/")[0]!))] : KINDS;
    return report(results, kinds) ? 0 : 1;
  } finally {
    stop.abort();
    await running;
    await server.close();
    await rm(work, { recursive: true, force: true });
  }
}

process.exitCode = await main();
