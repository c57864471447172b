import type { Column } from "../../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../../apimachinery/meta.ts";
import { parseQuantity, zeroQuantity } from "../../../apimachinery/quantity.ts";
import { nameColumn } from "../../columns.ts";

type Usage = Record<string, string>;

/** What is used in all, and over which time that was found. */
export function usageColumns<T extends KubernetesObject & { window: string }>(
  read: (object: T) => readonly Usage[],
): Column<T>[] {
  const sum = (object: T, resource: string) =>
    read(object)
      .map((usage) => parseQuantity(usage[resource] ?? "0"))
      .reduce((total, one) => total.add(one), zeroQuantity)
      .toString();
  return [
    nameColumn(),
    { name: "cpu", type: "string", description: "CPU time used per second.", value: (object) => sum(object, "cpu") },
    { name: "memory", type: "string", description: "Memory in use.", value: (object) => sum(object, "memory") },
    { name: "Window", type: "string", description: "How long was measured.", value: ({ window }) => window },
  ];
}
