import { MASTERS } from "../authorization/authorizer.ts";
import type { Registry } from "../registry/registry.ts";
import type { Resource } from "../registry/resource.ts";
import type { Call, User } from "./call.ts";
import { newCall } from "./pipeline.ts";

/** The server itself, when it writes what no client asked for. */
export const SYSTEM: User = { name: "system:apiserver", groups: [MASTERS, "system:authenticated"] };

/** A call that did not come in from anywhere. */
export function systemCall(registry: Registry, resource: Resource, at: { namespace: string; name: string }): Call {
  const call = newCall(
    {
      method: "POST",
      path: "",
      query: new URLSearchParams(),
      header: () => undefined,
      headers: () => [],
      headerNames: () => [],
      body: async () => ({ type: "none" }),
      signal: new AbortController().signal,
      user: SYSTEM,
      direct: true,
      userAgent: "kube-apiserver",
    },
    registry,
  );
  call.user = SYSTEM;
  call.resource = resource;
  const { group, version, plural } = resource.kind;
  call.info = { ...call.info, ...at, isResource: true, group, version, resource: plural };
  return call;
}
