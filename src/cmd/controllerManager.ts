import { readFile } from "node:fs/promises";
import { parseDuration } from "../cli/print.ts";
import { LocalDisks } from "../cluster/localDisks.ts";
import { type ControllersOptions, runControllers } from "../controllers/index.ts";
import { readAuthority } from "../pki/index.ts";
import { accountClients } from "./accountClients.ts";
import { AUTOSCALING_FLAGS, autoscalingOf } from "./autoscalingFlags.ts";
import { FlagError, type FlagValues, list } from "./flags.ts";
import { LEADER_FLAGS } from "./leading.ts";
import { processCommand, runTogether } from "./process.ts";
import { KUBECONFIG_FLAG, runElected } from "./remote.ts";

export const CONTROLLER_FLAGS = {
  ...KUBECONFIG_FLAG,
  "root-ca-file": { description: "the authority that Pods find in ConfigMap kube-root-ca.crt", required: true },
  "cluster-cidr": { description: "addresses of Pods", default: "10.244.0.0/16" },
  "node-cidr-mask-size": { description: "size of each node's share of them", default: "24" },
  "node-cidr-mask-size-ipv6": { description: "the same for IPv6", default: "64" },
  "cluster-signing-cert-file": { description: "the authority that signs approved certificate requests" },
  "cluster-signing-key-file": { description: "its key; without the two nothing is signed" },
  "cluster-signing-duration": { description: "how long a signed certificate is good at most", default: "8760h" },
  "local-disks-dir": { description: "folder of the disks of class network, on this host; left out: there are none" },
  "local-disk-devices-dir": {
    description: "folder of their devices while they are attached, emptied when the host starts",
    default: "/run/coxswain-disks",
  },
  ...AUTOSCALING_FLAGS,
  controllers: { description: "which to run, separated by commas; all when left out" },
} as const;

/** What signs certificate requests, where the flags say with which key. */
export async function signerOf(
  flags: Pick<FlagValues<typeof CONTROLLER_FLAGS>, `cluster-signing-${"cert-file" | "key-file" | "duration"}`>,
): Promise<ControllersOptions["signer"]> {
  const [certificate, key] = [flags["cluster-signing-cert-file"], flags["cluster-signing-key-file"]];
  if (certificate === undefined || key === undefined) return undefined;
  const duration = parseDuration(flags["cluster-signing-duration"]);
  if (duration === undefined) throw new FlagError("--cluster-signing-duration must be a duration such as 8760h");
  return { authority: readAuthority(await readFile(certificate, "utf8"), await readFile(key, "utf8")), duration };
}

/** The disks that the machines of this host can be given. */
export const disksOf = (
  flags: Pick<FlagValues<typeof CONTROLLER_FLAGS>, `local-disk${"s" | "-devices"}-dir`>,
): ControllersOptions["disks"] =>
  flags["local-disks-dir"] === undefined
    ? undefined
    : new LocalDisks(flags["local-disks-dir"], flags["local-disk-devices-dir"]);

export const main = processCommand(
  "controller-manager",
  "the controllers",
  { ...CONTROLLER_FLAGS, ...LEADER_FLAGS },
  async (flags, context) => {
    const rootCA = await readFile(flags["root-ca-file"], "utf8");
    const only = flags.controllers === undefined || flags.controllers === "*" ? undefined : list(flags.controllers);
    const clusterCIDR = flags["cluster-cidr"];
    const nodeCIDRMaskSize = Number(flags["node-cidr-mask-size"]);
    const nodeCIDRMaskSizeIPv6 = Number(flags["node-cidr-mask-size-ipv6"]);
    const options = {
      rootCA,
      clusterCIDR,
      nodeCIDRMaskSize,
      nodeCIDRMaskSizeIPv6,
      only,
      signer: await signerOf(flags),
      disks: disksOf(flags),
      horizontalPodAutoscaler: autoscalingOf(flags),
    };
    const elected = { part: "controllers", lease: "kube-controller-manager", flags, context };
    await runElected(elected, (connected, inTerm, signal) => {
      const clientAs = accountClients(connected.client, connected.access, context.clock, inTerm);
      return runTogether(signal, {
        informers: (ending) => connected.informers.run(ending),
        controllers: (ending) => runControllers({ ...connected, ...options, clientAs }, ending),
      });
    });
  },
);
