import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Firewall, Linode, NodeBalancer, Volume } from "@linode/api-v4";
import type { Clock } from "../../util/clock.ts";
import { Account } from "./emulatorAccount.ts";
import { Refusal } from "./emulatorRefusals.ts";

/** So many calls within so many ms. */
export interface Limit {
  calls: number;
  per: number;
}
export interface EmulatorOptions {
  token: string;
  /** counts the windows of the rate limits */
  clock: Clock;
  limits?: Partial<typeof LIMITS>;
}
/** As the reference has them: for everything, for lists, and for making machines. */
const LIMITS = {
  all: { calls: 800, per: 120_000 },
  lists: { calls: 200, per: 60_000 },
  newMachines: { calls: 10, per: 30_000 },
} satisfies Record<string, Limit>;

export interface Emulator {
  url: string;
  account: Account;
  /** "POST /nodebalancers", in order, those refused included */
  calls: string[];
  /** The next call like this is done, but its caller never hears of it. */
  loseAnswer(call: RegExp): void;
  /** The next call like this is not done, and answered so. */
  fail(call: RegExp, failure: Failure): void;
  close(): Promise<void>;
}

export interface Failure {
  status: number;
  reason: string;
  /** s */
  retryAfter?: number;
  /** the reason is a page of something in between, not an answer of the API */
  isPage?: boolean;
}

/** An HTTP server on loopback that answers as the published API v4 does. For tests only. */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const account = new Account();
  const calls: string[] = [];
  const lost: RegExp[] = [];
  const failures: { call: RegExp; failure: Failure }[] = [];
  const limiter = new Limiter(options.clock, { ...LIMITS, ...options.limits });
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://linode");
    const name = `${request.method} ${url.pathname.replace(/^\/v4(beta)?\//, "/")}`;
    calls.push(name);
    const body = await textOf(request);
    const failure = takeFirst(failures, ({ call }) => call.test(name))?.failure;
    try {
      if (request.headers.authorization !== `Bearer ${options.token}`) throw new Refusal(401, "Invalid Token");
      if (failure) return sendFailure(response, failure);
      limiter.count(name, response);
      const answer = answerTo({ account, name, url, body, filter: request.headers["x-filter"] });
      if (takeFirst(lost, (call) => call.test(name))) request.socket.destroy();
      else send(response, 200, answer);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      send(response, error.status, { errors: error.problems });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v4`,
    account,
    calls,
    loseAnswer: (call) => lost.push(call),
    fail: (call, failure) => failures.push({ call, failure }),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  request.setEncoding("utf8");
  let text = "";
  for await (const part of request) text += part;
  return text;
}

function takeFirst<T>(list: T[], is: (one: T) => boolean): T | undefined {
  const at = list.findIndex(is);
  return at < 0 ? undefined : list.splice(at, 1)[0];
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

function sendFailure(response: ServerResponse, { status, reason, retryAfter, isPage }: Failure): void {
  if (retryAfter !== undefined) response.setHeader("Retry-After", retryAfter);
  if (isPage) response.writeHead(status, { "content-type": "text/html" }).end(reason);
  else send(response, status, { errors: [{ reason }] });
}

/** Windows that begin with their first call, one for each kind of call. */
class Limiter {
  readonly #clock: Clock;
  readonly #limits: Record<keyof typeof LIMITS, Limit>;
  readonly #windows = new Map<string, { ends: number; left: number }>();

  constructor(clock: Clock, limits: Record<keyof typeof LIMITS, Limit>) {
    this.#clock = clock;
    this.#limits = limits;
  }
  count(name: string, response: ServerResponse): void {
    const kind = kindOf(name);
    const { calls, per } = this.#limits[kind];
    const now = this.#clock.now();
    let window = this.#windows.get(kind);
    if (!window || window.ends <= now) {
      window = { ends: now + per, left: calls };
      this.#windows.set(kind, window);
    }
    const isOver = window.left === 0;
    if (!isOver) window.left--;
    response.setHeader("X-RateLimit-Limit", calls);
    response.setHeader("X-RateLimit-Remaining", window.left);
    response.setHeader("X-RateLimit-Reset", Math.ceil(window.ends / 1000));
    if (!isOver) return;
    response.setHeader("Retry-After", Math.ceil((window.ends - now) / 1000));
    throw new Refusal(429, "Too many requests");
  }
}

function kindOf(name: string): keyof typeof LIMITS {
  if (name === "POST /linode/instances") return "newMachines";
  return /^GET .*\/(instances|volumes|firewalls|nodebalancers|configs|nodes)$/.test(name) ? "lists" : "all";
}

interface Asked {
  account: Account;
  name: string;
  url: URL;
  body: string;
  filter: string | string[] | undefined;
}
type Handler = (account: Account, ids: string[], body: Record<string, unknown>) => unknown;

const FILTERABLE: Record<string, readonly string[]> = {
  instances: ["id", "label", "region", "tags", "image"] satisfies (keyof Linode | "image")[],
  firewalls: ["id", "label", "tags"] satisfies (keyof Firewall)[],
  volumes: ["id", "label", "size", "region", "tags"] satisfies (keyof Volume)[],
  nodebalancers: ["id", "label", "region", "tags", "ipv4", "hostname"] satisfies (keyof NodeBalancer)[],
};

/** Lists: what they hold, before filter and pages. */
const COLLECTIONS: readonly [RegExp, (account: Account, ids: string[]) => readonly object[]][] = [
  [/^GET \/linode\/(instances)$/, (account) => [...account.linodes.values()]],
  [/^GET \/vpcs\/(\d+)\/ips$/, ({ vpcs }, [id]) => vpcs.addresses(id!)],
  [/^GET \/networking\/(firewalls)$/, ({ firewalls }) => firewalls.list()],
  [/^GET \/(volumes)$/, ({ volumes }) => volumes.list()],
  [/^GET \/(nodebalancers)$/, (account) => account.balancers()],
  [/^GET \/nodebalancers\/(\d+)\/configs$/, (account, [id]) => account.configs(id!)],
  [/^GET \/nodebalancers\/(\d+)\/configs\/(\d+)\/nodes$/, (account, [id, config]) => account.nodes(id!, config!)],
];
const CALLS: readonly [RegExp, Handler][] = [
  [/^POST \/linode\/instances$/, (account, _, body) => account.createLinode(body)],
  [/^GET \/linode\/instances\/(\d+)$/, (account, [id]) => account.linode(id!)],
  [/^DELETE \/linode\/instances\/(\d+)$/, (account, [id]) => account.deleteLinode(id!)],
  [/^GET \/linode\/types\/([\w-]+)$/, (account, [id]) => account.type(id!)],
  [
    /^PUT \/linode\/instances\/(\d+)\/configs\/(\d+)\/interfaces\/(\d+)$/,
    ({ vpcs }, [linode, config, at], body) => vpcs.update({ linode: linode!, config: config!, at: at! }, body),
  ],
  [/^POST \/networking\/firewalls$/, ({ firewalls }, _, body) => firewalls.create(body)],
  [/^PUT \/networking\/firewalls\/(\d+)\/rules$/, ({ firewalls }, [id], body) => firewalls.setRules(id!, body)],
  [/^POST \/networking\/firewalls\/(\d+)\/devices$/, ({ firewalls }, [id], body) => firewalls.attach(id!, body)],
  [/^DELETE \/networking\/firewalls\/(\d+)$/, ({ firewalls }, [id]) => firewalls.delete(id!)],
  [/^POST \/volumes$/, ({ volumes }, _, body) => volumes.create(body)],
  [/^GET \/volumes\/(\d+)$/, ({ volumes }, [id]) => volumes.get(id!)],
  [/^DELETE \/volumes\/(\d+)$/, ({ volumes }, [id]) => volumes.delete(id!)],
  [/^POST \/volumes\/(\d+)\/attach$/, ({ volumes }, [id], body) => volumes.attach(id!, body)],
  [/^POST \/volumes\/(\d+)\/detach$/, ({ volumes }, [id]) => volumes.detach(id!)],
  [/^POST \/volumes\/(\d+)\/resize$/, ({ volumes }, [id], body) => volumes.resize(id!, body)],
  [/^POST \/nodebalancers$/, (account, _, body) => account.createBalancer(body)],
  [/^GET \/nodebalancers\/(\d+)$/, (account, [id]) => account.balancer(id!).balancer],
  [/^PUT \/nodebalancers\/(\d+)$/, (account, [id], body) => account.updateBalancer(id!, body)],
  [/^DELETE \/nodebalancers\/(\d+)$/, (account, [id]) => account.deleteBalancer(id!)],
  [/^POST \/nodebalancers\/(\d+)\/configs$/, (account, [id], body) => account.createConfig(id!, body)],
  [
    /^POST \/nodebalancers\/(\d+)\/configs\/(\d+)\/rebuild$/,
    (account, [id, config], body) => account.rebuild(id!, config!, body),
  ],
  [/^DELETE \/nodebalancers\/(\d+)\/configs\/(\d+)$/, (account, [id, config]) => account.deleteConfig(id!, config!)],
];

function answerTo({ account, name, url, body, filter }: Asked): unknown {
  for (const [pattern, list] of COLLECTIONS) {
    const match = pattern.exec(name);
    if (match) return pageOf(filtered(list(account, match.slice(1)), filter, match[1]!), url.searchParams);
  }
  for (const [pattern, handler] of CALLS) {
    const match = pattern.exec(name);
    if (match) return handler(account, match.slice(1), objectOf(body));
  }
  throw new Refusal(404, "Not found");
}

function objectOf(body: string): Record<string, unknown> {
  try {
    return body === "" ? {} : JSON.parse(body);
  } catch {
    throw new Refusal(400, "Invalid JSON");
  }
}

function filtered(all: readonly object[], header: string | string[] | undefined, of: string): readonly object[] {
  if (header === undefined) return all;
  let filter: Record<string, unknown>;
  try {
    filter = JSON.parse(String(header));
  } catch {
    throw new Refusal(400, "Cannot parse X-Filter", "X-Filter");
  }
  const known = FILTERABLE[of] ?? [];
  const unknown = Object.keys(filter).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new Refusal(400, `Cannot filter on ${unknown}`, "X-Filter");
  return all.filter((one) =>
    Object.entries(filter).every(([key, wanted]) => {
      const value = (one as Record<string, unknown>)[key];
      return Array.isArray(value) ? value.includes(wanted) : value === wanted;
    }),
  );
}

function pageOf(all: readonly object[], query: URLSearchParams): unknown {
  const page = Number(query.get("page") ?? "1");
  const size = Number(query.get("page_size") ?? "100");
  if (!(size >= 25 && size <= 500)) throw new Refusal(400, "Must be 25-500", "page_size");
  const pages = Math.max(1, Math.ceil(all.length / size));
  if (!(page >= 1 && page <= pages)) throw new Refusal(404, "Not found", "page");
  return { data: all.slice((page - 1) * size, page * size), page, pages, results: all.length };
}
