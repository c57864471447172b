import type { Logger } from "../util/logger.ts";
import type { Family, NodeInfo } from "./endpoints.ts";
import type { ServicePlan } from "./plan.ts";
import { buildRuleset } from "./ruleset.ts";
import { rulesOf, type ServiceRules } from "./serviceRules.ts";
import { KernelTable } from "./table.ts";

/** One address family's rules in the kernel, by whatever means. */
export interface Dataplane {
  /** whether the kernel's state is known */
  readonly isApplied: boolean;
  /** Makes the rules those of these plans: only what changed, and all at once. */
  apply(plans: ReadonlyMap<string, ServicePlan>, node: NodeInfo): Promise<void>;
  /** Puts right what others have changed. */
  verify(): Promise<void>;
  /** What comes next is made anew. */
  forget(): void;
}

/** By one nftables table of our own. */
export class NftablesDataplane implements Dataplane {
  readonly #family: Family;
  readonly #table: KernelTable;
  /** plans are made anew when anything they depend on changes */
  readonly #rules = new WeakMap<ServicePlan, ServiceRules>();

  constructor(family: Family, table: string, logger: Logger) {
    this.#family = family;
    this.#table = new KernelTable(table, family, logger);
  }
  get isApplied(): boolean {
    return this.#table.isApplied;
  }
  apply(plans: ReadonlyMap<string, ServicePlan>, node: NodeInfo): Promise<void> {
    const services = [...plans.values()].map((plan) => this.#rulesOf(plan, node));
    return this.#table.apply(buildRuleset(this.#family, services, node));
  }
  #rulesOf(plan: ServicePlan, node: NodeInfo): ServiceRules {
    const known = this.#rules.get(plan);
    if (known) return known;
    const rules = rulesOf(plan, this.#family, node);
    this.#rules.set(plan, rules);
    return rules;
  }
  verify(): Promise<void> {
    return this.#table.verify();
  }
  forget(): void {
    this.#table.forget();
  }
}
