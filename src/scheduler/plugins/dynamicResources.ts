import { type Pod, resourceClaimName, resourceClaimNames } from "../../api/core/v1/index.ts";
import type { ResourceClaim } from "../../api/resource/v1/index.ts";
import type { Clock } from "../../util/clock.ts";
import type { Random } from "../../util/random.ts";
import type { ClusterEvent } from "../clusterEvents.ts";
import type { DeviceBinder, Grant } from "../devices/binder.ts";
import { demandOf, isWithinReach, planDevices } from "../devices/plan.ts";
import { allocationOf } from "../devices/result.ts";
import { waitingFor } from "../devices/view.ts";
import type { Plugin, Refusal } from "../framework.ts";

const name = "DynamicResources";
const refusal = (reason: string, isFinal = true): Refusal => ({ plugin: name, reasons: [reason], isFinal });

/** Pods go where the devices that they claim can be used; claims get theirs when the node is chosen. */
export function dynamicResources(binder: DeviceBinder, { clock, random }: { clock: Clock; random: Random }): Plugin {
  return {
    name,
    gate(pod) {
      const isMade = (pod.spec.resourceClaims ?? []).every((entry) => resourceClaimName(pod, entry) !== undefined);
      return isMade ? undefined : waitingFor(pod);
    },
    filter({ pod }, { table, devices }) {
      const demand = demandOf(pod, devices);
      if (!demand) return undefined;
      if (typeof demand === "string") return { refused: refusal(demand) };
      return {
        refuse(slot) {
          const node = table.node(slot)!;
          if (!isWithinReach(demand, node, devices)) return refusal("resourceclaim not available on the node");
          const plan = planDevices(demand, node, devices);
          if (plan === undefined) return refusal("cannot allocate all claims", false);
          return typeof plan === "string" ? refusal(plan) : undefined;
        },
      };
    },
    reserve({ pod }, nodeName, { table, devices }) {
      const demand = demandOf(pod, devices);
      if (!demand || typeof demand === "string") return undefined;
      const node = table.node(table.slotOf(nodeName)!)!;
      const picks = planDevices(demand, node, devices);
      if (!Array.isArray(picks)) return undefined;
      const grants: Grant[] = [
        ...demand.allocated.map((claim) => ({ claim, allocation: devices.allocationOf(claim) })),
        ...demand.pending.map((claim) => {
          const allocation = allocationOf(claim, picks, { node, now: clock.now(), random });
          devices.hold(claim, allocation);
          return { claim, allocation };
        }),
      ];
      let isTold = false;
      return {
        plugin: name,
        prepare(signal) {
          isTold = true;
          return binder.bind(pod, grants, signal);
        },
        async release(isBound) {
          if (isBound) return;
          for (const claim of demand.pending) devices.letGo(claim);
          if (isTold) await binder.giveBack(pod, grants);
        },
      };
    },
    hint: helps,
  };
}

/** Claims of the Pod itself, devices that others give back, and whatever says that there are more. */
function helps(pod: Pod, event: ClusterEvent): boolean {
  if (event.resource === "ResourceClaim") {
    const { metadata } = (event.new ?? event.old)!;
    const isOwn = metadata.namespace === pod.metadata.namespace && resourceClaimNames(pod).includes(metadata.name!);
    return isOwn || (hasDevices(event.old) && !hasDevices(event.new));
  }
  if (event.resource === "Node") return event.new !== undefined;
  return event.new !== undefined && (event.resource === "ResourceSlice" || event.resource === "DeviceClass");
}

const hasDevices = (claim: ResourceClaim | undefined): boolean => claim?.status.allocation !== undefined;
