import type { Column } from "../apimachinery/kind.ts";
import type { KubernetesObject } from "../apimachinery/meta.ts";
import { humanDuration, parseTime } from "../apimachinery/time.ts";

/** Columns that most kinds share. */

export function nameColumn<T extends KubernetesObject>(): Column<T> {
  return {
    name: "Name",
    type: "string",
    format: "name",
    description: "The object's name, unique among its kind in its namespace.",
    value: (object) => object.metadata.name ?? "",
  };
}

export function ageColumn<T extends KubernetesObject>(): Column<T> {
  return {
    name: "Age",
    type: "string",
    description: "How long ago the object was created.",
    value: (object, now) => age(object.metadata.creationTimestamp, now),
  };
}

export function createdAtColumn<T extends KubernetesObject>(): Column<T> {
  return {
    name: "Created At",
    type: "date",
    description: "When the object was created.",
    value: (object) => object.metadata.creationTimestamp ?? null,
  };
}

/** How long ago a time was, as kubectl prints it. */
export function age(timestamp: string | null | undefined, now: number): string {
  return timestamp ? humanDuration(now - parseTime(timestamp)) : "<unknown>";
}
