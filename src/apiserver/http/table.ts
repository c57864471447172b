import type { Column, Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject, ListMeta } from "../../apimachinery/meta.ts";
import type { Entry } from "../cache/entry.ts";

const META = "meta.k8s.io/v1";

/** Only an object's metadata, for clients that need no more. */
export function partialMetadata({ metadata }: KubernetesObject): object {
  return { kind: "PartialObjectMetadata", apiVersion: META, metadata };
}

function definition({ name, type, format = "", description, priority = 0 }: Column<never>): object {
  return { name, type, format, description, priority };
}

function columnsOf(kind: Kind): readonly Column<KubernetesObject>[] {
  return kind.columns.length > 0 ? kind.columns : DEFAULT_COLUMNS;
}

const DEFAULT_COLUMNS: readonly Column<KubernetesObject>[] = [
  {
    name: "Name",
    type: "string",
    format: "name",
    description: "Name, unique among objects of one kind in one namespace.",
    value: ({ metadata }) => metadata.name,
  },
  {
    name: "Created At",
    type: "date",
    description: "When the object was created.",
    value: ({ metadata }) => metadata.creationTimestamp,
  },
];

export type IncludeObject = "Metadata" | "None" | "Object";

/** Rows of cells, as kubectl prints them. */
export function table(
  kind: Kind,
  entries: readonly Entry[],
  options: { metadata: ListMeta; now: number; include: IncludeObject; definitions: boolean },
): object {
  const columns = columnsOf(kind);
  const rows = entries.map(({ object }) => ({
    cells: columns.map((column) => column.value(object, options.now) ?? null),
    ...(options.include !== "None" && { object: options.include === "Object" ? object : partialMetadata(object) }),
  }));
  const { metadata } = options;
  const columnDefinitions = options.definitions ? columns.map((column) => definition(column as Column<never>)) : null;
  return { kind: "Table", apiVersion: META, metadata, columnDefinitions, rows };
}
