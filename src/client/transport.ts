/** One request of the API, before it is HTTP: what both transports carry. */
export interface TransportRequest {
  method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** e.g. "/apis/apps/v1/namespaces/a/deployments/web/status", each segment percent-encoded */
  path: string;
  query?: Record<string, string>;
  /** a JSON-shaped object; the direct transport hands it over as it is, so it must not be changed afterwards */
  body?: unknown;
  /** default "application/json"; for PATCH the patch's own type */
  contentType?: string;
  /** a write that is only to be done in a leader's term: see `fence.ts` */
  fence?: string;
  signal?: AbortSignal;
}

/**
 * How requests reach an API server. `https` sends them; `direct` calls the server's handler chain in the same process,
 * with nothing encoded and frozen objects handed over. Authentication, authorization and admission apply to both.
 */
export interface Transport {
  /** The answer's object; throws StatusError for a failure. */
  request(request: TransportRequest): Promise<unknown>;
  /** A watch; batches of events as they come. Throws StatusError when refused, or when an ERROR event arrives. */
  watch(request: TransportRequest & { signal: AbortSignal }): AsyncIterable<readonly TransportEvent[]>;
  close(): Promise<void>;
}

export interface TransportEvent {
  type: "ADDED" | "MODIFIED" | "DELETED" | "BOOKMARK";
  object: unknown;
}
