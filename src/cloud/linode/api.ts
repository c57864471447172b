import type { Clock } from "../../util/clock.ts";
import { withDeadline } from "../../util/deadline.ts";
import type { ApiProblem, Filter, Page } from "./types.ts";

export const DEFAULT_URL = "https://api.linode.com/v4";
/** the most that the API gives at once */
const PAGE_SIZE = 500;
const TIMEOUT = 60_000;
/** Limits are reset every two minutes at the latest: whoever is told to wait longer gives up. */
const LONGEST_WAIT = 120_000;
const PATIENCE = 5;

/** Linode refused, or could not be asked. `status` is 0 when no answer came. */
export class LinodeError extends Error {
  readonly status: number;
  readonly problems: readonly ApiProblem[];
  constructor(call: string, status: number, problems: readonly ApiProblem[]) {
    const why = problems.map(({ field, reason }) => (field ? `${field}: ${reason}` : reason)).join("; ");
    super(`Linode: ${call}: ${status === 0 ? "" : `${status} `}${why || "no reason given"}${hint(status)}`);
    this.status = status;
    this.problems = problems;
  }
}

function hint(status: number): string {
  if (status === 401) return " (the token is wrong or has expired)";
  return status === 403 ? " (the token lacks a scope)" : "";
}

export interface ApiOptions {
  token: string;
  clock: Clock;
  /** without a slash at its end; Linode's own if absent */
  url?: string | undefined;
  fetch?: typeof fetch | undefined;
}

type Method = "GET" | "POST" | "PUT" | "DELETE";
interface Call {
  method: Method;
  /** below the API's address, with its query */
  path: string;
  body?: unknown;
  filter?: Filter | undefined;
}

/** Linode's API: one call each, lists with all their pages. A call that came too soon is made again when told. */
export class LinodeApi {
  readonly #options: ApiOptions;

  constructor(options: ApiOptions) {
    this.#options = options;
  }

  get<T>(path: string): Promise<T> {
    return this.#call<T>({ method: "GET", path });
  }
  post<T>(path: string, body: unknown): Promise<T> {
    return this.#call<T>({ method: "POST", path, body });
  }
  put<T>(path: string, body: unknown): Promise<T> {
    return this.#call<T>({ method: "PUT", path, body });
  }

  /** undefined when there is no such thing */
  async find<T>(path: string): Promise<T | undefined> {
    return unlessMissing(this.get<T>(path));
  }

  /** What is gone already is deleted. */
  async delete(path: string): Promise<void> {
    await unlessMissing(this.#call({ method: "DELETE", path }));
  }

  async list<T>(path: string, filter?: Filter): Promise<T[]> {
    const all: T[] = [];
    for (let page = 1, pages = 1; page <= pages; page++) {
      const part = await this.#call<Page<T>>({
        method: "GET",
        path: `${path}?page=${page}&page_size=${PAGE_SIZE}`,
        filter,
      });
      all.push(...part.data);
      pages = part.pages;
    }
    return all;
  }

  async #call<T>(call: Call): Promise<T> {
    const { clock } = this.#options;
    const name = `${call.method} ${call.path.split("?")[0]}`;
    for (let tries = 1; ; tries++) {
      const answer = await withDeadline(
        { clock, after: TIMEOUT, error: () => new LinodeError(name, 0, [{ reason: "no answer within 60 s" }]) },
        (signal) => this.#send(call, name, signal),
      );
      if (answer.status < 300) return answer.body as T;
      // Refused before anything was done: the one failure after which creating once more cannot make two.
      const wait = answer.status === 429 && tries < PATIENCE ? answer.retryAfter : undefined;
      if (wait === undefined || wait > LONGEST_WAIT)
        throw new LinodeError(name, answer.status, problemsOf(answer.body));
      await clock.sleep(wait);
    }
  }

  async #send({ method, path, body, filter }: Call, name: string, signal?: AbortSignal): Promise<Answer> {
    const { token, url = DEFAULT_URL, fetch: send = fetch } = this.#options;
    const headers: Record<string, string> = { authorization: `Bearer ${token}`, accept: "application/json" };
    if (body !== undefined) headers["content-type"] = "application/json";
    if (filter !== undefined) headers["x-filter"] = JSON.stringify(filter);
    try {
      const response = await send(`${url}${path}`, {
        method,
        headers,
        signal: signal ?? null,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, retryAfter: retryAfter(response.headers), body: parse(await response.text()) };
    } catch (error) {
      if (error instanceof LinodeError) throw error;
      const { message, cause } = error as Error;
      throw new LinodeError(name, 0, [{ reason: cause instanceof Error ? `${message}: ${cause.message}` : message }]);
    }
  }
}

interface Answer {
  status: number;
  /** ms */
  retryAfter: number;
  body: unknown;
}

/** Seconds in the header, as Linode sends them; 30 s if it does not say. */
function retryAfter(headers: Headers): number {
  const seconds = Number(headers.get("retry-after") ?? "30");
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : 30_000;
}

/** What is no JSON comes from something in between, such as a proxy: its text is the reason. */
function parse(text: string): unknown {
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    return { errors: [{ reason: text.slice(0, 200) }] };
  }
}

function problemsOf(body: unknown): ApiProblem[] {
  const errors = (body as { errors?: unknown } | null)?.errors;
  return Array.isArray(errors) ? errors.filter((error): error is ApiProblem => typeof error?.reason === "string") : [];
}

async function unlessMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof LinodeError && error.status === 404) return undefined;
    throw error;
  }
}
