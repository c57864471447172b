import type { Column } from "../../../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../../../apimachinery/meta.ts";
import type { PodTemplateSpec } from "../podSpec.ts";

/** Columns that show what a Pod template holds, for every kind that has one. */
export function templateColumns<T extends KubernetesObject>(
  templateOf: (object: T) => PodTemplateSpec | undefined,
  priority = 0,
): Column<T>[] {
  const containers = (object: T) => templateOf(object)?.spec.containers ?? [];
  const shown = { type: "string", ...(priority > 0 ? { priority } : {}) } as const;
  return [
    {
      ...shown,
      name: "Containers",
      description: "Names of the template's containers.",
      value: (object) =>
        containers(object)
          .map(({ name }) => name)
          .join(","),
    },
    {
      ...shown,
      name: "Images",
      description: "Images of the template's containers.",
      value: (object) =>
        containers(object)
          .map(({ image }) => image ?? "")
          .join(","),
    },
  ];
}
