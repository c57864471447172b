import { labelsChanged } from "../clusterEvents.ts";
import type { Plugin, Refusal } from "../framework.ts";
import type { VolumeBinder } from "../volumes/binder.ts";
import { claimsOf, planVolumes } from "../volumes/plan.ts";
import { claimUses } from "../volumes/view.ts";

const name = "VolumeBinding";
const refusal = (reasons: readonly string[]): Refusal => ({ plugin: name, reasons, isFinal: true });

/** Pods go where their volumes are or can be; volumes that wait for a Pod are bound to its node before it is. */
export function volumeBinding(binder: VolumeBinder): Plugin {
  return {
    name,
    filter({ pod }, { table, volumes }) {
      const claims = claimsOf(pod, volumes);
      if (!claims) return undefined;
      if (typeof claims === "string") return { refused: refusal([claims]) };
      return {
        refuse(slot) {
          const plan = planVolumes(claims, table.node(slot)!, volumes);
          return Array.isArray(plan) ? refusal(plan) : undefined;
        },
      };
    },
    reserve({ pod }, nodeName, { table, volumes }) {
      const claims = claimsOf(pod, volumes);
      if (!claims || typeof claims === "string" || claims.waiting.length === 0) return undefined;
      const plan = planVolumes(claims, table.node(table.slotOf(nodeName)!)!, volumes);
      if (Array.isArray(plan)) return undefined;
      binder.hold(plan);
      return {
        plugin: name,
        prepare: (signal) => binder.bind(plan, nodeName, signal),
        release: () => binder.letGo(plan),
      };
    },
    hint(pod, event) {
      if (event.resource === "PersistentVolumeClaim") {
        const { namespace, name: claim } = (event.new ?? event.old)!.metadata;
        return namespace === pod.metadata.namespace && claimUses(pod).some((use) => use.name === claim);
      }
      if (event.resource === "Node") return labelsChanged(event);
      if (event.new === undefined) return false;
      return ["PersistentVolume", "StorageClass", "CSINode", "CSIDriver", "CSIStorageCapacity"].includes(
        event.resource,
      );
    },
  };
}
