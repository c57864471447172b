import { parseAllDocuments } from "yaml";
import { ConfigMap, type Pod } from "../api/core/v1/index.ts";
import type { LabelSelector } from "../apimachinery/meta.ts";
import { labelSelector, type Selector } from "../apimachinery/selectors.ts";
import type { Informers } from "../client/informer.ts";
import type { Logger } from "../util/logger.ts";
import { type PodBehaviour, parseDelay } from "./behaviour.ts";

/** How certain Pods behave; of several rules, the first that is about a Pod decides each of its fields. */
export interface PodRule {
  readonly namespaces: readonly string[] | undefined;
  readonly selector: Selector | undefined;
  readonly behaviour: Partial<PodBehaviour>;
}

/** A rule that cannot be understood; the message says where. */
export class RuleError extends Error {}

const DELAYS = ["startDelay", "readyDelay", "stopDelay", "exitAfter"] as const;
const KNOWN = new Set(["namespaces", "selector", ...DELAYS, "exitCode", "imageMissing"]);

/**
 * Reads rules, one YAML document each:
 *
 *     namespaces: [default]                       # all when left out
 *     selector: {matchLabels: {app: worker}}      # all when left out
 *     startDelay: 2s                              # also readyDelay, stopDelay, exitAfter; "never" is a delay, too
 *     exitAfter: 30s
 *     exitCode: 1
 *     imageMissing: false
 */
export function parseRules(text: string): PodRule[] {
  return parseAllDocuments(text).flatMap((document, i) => {
    if (document.errors.length > 0) throw new RuleError(`rule ${i + 1}: ${document.errors[0]!.message}`);
    const value: unknown = document.toJS();
    return value === null || value === undefined ? [] : [readRule(value, `rule ${i + 1}`)];
  });
}

function readRule(value: unknown, at: string): PodRule {
  if (typeof value !== "object" || Array.isArray(value)) throw new RuleError(`${at}: must be a map`);
  const rule = value as Record<string, unknown>;
  const unknown = Object.keys(rule).find((key) => !KNOWN.has(key));
  if (unknown) throw new RuleError(`${at}: unknown field "${unknown}"; there are ${[...KNOWN].join(", ")}`);
  const { namespaces, selector } = rule;
  if (namespaces !== undefined && !Array.isArray(namespaces)) throw new RuleError(`${at}.namespaces: must be a list`);
  return {
    namespaces: namespaces as string[] | undefined,
    selector: selector === undefined ? undefined : readSelector(selector, at),
    behaviour: readBehaviour(rule, at),
  };
}

function readSelector(value: unknown, at: string): Selector {
  try {
    return labelSelector(value as LabelSelector);
  } catch (error) {
    throw new RuleError(`${at}.selector: ${(error as Error).message}`);
  }
}

function readBehaviour(rule: Record<string, unknown>, at: string): Partial<PodBehaviour> {
  const behaviour: Partial<PodBehaviour> = {};
  for (const name of DELAYS) {
    if (rule[name] === undefined) continue;
    try {
      behaviour[name] = parseDelay(String(rule[name]));
    } catch (error) {
      throw new RuleError(`${at}.${name}: ${(error as Error).message}`);
    }
  }
  const { exitCode, imageMissing } = rule;
  if (exitCode !== undefined) {
    if (!Number.isInteger(exitCode)) throw new RuleError(`${at}.exitCode: must be a whole number`);
    behaviour.exitCode = exitCode as number;
  }
  if (imageMissing !== undefined) {
    if (typeof imageMissing !== "boolean") throw new RuleError(`${at}.imageMissing: must be true or false`);
    behaviour.imageMissing = imageMissing;
  }
  return behaviour;
}

/** What the rules say about a Pod. */
export function behaviourByRules(rules: readonly PodRule[], { metadata }: Pod): Partial<PodBehaviour> {
  const meant = rules.filter(
    ({ namespaces, selector }) =>
      (!namespaces || namespaces.includes(metadata.namespace!)) && (!selector || selector.matches(metadata.labels)),
  );
  return Object.assign({}, ...meant.map(({ behaviour }) => behaviour).reverse()) as Partial<PodBehaviour>;
}

/** The ConfigMap that holds rules for a running cluster, each of its keys some of them. */
export const RULES = { namespace: "kube-system", name: "simulation-rules" };

/** Keeps the rules of the ConfigMap `kube-system/simulation-rules`; what it says applies to Pods from then on. */
export function followRules(informers: Informers, logger: Logger): { readonly rules: readonly PodRule[] } {
  const followed: { rules: readonly PodRule[] } = { rules: [] };
  const take = ({ data }: ConfigMap) => {
    try {
      followed.rules = Object.keys(data ?? {})
        .sort()
        .flatMap((key) => parseRules(data![key]!));
      logger.info("rules", { count: followed.rules.length });
    } catch (error) {
      logger.warn("rules not understood; those before stay", { error: (error as Error).message });
    }
  };
  const scope = { namespace: RULES.namespace, fieldSelector: `metadata.name=${RULES.name}` };
  informers.informer(ConfigMap, scope).subscribe({
    added: take,
    updated: take,
    deleted: () => {
      followed.rules = [];
    },
  });
  return followed;
}
