import { badRequest } from "../../apimachinery/errors.ts";
import { parseFieldSelector, parseLabelSelector } from "../../apimachinery/selectors.ts";
import type { Entry } from "../cache/entry.ts";
import type { WatchScope } from "../cache/watcher.ts";
import type { Resource } from "./resource.ts";
import { viewEntry } from "./views.ts";

/** Which objects a list, watch or deletecollection is about. */
export interface Selection extends WatchScope {
  /** whether anything but the namespace narrows it */
  readonly selective: boolean;
}

interface Condition {
  field: string;
  value: string;
  equal: boolean;
}

function conditions(resource: Resource, text: string): Condition[] {
  const { requirements } = parseFieldSelector(text);
  const { selectableFields } = resource.kind;
  const out: Condition[] = [];
  for (const { field, operator, value } of requirements) {
    if (field === "" && value === "") continue;
    if (field !== "metadata.name" && field !== "metadata.namespace" && !selectableFields?.[field]) {
      throw badRequest(
        selectableFields
          ? `field label not supported: ${field}`
          : `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`,
      );
    }
    out.push({ field, value, equal: operator !== "!=" });
  }
  return out;
}

function fieldValue(resource: Resource, entry: Entry, field: string): string {
  const { object } = entry;
  if (field === "metadata.name") return object.metadata.name ?? "";
  if (field === "metadata.namespace") return object.metadata.namespace ?? "";
  return resource.kind.selectableFields![field]!(object);
}

/** Reads labelSelector and fieldSelector; throws 400 as Kubernetes words it. */
export function parseSelection(
  resource: Resource,
  options: { namespace: string; name?: string; labelSelector?: string | null; fieldSelector?: string | null },
): Selection {
  const labels = options.labelSelector ? parseLabelSelector(options.labelSelector) : undefined;
  const fields = options.fieldSelector ? conditions(resource, options.fieldSelector) : [];
  const named = fields.find((c) => c.field === "metadata.name" && c.equal);
  const indexed = fields.find((c) => c.equal && resource.storage.selectableFields?.[c.field]);
  const name = options.name || named?.value;
  const namespace = options.namespace === "" ? undefined : options.namespace;
  const everyLabel = !labels || labels.requirements.length === 0;
  if (everyLabel && fields.length === 0 && name === undefined) return { namespace, selective: false };
  const matches = (stored: Entry): boolean => {
    const { metadata } = stored.object;
    if (namespace !== undefined && metadata.namespace !== namespace) return false;
    if (name !== undefined && metadata.name !== name) return false;
    if (!everyLabel && !labels!.matches(metadata.labels ?? {})) return false;
    if (fields.length === 0) return true;
    const entry = viewEntry(resource, stored);
    return fields.every((c) => (fieldValue(resource, entry, c.field) === c.value) === c.equal);
  };
  return {
    namespace,
    name,
    indexed: indexed && { field: indexed.field, value: indexed.value },
    matches,
    selective: true,
  };
}
