import { AsyncLocalStorage } from "node:async_hooks";
import type { OutgoingRequest, ResourcePage } from "@linode/api-v4";
import type { Clock } from "../../util/clock.ts";
import { withDeadline } from "../../util/deadline.ts";
import { LinodeError } from "./errors.ts";

export type Sdk = typeof import("@linode/api-v4");

/** In the SDK a constant of every call; its beta calls have "beta" after it. */
const DEFAULT_URL = "https://api.linode.com/v4";
/** the most that the API gives at once */
const PAGE_SIZE = 500;
const TIMEOUT = 60_000;
/** Limits are reset every two minutes at the latest: whoever is told to wait longer gives up. */
const LONGEST_WAIT = 120_000;
const WAIT = 30_000;
const PATIENCE = 5;

export interface AccountOptions {
  token: string;
  clock: Clock;
  /** of the API, without a slash at its end; Linode's own if absent */
  url?: string | undefined;
}

/** Whose call it is, and which page it asks for: the SDK's functions have no place to say so. */
interface Caller extends AccountOptions {
  signal: AbortSignal | undefined;
  page: number | undefined;
}
const callers = new AsyncLocalStorage<Caller>();

let loading: Promise<Sdk> | undefined;

/** Only here, and only when a call is made: half a second and 50 MB that nobody else should pay. */
function load(): Promise<Sdk> {
  loading ??= import("@linode/api-v4").then((sdk) => {
    sdk.baseRequest.interceptors.request.use((request) => {
      const caller = callers.getStore();
      return caller ? asCaller(request, caller) : request;
    });
    return sdk;
  });
  return loading;
}

function asCaller(request: OutgoingRequest, { token, url = DEFAULT_URL, signal, page }: Caller): OutgoingRequest {
  request.headers.set("Authorization", `Bearer ${token}`);
  if (request.url?.startsWith(DEFAULT_URL)) request.url = url + request.url.slice(DEFAULT_URL.length);
  if (isLoopback(url)) request.proxy = false;
  if (signal) request.signal = signal;
  if (page !== undefined) request.params = { page, page_size: PAGE_SIZE };
  return request;
}

const isLoopback = (url: string): boolean => ["127.0.0.1", "localhost", "[::1]"].includes(new URL(url).hostname);

/** An account of Linode, asked through the SDK: lists with all their pages, and again what was asked too soon. */
export class LinodeAccount {
  readonly #options: AccountOptions;

  constructor(options: AccountOptions) {
    this.#options = options;
  }

  /** `name` is what errors call it: "POST /nodebalancers". */
  ask<T extends object>(name: string, call: (sdk: Sdk) => Promise<T>): Promise<T> {
    return this.#ask(name, call);
  }

  /** undefined when there is no such thing */
  find<T extends object>(name: string, call: (sdk: Sdk) => Promise<T>): Promise<T | undefined> {
    return unlessMissing(this.#ask(name, call));
  }

  /** What is gone already is deleted. */
  async delete(name: string, call: (sdk: Sdk) => Promise<object>): Promise<void> {
    await unlessMissing(this.#ask(name, call));
  }

  async list<T>(name: string, call: (sdk: Sdk) => Promise<ResourcePage<T>>): Promise<T[]> {
    const all: T[] = [];
    for (let page = 1, pages = 1; page <= pages; page++) {
      const part = await this.#ask(name, call, page);
      all.push(...part.data);
      pages = part.pages;
    }
    return all;
  }

  async #ask<T extends object>(name: string, call: (sdk: Sdk) => Promise<T>, page?: number): Promise<T> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.#askOnce(name, call, page);
      } catch (cause) {
        const error = LinodeError.from(name, cause);
        const wait = tries < PATIENCE ? waitAfter(error, name.startsWith("GET ")) : undefined;
        if (wait === undefined) throw error;
        await this.#options.clock.sleep(wait);
      }
    }
  }

  async #askOnce<T extends object>(name: string, call: (sdk: Sdk) => Promise<T>, page?: number): Promise<T> {
    const sdk = await load();
    const { clock } = this.#options;
    const late = () => new LinodeError(name, 0, [{ reason: "no answer within 60 s" }]);
    return withDeadline({ clock, after: TIMEOUT, error: late }, async (signal) => {
      try {
        const answer = await callers.run({ ...this.#options, signal, page }, () => call(sdk));
        if (typeof answer !== "object" || answer === null)
          throw new LinodeError(name, 0, [{ reason: `the answer is no JSON: ${String(answer).slice(0, 200)}` }]);
        return answer;
      } catch (error) {
        // axios tells of any abort in the same words
        throw signal?.aborted ? signal.reason : error;
      }
    });
  }
}

/**
 * How long to wait before it is asked again (ms); undefined: no more. Refused for haste (429) nothing was done, so that
 * making a thing once more cannot make two. What the server failed at (5xx) is asked again only where it changes nothing,
 * and where the server says when.
 */
function waitAfter({ status, retryAfter }: LinodeError, isRead: boolean): number | undefined {
  const wait = status === 429 ? (retryAfter ?? WAIT) : status >= 500 && isRead ? retryAfter : undefined;
  return wait === undefined || wait > LONGEST_WAIT ? undefined : wait;
}

async function unlessMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof LinodeError && error.status === 404) return undefined;
    throw error;
  }
}
