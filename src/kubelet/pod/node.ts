import type { HostPort, Pod, Service } from "../../api/core/v1/index.ts";
import type { EventRecorder } from "../../client/index.ts";
import type { CriClient } from "../../cri/index.ts";
import type { Clock } from "../../util/clock.ts";
import type { Logger } from "../../util/logger.ts";
import type { Cgroups } from "../cgroups.ts";
import type { PodDevices } from "../devices/podDevices.ts";
import type { Pressure } from "../eviction/signals.ts";
import type { ImagePuller } from "../images/imagePuller.ts";
import type { Machine } from "../node/machine.ts";
import type { NodeMeter } from "../node/usage.ts";
import type { PodCache } from "../podCache.ts";
import type { Prober } from "../probes/prober.ts";
import type { StatusWriter } from "../statusWriter.ts";
import type { PodVolumes } from "../volumes/podVolumes.ts";
import type { References } from "../volumes/references.ts";
import type { VolumeMeter } from "../volumes/volumeMeter.ts";
import type { CrashBackoff } from "./crashBackoff.ts";
import type { DnsInput } from "./dns.ts";
import type { NodeFacts } from "./fieldRefs.ts";

/** What all pod workers of a node share. */
export interface NodeServices {
  readonly cri: CriClient;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly recorder: EventRecorder;
  readonly cache: PodCache;
  readonly prober: Prober;
  readonly images: ImagePuller;
  readonly volumes: PodVolumes;
  readonly devices: PodDevices;
  readonly volumeMeter: VolumeMeter;
  readonly references: References;
  readonly statuses: StatusWriter;
  readonly cgroups: Cgroups;
  readonly crashes: CrashBackoff;
  readonly dns: DnsInput;
  readonly hostIPs: readonly string[];
  readonly podLogsDirectory: string;
  readonly seccompDirectory: string;
  readonly machine: Machine;
  readonly meter: NodeMeter;
  services(): readonly Service[];
  facts(pod: Pod, podIPs: readonly string[]): NodeFacts;
  /** what all other pods of this node ask for together */
  requestsBesides(uid: string): { cpu: number; memory: number };
  /** the node's ports that all other pods of this node have together */
  portsBesides(uid: string): readonly HostPort[];
  /** what this node runs short of */
  pressures(): ReadonlySet<Pressure>;
  /** why pods with a network of their own cannot be started now, if they cannot */
  networkTrouble(): string | undefined;
  /** The runtime's handler for Pods of this RuntimeClass; "" is its default. Throws when there is no such class. */
  runtimeHandler(runtimeClassName: string | undefined): Promise<string>;
  /** the pod is over and cleaned away */
  gone(uid: string): void;
}
