import { badRequest, invalid } from "../../apimachinery/errors.ts";
import { type FieldError, fieldForbidden, fieldNotSupported, root } from "../../apimachinery/fieldErrors.ts";

export interface ListOptions {
  labelSelector: string | null;
  fieldSelector: string | null;
  limit: number;
  continue: string;
  /** undefined when not given */
  resourceVersion: number | undefined;
  match: "Exact" | "NotOlderThan" | undefined;
  timeoutSeconds: number | undefined;
  allowWatchBookmarks: boolean;
  sendInitialEvents: boolean | undefined;
}

/** An integer as Go's ParseInt accepts it; throws 400 in its words. */
export function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === "") return undefined;
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}

/** A boolean as it is read from a query: anything but "0" and "false" is true. */
export function flag(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name);
  return text === null ? undefined : text !== "0" && text.toLowerCase() !== "false";
}

export function parseResourceVersion(text: string | null): number | undefined {
  if (text === null || text === "") return undefined;
  if (!/^\d+$/.test(text)) {
    const quoted = JSON.stringify(text);
    throw badRequest(
      `invalid resource version: resourceVersion: Invalid value: ${quoted}: strconv.ParseUint: parsing ${quoted}: invalid syntax`,
    );
  }
  return Number(text);
}

function check(query: URLSearchParams, watch: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const match = query.get("resourceVersionMatch") ?? "";
  const path = root.child("resourceVersionMatch");
  const initial = flag(query, "sendInitialEvents");
  if (match !== "" && initial === undefined) {
    if (watch)
      errors.push(
        fieldForbidden(path, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"),
      );
    if (!query.get("resourceVersion")) {
      errors.push(fieldForbidden(path, "resourceVersionMatch is forbidden unless resourceVersion is provided"));
    }
    if (query.get("continue"))
      errors.push(fieldForbidden(path, "resourceVersionMatch is forbidden when continue is provided"));
    if (match !== "Exact" && match !== "NotOlderThan") {
      errors.push(fieldNotSupported(path, match, ["Exact", "NotOlderThan", ""]));
    }
    if (match === "Exact" && query.get("resourceVersion") === "0") {
      errors.push(fieldForbidden(path, 'resourceVersionMatch "Exact" is forbidden for resourceVersion "0"'));
    }
  }
  if (initial !== undefined) {
    if (!watch) errors.push(fieldForbidden(root.child("sendInitialEvents"), "sendInitialEvents is forbidden for list"));
    else if (match !== "NotOlderThan") {
      errors.push(fieldForbidden(path, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
    }
  }
  return errors;
}

/** Reads and checks the query of a list or watch. */
export function parseListOptions(query: URLSearchParams, watch: boolean): ListOptions {
  const options: ListOptions = {
    labelSelector: query.get("labelSelector"),
    fieldSelector: query.get("fieldSelector"),
    limit: integer(query, "limit") ?? 0,
    continue: query.get("continue") ?? "",
    resourceVersion: undefined,
    match: (query.get("resourceVersionMatch") || undefined) as ListOptions["match"],
    timeoutSeconds: integer(query, "timeoutSeconds"),
    allowWatchBookmarks: flag(query, "allowWatchBookmarks") ?? false,
    sendInitialEvents: flag(query, "sendInitialEvents"),
  };
  const errors = query.size === 0 ? [] : check(query, watch);
  if (errors.length > 0) throw invalid({ group: "meta.k8s.io", kind: "ListOptions", plural: "" }, "", errors);
  options.resourceVersion = parseResourceVersion(query.get("resourceVersion"));
  if (options.continue !== "" && options.resourceVersion !== undefined && options.resourceVersion !== 0) {
    throw badRequest("specifying resource version is not allowed when using continue");
  }
  return options;
}
