import { pathNotFound } from "../../apimachinery/errors.ts";
import type { TokenIssuer } from "../authentication/tokens.ts";
import { AGGREGATED_TYPE, wantsAggregated } from "../discovery/index.ts";
import type { Answer, Call } from "../pipeline/call.ts";
import type { Documents } from "./documents.ts";
import { type HealthCheck, health } from "./health.ts";
import type { Metrics } from "./metrics.ts";

/** What the paths that are not resources answer from. */
export interface PathSources {
  readonly documents: Documents;
  readonly version: object;
  readonly metrics: Metrics;
  readonly tokens: TokenIssuer | undefined;
  /** e.g. "https://10.0.0.1:6443" */
  readonly externalURL: string;
  readonly checks: { readonly live: readonly HealthCheck[]; readonly ready: readonly HealthCheck[] };
}

type Path = (call: Call, sources: PathSources, rest: string) => Answer | undefined | Promise<Answer | undefined>;

const object = (value: object | undefined): Answer | undefined => value && { type: "object", code: 200, object: value };

/** A document in a form of its own, not negotiated like objects are. */
function document(value: object, contentType = "application/json"): Answer {
  return { type: "raw", code: 200, contentType, body: JSON.stringify(value) };
}

function discovery(call: Call, plain: () => object, aggregated: () => object): Answer {
  const accept = call.incoming.header("accept") ?? "";
  const vary = { vary: "Accept" };
  if (!wantsAggregated(accept)) return object(plain())!;
  const answer = document(aggregated(), AGGREGATED_TYPE) as Answer & { type: "raw" };
  return { ...answer, headers: vary };
}

const checked =
  (endpoint: "healthz" | "livez" | "readyz"): Path =>
  (call, { checks }, rest) =>
    health(endpoint, endpoint === "readyz" ? checks.ready : checks.live, rest, call.incoming.query);

function groupPath(_call: Call, { documents }: PathSources, rest: string): Answer | undefined {
  const docs = documents.discovery;
  const [group = "", version] = rest.split("/");
  if (version === undefined) return object(docs.group(group));
  return object(docs.groupVersion(`${group}/${version}`));
}

/** The first path that fits answers; a path that ends in "/" stands for all below it. */
const PATHS: readonly (readonly [string, Path])[] = [
  ["/", (_call, sources) => object({ paths: listed(sources) })],
  ["/version", (_call, { version }) => object(version)],
  ["/healthz", checked("healthz")],
  ["/livez", checked("livez")],
  ["/readyz", checked("readyz")],
  ["/healthz/", checked("healthz")],
  ["/livez/", checked("livez")],
  ["/readyz/", checked("readyz")],
  ["/metrics", (_call, { metrics }) => metrics.answer()],
  [
    "/api",
    (call, { documents: { discovery: d } }) =>
      discovery(
        call,
        () => d.api(),
        () => d.aggregatedCore(),
      ),
  ],
  [
    "/apis",
    (call, { documents: { discovery: d } }) =>
      discovery(
        call,
        () => d.apis(),
        () => d.aggregatedGroups(),
      ),
  ],
  ["/api/", (_call, { documents }, rest) => object(documents.discovery.groupVersion(rest))],
  ["/apis/", groupPath],
  ["/openapi/v2", (call, { documents }) => documents.openapi.v2(call)],
  ["/openapi/v3", (call, { documents }) => documents.openapi.v3Index(call)],
  ["/openapi/v3/", (call, { documents }, rest) => documents.openapi.v3(call, rest)],
  ["/openid/v1/jwks", (_call, { tokens }) => tokens && document(tokens.jwks(), "application/jwk-set+json")],
  [
    "/.well-known/openid-configuration",
    (_call, { tokens, externalURL }) => tokens && document(tokens.discovery(`${externalURL}/openid/v1/jwks`)),
  ],
];

/** Every path there is, for GET /. */
function listed({ documents, checks, tokens }: PathSources): string[] {
  const d = documents.discovery;
  const { groups } = d.apis() as { groups: { name: string; versions: { groupVersion: string }[] }[] };
  const { versions } = d.api() as { versions: string[] };
  const paths = [
    "/api",
    ...versions.map((v) => `/api/${v}`),
    "/apis",
    "/apis/",
    "/metrics",
    "/openapi/v2",
    "/openapi/v3",
  ];
  for (const { name, versions: all } of groups)
    paths.push(`/apis/${name}`, ...all.map((v) => `/apis/${v.groupVersion}`));
  for (const { name } of checks.live) paths.push(`/healthz/${name}`, `/livez/${name}`);
  for (const { name } of checks.ready) paths.push(`/readyz/${name}`);
  if (tokens) paths.push("/.well-known/openid-configuration", "/openid/v1/jwks");
  return [...paths, "/healthz", "/livez", "/openapi/v3/", "/readyz", "/version"].sort();
}

/** Answers a path that names no resource; undefined: nothing is there. */
export async function answerPath(call: Call, sources: PathSources): Promise<Answer | undefined> {
  const { path } = call.info;
  const trimmed = path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
  for (const [at, answer] of PATHS) {
    if (at === trimmed) return answer(call, sources, "");
    if (at.length > 1 && at.endsWith("/") && trimmed.startsWith(at)) {
      const found = await answer(call, sources, trimmed.slice(at.length));
      if (found) return found;
      // Below /api there is an API that has no such version; elsewhere there is nothing at all.
      if (at === "/api/") throw pathNotFound();
      return undefined;
    }
  }
  return undefined;
}
