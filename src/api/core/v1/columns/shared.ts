import type { Column } from "../../../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../../../apimachinery/meta.ts";
import { humanDuration, parseTime } from "../../../../apimachinery/time.ts";

export const nameColumn: Column<KubernetesObject> = {
  name: "Name",
  type: "string",
  format: "name",
  description: "Name, unique among objects of one kind in one namespace.",
  value: ({ metadata }) => metadata.name ?? "",
};

export const ageColumn: Column<KubernetesObject> = {
  name: "Age",
  type: "string",
  description: "How long ago the object was created.",
  value: ({ metadata }, now) => since(metadata.creationTimestamp, now),
};

/** How long ago, as people like to read it: "5m", "3d4h". */
export function since(time: string | null | undefined, now: number): string {
  return time ? humanDuration(now - parseTime(time)) : "<unknown>";
}

export const orNone = (text: string | undefined): string => text || "<none>";

export function formatLabels(labels: Record<string, string> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return orNone(pairs.sort().join(","));
}
