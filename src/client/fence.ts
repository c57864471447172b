import type { Lease } from "../api/coordination/v1/index.ts";
import type { Transport, TransportEvent, TransportRequest } from "./transport.ts";

/** The header by which a leader's write names its term. */
export const FENCE = "coxswain-fence";

/** A leader's term: the Lease, and how often its holder had changed when the leader took it. */
export interface Fence {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly transitions: number;
}

export function fenceOf({ metadata, spec }: Lease): string {
  return `${metadata.namespace}/${metadata.name}@${metadata.uid}/${spec.leaseTransitions ?? 0}`;
}

export function parseFence(text: string): Fence | undefined {
  const match = /^([^/@]+)\/([^/@]+)@([^/@]+)\/(\d+)$/.exec(text);
  if (!match) return undefined;
  const [, namespace = "", name = "", uid = "", transitions = ""] = match;
  return { namespace, name, uid, transitions: Number(transitions) };
}

/** A leader's transport: what it writes is only done while no later leader has written, and not after its time. */
export function fencedTransport(transport: Transport, fence: string, term: AbortSignal): Transport {
  return {
    request(request: TransportRequest): Promise<unknown> {
      if (request.method === "GET") return transport.request(request);
      if (term.aborted) return Promise.reject(term.reason);
      return transport.request({ ...request, fence });
    },
    watch(request): AsyncIterable<readonly TransportEvent[]> {
      return transport.watch(request);
    },
    close: () => transport.close(),
  };
}
