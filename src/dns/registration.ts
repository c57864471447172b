import { EndpointSlice } from "../api/discovery/v1/index.ts";
import { deepEqual } from "../apimachinery/equal.ts";
import { isNotFound } from "../apimachinery/status.ts";
import type { Client } from "../client/client.ts";
import { Backoff } from "../util/backoff.ts";
import type { Clock } from "../util/clock.ts";
import type { Logger } from "../util/logger.ts";

export interface RegistrationOptions {
  client: Client;
  clock: Clock;
  logger: Logger;
  nodeName: string;
  nodeIP: string;
  port: number;
}

const NAMESPACE = "kube-system";
const SERVICE = "kube-dns";

/** The slice through which the Service kube-dns reaches the server of this node. */
export function dnsSlice({
  nodeName,
  nodeIP,
  port,
}: Pick<RegistrationOptions, "nodeName" | "nodeIP" | "port">): EndpointSlice {
  return {
    apiVersion: EndpointSlice.apiVersion,
    kind: EndpointSlice.kind,
    metadata: {
      name: `${SERVICE}-${nodeName}`,
      namespace: NAMESPACE,
      labels: {
        "kubernetes.io/service-name": SERVICE,
        "endpointslice.kubernetes.io/managed-by": "dns.coxswain.dev",
      },
    },
    addressType: nodeIP.includes(":") ? "IPv6" : "IPv4",
    endpoints: [{ addresses: [nodeIP], conditions: { ready: true, serving: true, terminating: false }, nodeName }],
    ports: [
      { name: "dns", protocol: "UDP", port },
      { name: "dns-tcp", protocol: "TCP", port },
    ],
  };
}

/** Makes the slice what it should be, trying until it is or `signal` aborts. */
export async function registerDns(options: RegistrationOptions, signal: AbortSignal): Promise<void> {
  const backoff = new Backoff({ clock: options.clock, initial: 200, max: 10_000 });
  while (!signal.aborted) {
    try {
      return await write(options.client, dnsSlice(options));
    } catch (error) {
      const delay = backoff.next("slice");
      options.logger.warn("could not register the DNS server; trying again", { error, delay });
      await options.clock.sleep(delay, signal).catch(() => {});
    }
  }
}

async function write(client: Client, wanted: EndpointSlice): Promise<void> {
  const key = { namespace: NAMESPACE, name: wanted.metadata.name! };
  const current = await client.get(EndpointSlice, key).catch((error) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
  if (!current) return void (await client.create(EndpointSlice, wanted));
  if (deepEqual(current.endpoints, wanted.endpoints) && deepEqual(current.ports, wanted.ports)) return;
  await client.update(EndpointSlice, { ...wanted, metadata: { ...current.metadata, labels: wanted.metadata.labels } });
}
