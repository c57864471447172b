import type { KubernetesObject } from "../../../../apimachinery/meta.ts";
import * as columns from "../../../columns.ts";

export const nameColumn = columns.nameColumn<KubernetesObject>();
export const ageColumn = columns.ageColumn<KubernetesObject>();

/** How long ago, as people like to read it: "5m", "3d4h". */
export const since = columns.age;

export const orNone = (text: string | undefined): string => text || "<none>";

export function formatLabels(labels: Record<string, string> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return orNone(pairs.sort().join(","));
}
