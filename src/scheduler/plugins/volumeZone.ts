import type { Node, PersistentVolume } from "../../api/core/v1/index.ts";
import { labelsChanged } from "../clusterEvents.ts";
import type { Plugin, Refusal } from "../framework.ts";
import { claimUses, isBound } from "../volumes/view.ts";

const name = "VolumeZone";
const ELSEWHERE: Refusal = { plugin: name, reasons: ["node(s) had no available volume zone"], isFinal: true };

const GENERAL = ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"];
/** the old names of the same labels */
const BETA: Readonly<Record<string, string>> = {
  "failure-domain.beta.kubernetes.io/zone": GENERAL[0]!,
  "failure-domain.beta.kubernetes.io/region": GENERAL[1]!,
};

/** Several zones are joined by two underscores. */
const zonesOf = (value: string) => value.split("__").map((zone) => zone.trim());

interface Place {
  readonly key: string;
  readonly values: readonly string[];
}

/** A Pod goes to the zone whose label its volumes carry. */
export const volumeZone: Plugin = {
  name,
  filter({ pod }, { table, volumes }) {
    const places = claimUses(pod).flatMap(({ name: claimName }) => {
      const claim = volumes.claim(pod.metadata.namespace!, claimName);
      const volume = claim && isBound(claim) ? volumes.volume(claim.spec.volumeName!) : undefined;
      return volume ? placesOf(volume) : [];
    });
    if (places.length === 0) return undefined;
    return { refuse: (slot) => (isIn(table.node(slot)!, places) ? undefined : ELSEWHERE) };
  },
  hint(pod, event) {
    if (event.resource === "Node") return labelsChanged(event);
    if (event.resource === "PersistentVolumeClaim") return event.new?.metadata.namespace === pod.metadata.namespace;
    return event.resource === "PersistentVolume" || event.resource === "StorageClass";
  },
};

function placesOf({ metadata }: PersistentVolume): Place[] {
  return [...GENERAL, ...Object.keys(BETA)].flatMap((key) => {
    const value = metadata.labels?.[key];
    return value === undefined ? [] : [{ key, values: zonesOf(value) }];
  });
}

/** A node without any such label is in no zone, and thus in none that excludes it. */
function isIn({ metadata }: Node, places: readonly Place[]): boolean {
  const labels = metadata.labels ?? {};
  if (![...GENERAL, ...Object.keys(BETA)].some((key) => labels[key] !== undefined)) return true;
  return places.every(({ key, values }) => {
    const value = labels[key] ?? labels[BETA[key] ?? ""];
    return value !== undefined && values.includes(value);
  });
}
