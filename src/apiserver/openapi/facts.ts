import type { Kind } from "../../apimachinery/kind.ts";
import { type Definition, definitionName, definitionsOf, patchDefinition, scalarDefinitions } from "./definitions.ts";
import { allPaths, type PathItem } from "./operations.ts";

/** What both forms of documents are made from. */
export interface Facts {
  kinds: readonly Kind[];
  /** the version that the documents tell */
  version: string;
  definitions: Map<string, Definition>;
}

export function factsOf(kinds: readonly Kind[], version: string): Facts {
  return { kinds, version, definitions: definitionsOf(kinds) };
}

export function allPathsOf({ kinds }: Facts): PathItem[] {
  return allPaths(kinds, (group, version, kind) => definitionName(kinds, group, version, kind));
}

/** Names and schemas of the definitions that are no messages. */
export function scalarSchemas(version: 2 | 3): [string, object][] {
  return [...Object.values(scalarDefinitions), patchDefinition].map(({ name, doc, v2, v3 }) => [
    name,
    { description: doc, ...(version === 2 ? v2 : v3) },
  ]);
}
