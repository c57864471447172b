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
  podLogsDirectory: string;
  clusterDNS: string[];
  clusterDomain: string;
  /** the cgroup under which those of all pods stand, such as "/coxswain" */
  cgroupRoot: string;
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
