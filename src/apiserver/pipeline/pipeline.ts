import { StatusError } from "../../apimachinery/status.ts";
import type { Aggregator } from "../aggregation/aggregator.ts";
import { authenticate, impersonate } from "../authentication/authenticate.ts";
import { bootstrapUser } from "../authentication/bootstrapTokens.ts";
import type { TokenIssuer } from "../authentication/tokens.ts";
import type { Authorizer } from "../authorization/authorizer.ts";
import { refusal } from "../authorization/authorizer.ts";
import { negotiateFor } from "../http/negotiate.ts";
import type { Registry } from "../registry/registry.ts";
import type { Call, Incoming, RequestInfo } from "./call.ts";
import { parseRequestInfo } from "./requestInfo.ts";
import { storeFailure } from "./storeFailure.ts";

/** Subresources whose answer is a kubelet's or a program's own. */
const PASSED_ON = new Set(["attach", "exec", "log", "portforward", "proxy"]);

/** What the phases work with. */
export interface Server {
  readonly registry: Registry;
  readonly authorizer: Authorizer;
  readonly tokens: TokenIssuer | undefined;
  readonly aggregator: Aggregator;
  /** answers paths that are not resources, such as /version; undefined when there is nothing at the path */
  answerPath(call: Call): Promise<Call["answer"]> | Call["answer"];
}

export interface Phase {
  readonly name: string;
  /** Fills in what later phases read; throws a StatusError to refuse. */
  run(call: Call, server: Server): void | Promise<void>;
}

/**
 * What every request goes through, in this order, over HTTP and in process alike. A write goes through further phases
 * within `handle`: decode → default → admit (mutating) → validate → admit (validating) → store (registry/write.ts).
 * What comes out is encoded by the transport: as bytes (http/encode.ts), or handed over frozen (directTransport.ts).
 */
export const phases: readonly Phase[] = [
  {
    name: "requestInfo",
    run(call, { registry, aggregator }) {
      const { method, path, query } = call.incoming;
      call.info = parseRequestInfo(method, path, query);
      call.remote = aggregator.serviceFor(path);
      const { isResource, group, version, resource } = call.info;
      if (isResource) call.resource = registry.find(group, version, resource);
    },
  },
  {
    name: "authenticate",
    run(call, { tokens, registry: { cache, clock } }) {
      call.user = authenticate(call.incoming, tokens, (token) => bootstrapUser(token, cache, clock));
    },
  },
  {
    name: "impersonate",
    run(call, { authorizer }) {
      if (call.incoming.direct) return;
      const user = impersonate(call.incoming, call.user, authorizer);
      if (!user) return;
      call.impersonator = call.user;
      call.user = user;
    },
  },
  {
    name: "authorize",
    run(call, { authorizer }) {
      const access = { ...call.info, user: call.user };
      const decision = authorizer.authorize(access);
      if (!decision.allowed) throw refusal(access, decision);
    },
  },
  {
    name: "negotiate",
    run(call) {
      // A write whose answer the client could not read must not happen.
      const { isResource, subresource } = call.info;
      if (isResource && !call.remote && !call.incoming.direct && !PASSED_ON.has(subresource))
        negotiateFor(call, { protobuf: true });
    },
  },
  {
    name: "handle",
    async run(call, server) {
      if (call.remote) call.answer = server.aggregator.answer(call, call.remote);
      else call.answer = call.info.isResource ? await server.registry.handle(call) : await server.answerPath(call);
    },
  },
];

const NO_INFO: RequestInfo = {
  isResource: false,
  path: "",
  verb: "",
  group: "",
  version: "",
  namespace: "",
  resource: "",
  subresource: "",
  name: "",
  rest: "",
};
const NOBODY = { name: "", groups: [] };

export function newCall(incoming: Incoming, { clock, random }: Pick<Registry, "clock" | "random">): Call {
  return { incoming, info: NO_INFO, user: NOBODY, warnings: [], auditId: random.uuid(), now: clock.now() };
}

/** Runs all phases; a refusal becomes the answer. */
export async function run(call: Call, server: Server): Promise<NonNullable<Call["answer"]>> {
  try {
    for (const phase of phases) {
      const wait = phase.run(call, server);
      if (wait) await wait;
    }
    return (
      call.answer ?? { type: "raw", code: 404, contentType: "text/plain; charset=utf-8", body: "404 page not found\n" }
    );
  } catch (thrown) {
    const error = StatusError.from(storeFailure(thrown));
    if (error.code >= 500 && error.reason === "InternalError") {
      const { method, path } = call.incoming;
      server.registry.logger.error("request failed", { method, path, error: thrown });
    }
    return { type: "status", status: error.status };
  }
}
