import { Lease } from "../../api/coordination/v1/index.ts";
import { badRequest } from "../../apimachinery/errors.ts";
import { failure, type StatusError } from "../../apimachinery/status.ts";
import { type Fence, parseFence } from "../../client/fence.ts";
import { type Guard, KeyExistsError, RevisionMismatchError } from "../../store/backend.ts";
import { refusal } from "../authorization/authorizer.ts";
import { ROOT } from "../cache/watchCache.ts";
import type { Call } from "../pipeline/call.ts";
import type { Registry } from "./registry.ts";
import { keyOf } from "./resource.ts";

/** Which leader of a Lease has written last. */
interface Term {
  /** the Lease's own; a Lease that was deleted and made again counts from the beginning */
  readonly uid: string;
  readonly transitions: number;
  /** where it is stored, for guards */
  readonly revision: number;
}

const TERMS = `${ROOT}terms/`;
const ATTEMPTS = 8;

/**
 * Leaders' terms. A leader's writes say under which Lease, and under which change of its holder, they are made. The first
 * write of a newer term is noted in the store, and every write is done in one transaction with a look at that note: so
 * no write of an earlier leader can happen after it, however long it was on its way.
 */
export class Terms {
  readonly #registry: Registry;
  #known = new Map<string, Term>();

  constructor(registry: Registry) {
    this.#registry = registry;
  }

  /** What must hold for a write with this fence; throws Conflict when a later leader has written. */
  async guard(call: Call, text: string): Promise<Guard> {
    const fence = parseFence(text);
    if (!fence) throw badRequest(`"${text}" is no fence: it is written namespace/name@uid/transitions`);
    const key = `${TERMS}${fence.namespace}/${fence.name}`;
    const known = this.#known.get(key);
    if (known && isOf(known, fence)) return { key, revision: known.revision };
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const stored = await this.#read(key);
      if (stored && isOf(stored, fence)) return { key, revision: stored.revision };
      if (stored && !(await this.#isNewer(fence, stored))) throw deposed(fence);
      this.#mayLead(call, fence);
      const revision = await this.#raise(key, fence, stored);
      if (revision !== undefined) return { key, revision };
    }
    throw deposed(fence);
  }

  async #read(key: string): Promise<Term | undefined> {
    const entry = await this.#registry.cache.backend.get(key);
    if (!entry) return undefined;
    const { uid, transitions } = JSON.parse(Buffer.from(entry.value).toString()) as Omit<Term, "revision">;
    const term = { uid, transitions, revision: entry.revision };
    this.#known.set(key, term);
    return term;
  }
  async #isNewer(fence: Fence, term: Term): Promise<boolean> {
    if (fence.uid === term.uid) return fence.transitions > term.transitions;
    await this.#registry.cache.consistent();
    const lease = this.#registry.cache.of(Lease as never).get(keyOf(fence.namespace, fence.name));
    return lease?.object.metadata.uid === fence.uid;
  }
  /** Who could not hold the Lease must not depose who does. */
  #mayLead({ user }: Call, { namespace, name }: Fence): void {
    const access = { user, verb: "update", namespace, name, ...LEASES };
    const decision = this.#registry.authorizer.authorize(access);
    if (!decision.allowed) throw refusal(access, decision);
  }
  async #raise(key: string, { uid, transitions }: Fence, from: Term | undefined): Promise<number | undefined> {
    const { backend } = this.#registry.cache;
    const value = Buffer.from(JSON.stringify({ uid, transitions }));
    try {
      const revision = await (from ? backend.update(key, value, from.revision) : backend.create(key, value));
      this.#known.set(key, { uid, transitions, revision });
      return revision;
    } catch (error) {
      if (error instanceof RevisionMismatchError || error instanceof KeyExistsError) return undefined; // look again
      throw error;
    }
  }
}

const LEASES = {
  isResource: true,
  path: "",
  group: "coordination.k8s.io",
  version: "v1",
  resource: "leases",
  subresource: "",
  rest: "",
};

const isOf = (term: Term, fence: Fence) => term.uid === fence.uid && term.transitions === fence.transitions;

function deposed({ namespace, name }: Fence): StatusError {
  return failure(409, "Conflict", `this leader has been deposed: another holds Lease ${namespace}/${name}`);
}
