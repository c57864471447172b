import type { Column } from "../../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../../apimachinery/meta.ts";
import type { PodTemplateSpec } from "../../core/v1/podSpec.ts";

/** What a template runs, and which Pods are meant; shown with `-o wide`. */
export function templateColumns<T extends KubernetesObject>(
  templateOf: (object: T) => PodTemplateSpec,
  selectorOf: (object: T) => string,
): Column<T>[] {
  const containers = (object: T) => templateOf(object).spec.containers ?? [];
  const wide = { type: "string", priority: 1 } as const;
  return [
    {
      ...wide,
      name: "Containers",
      description: "Names of the template's containers.",
      value: (object) =>
        containers(object)
          .map(({ name }) => name)
          .join(","),
    },
    {
      ...wide,
      name: "Images",
      description: "Images of the template's containers.",
      value: (object) =>
        containers(object)
          .map(({ image = "" }) => image)
          .join(","),
    },
    { ...wide, name: "Selector", description: "Which Pods belong to the object.", value: selectorOf },
  ];
}
