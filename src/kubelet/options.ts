import type { Taint } from "../api/core/v1/index.ts";
import type { Client } from "../client/client.ts";
import type { ClientCredentials } from "../client/https.ts";
import type { Informers } from "../client/informer.ts";
import type { CriClient } from "../cri/index.ts";
import type { Clock } from "../util/clock.ts";
import type { Logger } from "../util/logger.ts";
import type { Random } from "../util/random.ts";
import type { Cgroups } from "./cgroups.ts";
import type { Observations } from "./eviction/signals.ts";
import type { Capacity } from "./node/machine.ts";
import type { Reserved } from "./node/nodeStatus.ts";
import type { ImageMounter } from "./volumes/imageMounter.ts";
import type { Mounter } from "./volumes/mounter.ts";

/** Under the root directory: the volumes of the default storage class that this node keeps. */
export const LOCAL_VOLUMES_DIRECTORY = "local-volumes";

export interface KubeletOptions {
  client: Client;
  informers: Informers;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** "unix:///run/containerd/containerd.sock" */
  criEndpoint: string;
  nodeName: string;
  nodeIPs: string[];
  /** volumes, host-local's allocations and what else must outlive a restart */
  rootDirectory: string;
  /** what drivers mount below the root directory is to be seen in their Pods and others': done by a real kubelet */
  shareMounts?: boolean;
  podLogsDirectory: string;
  clusterDNS: string[];
  clusterDomain: string;
  /** the cgroup under which those of all pods stand, such as "/coxswain" */
  cgroupRoot: string;
  /** The cgroup that holds all of the node, of which others share the machine; left out: the node is the machine. */
  nodeCgroup?: string;
  /** the cgroups of the kubelet and of the runtime, to say what each uses */
  systemCgroups?: { kubelet?: string; runtime?: string };
  /** what the node has, where that is less than the machine */
  capacity?: Capacity;
  /** kept back from what pods may ask for, for Kubernetes' own processes and for the system */
  reserved?: Reserved;
  /** whether pods together may not take more than that leaves; true when left out */
  enforceAllocatable?: boolean;
  cniConfigDirectory: string;
  cniBinDirectory: string;
  bridgeName: string;
  server: {
    address: string;
    port: number;
    /** files, or a certificate that is renewed while it is in use */
    certificate: { certFile: string; keyFile: string } | ClientCredentials;
    clientCAFile: string;
  };
  labels?: Record<string, string>;
  registerWithTaints?: Taint[];
  maxPods?: number;
  /** when Pods are ended for want of room, as kubelet's --eviction-hard says it; an empty text: never */
  evictionHard?: string;
  /** reported as nodeInfo.kubeletVersion */
  version?: string;
  /** In tests, another runtime than that of `criEndpoint`, and no real mounts, cgroups or server. */
  cri?: CriClient;
  mounter?: Mounter;
  imageMounter?: ImageMounter;
  cgroups?: Cgroups;
  observe?: () => Promise<Observations>;
  serve?: boolean;
}
