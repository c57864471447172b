import { deepFreeze } from "../apimachinery/freeze.ts";
import { StatusError } from "../apimachinery/status.ts";
import { FENCE } from "../client/fence.ts";
import type { Transport, TransportEvent, TransportRequest } from "../client/transport.ts";
import type { WatchNotice } from "./cache/watcher.ts";
import { listObject } from "./http/encode.ts";
import type { Answer, Body, Call, Incoming, User } from "./pipeline/call.ts";
import { newCall, run, type Server } from "./pipeline/pipeline.ts";
import { viewNotice } from "./registry/views.ts";

const NO_QUERY = new URLSearchParams();
const NEVER = new AbortController().signal;

function incoming(request: TransportRequest, user: User, userAgent: string): Incoming {
  const { method, path, query, body, contentType = "application/json", signal = NEVER, fence } = request;
  const carried: Body = body === undefined ? { type: "none" } : { type: "object", object: body, contentType };
  return {
    method,
    path,
    query: query ? new URLSearchParams(query) : NO_QUERY,
    header: (name) => (name === FENCE ? fence : undefined),
    headers: () => [],
    headerNames: () => [],
    body: () => Promise.resolve(carried),
    signal,
    user,
    direct: true,
    userAgent,
  };
}

/** An answer as the object it is, frozen, with nothing encoded. */
function handOver(call: Call, answer: Answer): unknown {
  switch (answer.type) {
    case "object":
      return deepFreeze(answer.object);
    case "list":
      return deepFreeze({
        ...listObject(answer.kind, [], answer.metadata),
        items: answer.entries.map(({ object }) => object),
      });
    case "status":
      if (answer.status.status === "Failure") throw new StatusError(answer.status);
      return answer.status;
    case "raw":
      if (answer.code >= 400) throw new StatusError(notServed(answer.code, String(answer.body)));
      return answer.contentType.startsWith("application/json") ? JSON.parse(String(answer.body)) : answer.body;
    default:
      throw new Error(`${call.incoming.path} cannot be had in process: it is a ${answer.type}`);
  }
}

function notServed(code: number, message: string): StatusError["status"] {
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason: "NotFound", code };
}

/** Calls the server's phases in the same process. Works by microtasks alone, so that virtual time can drive it. */
export function createDirectTransport(server: Server, user: User): Transport {
  const userAgent = user.name.slice(user.name.lastIndexOf(":") + 1);
  const closing = new AbortController();
  return {
    async request(request) {
      const call = newCall(incoming(request, user, userAgent), server.registry);
      const answer = await run(call, server);
      if (answer.type === "forward" && call.remote) return server.aggregator.fetch(call, call.remote);
      return handOver(call, answer);
    },
    async *watch(request) {
      const signal = AbortSignal.any([request.signal, closing.signal]);
      const query = { ...request.query, watch: "true" };
      const call = newCall(incoming({ ...request, query, signal }, user, userAgent), server.registry);
      const answer = await run(call, server);
      if (answer.type !== "watch") {
        handOver(call, answer);
        throw new Error(`${request.path} cannot be watched`);
      }
      const { watcher } = answer;
      const event = (notice: WatchNotice): TransportEvent => {
        const { type, entry } = viewNotice(call.resource!, notice);
        return { type, object: entry.object };
      };
      try {
        for (;;) {
          const batch = await watcher.next();
          if (batch === undefined) return;
          if (batch instanceof StatusError) throw batch;
          yield batch.map(event);
        }
      } finally {
        watcher.close();
      }
    },
    async close() {
      closing.abort();
    },
  };
}
