import { CertificateSigningRequest } from "../../api/certificates/v1/index.ts";
import type { Client } from "../../client/client.ts";
import type { ClientCredentials } from "../../client/https.ts";
import { createSigningRequest, ecKeyPairNow, privateKeyPem } from "../../pki/index.ts";
import { Backoff } from "../../util/backoff.ts";
import type { Clock } from "../../util/clock.ts";
import type { Logger } from "../../util/logger.ts";
import type { Random } from "../../util/random.ts";
import { type Credential, rotationTime, validityOf } from "./rotation.ts";
import type { CredentialStore } from "./store.ts";

/** How long one request may stay undecided before another is made (ms), and how often we look. */
const PATIENCE = 15 * 60_000;
const LOOK_EVERY = 1000;

export interface CertificateManagerOptions {
  /** asks for certificates; another one before the first was issued than after */
  client: () => Client;
  store: CredentialStore;
  clock: Clock;
  random: Random;
  logger: Logger;
  nodeName: string;
  /** "kubernetes.io/kube-apiserver-client-kubelet" or "kubernetes.io/kubelet-serving" */
  signer: string;
  /** names and addresses to serve under */
  names?: readonly string[];
}

/** Keeps a node's certificate good: asks for the first one, and for the next before the last expires. */
export class CertificateManager implements ClientCredentials {
  readonly #options: CertificateManagerOptions;
  readonly #listeners = new Set<() => void>();
  #current: Credential | undefined;
  #due = 0;

  constructor(options: CertificateManagerOptions) {
    this.#options = options;
  }

  current(): Credential | undefined {
    return this.#current;
  }
  subscribe(replaced: () => void): () => void {
    this.#listeners.add(replaced);
    return () => void this.#listeners.delete(replaced);
  }

  /** Takes up what was stored, if it is still good; answers whether there is a certificate now. */
  async load(): Promise<boolean> {
    const stored = await this.#options.store.read();
    const validity = stored && validityOf(stored);
    if (!stored || !validity || validity.notAfter <= this.#options.clock.now()) return false;
    this.#take(stored);
    return true;
  }

  /** Asks for a certificate until there is one. */
  async obtain(signal: AbortSignal): Promise<void> {
    const { clock, logger, signer } = this.#options;
    const backoff = new Backoff({ clock, initial: 1000, max: 60_000 });
    for (;;) {
      try {
        return await this.#request(signal);
      } catch (error) {
        signal.throwIfAborted();
        const delay = backoff.next(signer);
        logger.warn("no certificate yet; asking again", { signer, error, delay });
        await clock.sleep(delay, signal);
      }
    }
  }

  /** Renews the certificate whenever it is time, until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    try {
      if (!this.#current && !(await this.load())) await this.obtain(signal);
      for (;;) {
        await clock.sleep(Math.min(Math.max(0, this.#due - clock.now()), LONGEST_SLEEP), signal);
        if (clock.now() >= this.#due) await this.obtain(signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  async #request(signal: AbortSignal): Promise<void> {
    const { client, store, nodeName, signer, names } = this.#options;
    const { privateKey } = ecKeyPairNow();
    const subject = { commonName: `system:node:${nodeName}`, organizations: ["system:nodes"] };
    const pem = createSigningRequest({ subject, alternativeNames: names, privateKey });
    const purpose = names ? "server auth" : "client auth";
    const spec = { request: Buffer.from(pem).toString("base64"), signerName: signer };
    const csr = await client().create(CertificateSigningRequest, {
      metadata: { generateName: "csr-" },
      spec: { ...spec, usages: ["digital signature", purpose] },
    } as CertificateSigningRequest);
    const cert = await this.#issued(csr.metadata.name ?? "", signal);
    const credential = { cert, key: privateKeyPem(privateKey) };
    if (!validityOf(credential)) throw new Error("the certificate that was issued is not for our key");
    await store.write(credential);
    this.#take(credential);
  }

  /** Waits for the certificate of a request. */
  async #issued(name: string, signal: AbortSignal): Promise<string> {
    const { client, clock } = this.#options;
    for (const deadline = clock.now() + PATIENCE; clock.now() < deadline; ) {
      const { status } = await client().get(CertificateSigningRequest, { name });
      if (status.certificate) return Buffer.from(status.certificate, "base64").toString();
      const refused = status.conditions?.find(({ type }) => type === "Denied" || type === "Failed");
      if (refused) throw new Error(`request ${name} was ${refused.type.toLowerCase()}: ${refused.message ?? ""}`);
      await clock.sleep(LOOK_EVERY, signal);
    }
    throw new Error(`request ${name} was not decided within ${PATIENCE / 60_000} minutes`);
  }

  #take(credential: Credential): void {
    const { random } = this.#options;
    this.#current = credential;
    this.#due = rotationTime(validityOf(credential)!, random.next());
    for (const replaced of this.#listeners) replaced();
  }
}

/** Timers cannot wait for longer than 24 days. */
const LONGEST_SLEEP = 24 * 3_600_000;
