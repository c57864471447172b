import { badRequest } from "../../apimachinery/errors.ts";
import type { RequestInfo } from "./call.ts";

const NAMESPACE_SUBRESOURCES = new Set(["status", "finalize"]);
const VERBS: Readonly<Record<string, string>> = {
  GET: "get",
  HEAD: "get",
  POST: "create",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw badRequest(`invalid URL escape ${JSON.stringify(part)}`);
  }
}

function segments(path: string): string[] {
  const parts = path.split("/");
  const out: string[] = [];
  for (const part of parts) if (part !== "") out.push(part.includes("%") ? decoded(part) : part);
  return out;
}

function nonResource(path: string, method: string): RequestInfo {
  return {
    isResource: false,
    path,
    verb: method.toLowerCase(),
    group: "",
    version: "",
    namespace: "",
    resource: "",
    subresource: "",
    name: "",
    rest: "",
  };
}

/** `metadata.name=x` alone or among other conditions: the name a list is restricted to. */
function nameFromSelector(query: URLSearchParams): string {
  const match = /(?:^|,)metadata\.name==?([^,!=]+)(?:,|$)/.exec(query.get("fieldSelector") ?? "");
  return match?.[1] ?? "";
}

function isTrue(value: string | null): boolean {
  return value !== null && value !== "0" && value.toLowerCase() !== "false";
}

function collectionVerb(verb: string, query: URLSearchParams): string {
  if (verb === "get") return isTrue(query.get("watch")) ? "watch" : "list";
  return verb === "delete" ? "deletecollection" : verb;
}

/** Reads what a request is about from its method and path; the rules are those of Kubernetes' API URLs. */
export function parseRequestInfo(method: string, path: string, query: URLSearchParams): RequestInfo {
  const parts = segments(path);
  const legacy = parts[0] === "api";
  if (!(legacy && parts.length >= 3) && !(parts[0] === "apis" && parts.length >= 4)) return nonResource(path, method);
  let at = legacy ? 2 : 3;
  const [group, version] = legacy ? ["", parts[1]!] : [parts[1]!, parts[2]!];
  let verb = VERBS[method] ?? "";
  if (parts[at] === "watch" && parts.length > at + 1) {
    verb = "watch";
    at++;
  }
  let namespace = "";
  if (parts[at] === "namespaces" && parts.length > at + 1) {
    namespace = parts[at + 1]!;
    if (parts.length > at + 2 && !NAMESPACE_SUBRESOURCES.has(parts[at + 2]!)) at += 2;
  }
  const resource = parts[at]!;
  const name = parts[at + 1] ?? "";
  const subresource = parts[at + 2] ?? "";
  const info = { isResource: true, path, group, version, namespace, resource, subresource };
  const rest = subresource === "" ? "" : parts.slice(at + 3).join("/");
  if (name !== "") {
    if (verb === "get" && subresource === "" && isTrue(query.get("watch"))) verb = "watch";
    return { ...info, verb, name, rest };
  }
  if (verb === "watch") return { ...info, verb, name: nameFromSelector(query), rest };
  verb = collectionVerb(verb, query);
  return { ...info, verb, name: verb === "create" ? "" : nameFromSelector(query), rest };
}
