import type { PolicyRule } from "../../api/rbac/v1/index.ts";
import type { Access } from "./authorizer.ts";

function has(list: readonly string[] | undefined, value: string): boolean {
  return list !== undefined && (list.includes(value) || list.includes("*"));
}

function coversResource({ resources }: PolicyRule, resource: string, subresource: string): boolean {
  if (!resources) return false;
  if (resources.includes("*")) return true;
  if (subresource === "") return resources.includes(resource);
  return resources.includes(`${resource}/${subresource}`) || resources.includes(`*/${subresource}`);
}

function coversPath({ nonResourceURLs }: PolicyRule, path: string): boolean {
  return (
    nonResourceURLs?.some(
      (url) => url === "*" || url === path || (url.endsWith("*") && path.startsWith(url.slice(0, -1))),
    ) ?? false
  );
}

/** Whether one rule allows what is asked. */
export function allows(rule: PolicyRule, access: Access): boolean {
  if (!has(rule.verbs, access.verb)) return false;
  if (!access.isResource) return coversPath(rule, access.path);
  if (!has(rule.apiGroups, access.group)) return false;
  if (!coversResource(rule, access.resource, access.subresource)) return false;
  const names = rule.resourceNames ?? [];
  return names.length === 0 || names.includes(access.name);
}

/** A rule with one verb, one group, one resource, at most one name. */
function* single(rule: PolicyRule): Generator<PolicyRule> {
  for (const verb of rule.verbs ?? []) {
    for (const url of rule.nonResourceURLs ?? []) yield { verbs: [verb], nonResourceURLs: [url] };
    for (const group of rule.apiGroups ?? []) {
      for (const resource of rule.resources ?? []) {
        const base = { verbs: [verb], apiGroups: [group], resources: [resource] };
        if ((rule.resourceNames ?? []).length === 0) yield base;
        for (const name of rule.resourceNames ?? []) yield { ...base, resourceNames: [name] };
      }
    }
  }
}

function covered(owned: PolicyRule, asked: PolicyRule): boolean {
  if (!has(owned.verbs, asked.verbs![0]!)) return false;
  const url = asked.nonResourceURLs?.[0];
  if (url !== undefined) return coversPath(owned, url);
  if (!has(owned.apiGroups, asked.apiGroups![0]!)) return false;
  const [resource = "", subresource = ""] = asked.resources![0]!.split("/");
  const named = owned.resources?.includes(asked.resources![0]!) || coversResource(owned, resource, subresource);
  if (!named) return false;
  const names = owned.resourceNames ?? [];
  const [name] = asked.resourceNames ?? [];
  return names.length === 0 || (name !== undefined && names.includes(name));
}

/** What of `asked` the owner of `owned` could not give away. */
export function uncovered(owned: readonly PolicyRule[], asked: readonly PolicyRule[]): PolicyRule[] {
  const out: PolicyRule[] = [];
  for (const rule of asked) {
    for (const part of single(rule)) if (!owned.some((o) => covered(o, part))) out.push(part);
  }
  return out;
}
