import { ServiceAccount } from "../api/core/v1/index.ts";
import { isAlreadyExists } from "../apimachinery/status.ts";
import {
  type Client,
  createClient,
  type HttpsOptions,
  httpsTransport,
  type Transport,
  type TransportRequest,
} from "../client/index.ts";
import type { Clock } from "../util/clock.ts";
import { ALWAYS, type InTerm } from "./leading.ts";

const NAMESPACE = "kube-system";
/** A token is asked for for an hour, and another when half of it is over. */
const TOKEN_SECONDS = 3600;

/** Clients that act as service accounts of kube-system, each with tokens that `client` obtains for it. */
export function accountClients(
  client: Client,
  access: HttpsOptions,
  clock: Clock,
  inTerm: InTerm = ALWAYS,
): (account: string) => Client {
  const clients = new Map<string, Client>();
  return (account) => {
    const known = clients.get(account) ?? createClient(inTerm(new AccountTransport(account, client, access, clock)));
    clients.set(account, known);
    return known;
  };
}

/** HTTPS with a service account's token, which is renewed in time. */
class AccountTransport implements Transport {
  readonly #account: string;
  readonly #client: Client;
  readonly #access: HttpsOptions;
  readonly #clock: Clock;
  #current: { transport: Promise<Transport>; until: number } | undefined;

  constructor(account: string, client: Client, access: HttpsOptions, clock: Clock) {
    this.#account = account;
    this.#client = client;
    this.#access = access;
    this.#clock = clock;
  }

  async request(request: TransportRequest): Promise<unknown> {
    return (await this.#transport()).request(request);
  }
  async *watch(request: TransportRequest & { signal: AbortSignal }) {
    yield* (await this.#transport()).watch(request);
  }
  async close(): Promise<void> {
    await (await this.#current?.transport)?.close();
  }

  #transport(): Promise<Transport> {
    const now = this.#clock.now();
    if (!this.#current || this.#current.until < now) {
      const transport = this.#renew(this.#current?.transport);
      this.#current = { transport, until: now + TOKEN_SECONDS * 500 };
      // not obtained: ask again for the next request
      transport.catch(() => {
        this.#current = undefined;
      });
    }
    return this.#current.transport;
  }
  async #renew(old: Promise<Transport> | undefined): Promise<Transport> {
    const token = await this.#token();
    // what is under way may end with the old token
    this.#clock.setTimer(60_000, () => void old?.then((transport) => transport.close()));
    const { cert: _cert, key: _key, ...access } = this.#access;
    return httpsTransport({ ...access, token });
  }
  async #token(): Promise<string> {
    const metadata = { name: this.#account, namespace: NAMESPACE };
    await this.#client.create(ServiceAccount, { apiVersion: "v1", kind: "ServiceAccount", metadata }).catch((error) => {
      if (!isAlreadyExists(error)) throw error;
    });
    const body = {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      metadata: {},
      spec: { audiences: [], expirationSeconds: TOKEN_SECONDS },
      status: {},
    };
    const answer = await this.#client.createSubresource(ServiceAccount, metadata, "token", body);
    return (answer as unknown as { status: { token: string } }).status.token;
  }
}
