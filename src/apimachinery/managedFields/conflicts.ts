import type { ManagedFieldsEntry } from "../meta.ts";
import { failure, type StatusError } from "../status.ts";
import { type FieldSet, printPaths } from "./fieldSet.ts";

/** Fields that an applier would change and another manager owns. */
export interface Conflict {
  entry: ManagedFieldsEntry;
  fields: FieldSet;
}

export function conflictError(conflicts: readonly Conflict[]): StatusError {
  const byManager = conflicts
    .map(({ entry, fields }) => ({ manager: printManager(entry), paths: [...printPaths(fields)] }))
    .sort((a, b) => (a.manager < b.manager ? -1 : 1));
  const causes = byManager.flatMap(({ manager, paths }) =>
    paths.map((field) => ({ reason: "FieldManagerConflict", message: `conflict with ${manager}`, field })),
  );
  return failure(409, "Conflict", message(byManager, causes.length), { causes });
}

function message(byManager: readonly { manager: string; paths: string[] }[], count: number): string {
  const [first] = byManager;
  if (count === 1) return `Apply failed with 1 conflict: conflict with ${first!.manager}: ${first!.paths[0]}`;
  const lines = byManager.flatMap(({ manager, paths }) => [
    `conflicts with ${manager}:`,
    ...paths.map((path) => `- ${path}`),
  ]);
  return `Apply failed with ${count} conflicts: ${lines.join("\n")}`;
}

function printManager(entry: ManagedFieldsEntry): string {
  const name = JSON.stringify(entry.manager ?? "");
  const through = entry.subresource ? ` with subresource ${JSON.stringify(entry.subresource)}` : "";
  return `${name}${through}${entry.operation === "Update" ? ` using ${entry.apiVersion}` : ""}`;
}
