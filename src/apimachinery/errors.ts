import { type FieldError, joinFieldErrors } from "./fieldErrors.ts";
import { goQuote } from "./goText.ts";
import { failure, type StatusCause, type StatusDetails, type StatusError } from "./status.ts";

/** What errors need to know of a kind; every `Kind` fits. */
export interface ResourceNames {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
}

/** The catalogue of API failures, with the texts that Kubernetes gives them. */

/** "pods" or "deployments.apps" */
const resourceOf = (of: ResourceNames) => (of.group === "" ? of.plural : `${of.plural}.${of.group}`);
/** "Pod" or "Deployment.apps" */
const kindOf = (of: ResourceNames) => (of.group === "" ? of.kind : `${of.kind}.${of.group}`);

function details(of: ResourceNames, name: string, more: StatusDetails = {}): StatusDetails {
  const out: StatusDetails = {};
  if (name !== "") out.name = name;
  if (of.group !== "") out.group = of.group;
  out.kind = of.plural;
  return { ...out, ...more };
}

export const notFound = (of: ResourceNames, name: string): StatusError =>
  failure(404, "NotFound", `${resourceOf(of)} ${goQuote(name)} not found`, details(of, name));

/** For a path under which nothing is served. */
export const pathNotFound = (): StatusError =>
  failure(404, "NotFound", "the server could not find the requested resource", {});

export const alreadyExists = (of: ResourceNames, name: string): StatusError =>
  failure(409, "AlreadyExists", `${resourceOf(of)} ${goQuote(name)} already exists`, details(of, name));

/** No free name was found for a `generateName`. */
export const generateNameConflict = (of: ResourceNames, name: string, retryAfterSeconds = 1): StatusError =>
  failure(
    409,
    "AlreadyExists",
    `${resourceOf(of)} ${goQuote(name)} already exists, the server was not able to generate a unique name for the object`,
    details(of, name, { retryAfterSeconds }),
  );

export const conflict = (of: ResourceNames, name: string, why: string): StatusError =>
  failure(
    409,
    "Conflict",
    `Operation cannot be fulfilled on ${resourceOf(of)} ${goQuote(name)}: ${why}`,
    details(of, name),
  );

/** The reason that a write against an old resourceVersion is given. */
export const STALE =
  "the object has been modified; please apply your changes to the latest version and try again" as const;

/** Server-side apply met fields of other managers. */
export const applyConflict = (causes: StatusCause[], message: string): StatusError =>
  failure(409, "Conflict", message, { causes });

/** All that validation found, as one failure. */
export function invalid(of: ResourceNames, name: string, errors: readonly FieldError[]): StatusError {
  const what = `${kindOf(of)} ${goQuote(name)} is invalid`;
  const message = errors.length === 0 ? what : `${what}: ${joinFieldErrors(errors)}`;
  const causes = errors.map(({ type, message, field }) => ({ reason: type, message, field }));
  return failure(422, "Invalid", message, details(of, name, { kind: of.kind, causes }));
}

export const badRequest = (message: string): StatusError => failure(400, "BadRequest", message);

/** `why` is the part after "is forbidden: ". Without a resource: "forbidden: why". */
export function forbidden(of: ResourceNames | undefined, name: string, why: string): StatusError {
  if (!of || of.plural === "") return failure(403, "Forbidden", `forbidden: ${why}`, name === "" ? {} : { name });
  const what = name === "" ? resourceOf(of) : `${resourceOf(of)} ${goQuote(name)}`;
  return failure(403, "Forbidden", `${what} is forbidden: ${why}`, details(of, name));
}

export const unauthorized = (message = "Unauthorized"): StatusError => failure(401, "Unauthorized", message);

/** `action` is the verb, such as "patch". */
export const methodNotSupported = (of: ResourceNames, action: string): StatusError =>
  failure(
    405,
    "MethodNotAllowed",
    `${action} is not supported on resources of kind ${goQuote(resourceOf(of))}`,
    details(of, ""),
  );

/** For a path that is served, but not with this HTTP method. */
export const methodNotAllowed = (): StatusError =>
  failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {});

export const gone = (message: string): StatusError => failure(410, "Gone", message);

/** The asked revision or page is no longer kept: the client lists again. */
export const expired = (message: string): StatusError => failure(410, "Expired", message);

/** A read at a revision that is still to come. */
export const tooLargeRevision = (asked: number, current: number, retryAfterSeconds = 1): StatusError =>
  failure(504, "Timeout", `Timeout: Too large resource version: ${asked}, current: ${current}`, {
    causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
    retryAfterSeconds,
  });

export const timeout = (message: string, retryAfterSeconds = 0): StatusError =>
  failure(504, "Timeout", `Timeout: ${message}`, retryAfterSeconds > 0 ? { retryAfterSeconds } : {});

export const serverTimeout = (of: ResourceNames, action: string, retryAfterSeconds = 0): StatusError =>
  failure(
    500,
    "ServerTimeout",
    `The ${action} operation against ${resourceOf(of)} could not be completed at this time, please try again.`,
    details(of, action, retryAfterSeconds > 0 ? { retryAfterSeconds } : {}),
  );

export const requestTooLarge = (message: string): StatusError =>
  failure(413, "RequestEntityTooLarge", `Request entity too large: ${message}`);

/** The media types of every resource's bodies. */
const MEDIA_TYPES = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];

export const notAcceptable = (accepted: readonly string[] = MEDIA_TYPES): StatusError =>
  failure(406, "NotAcceptable", `only the following media types are accepted: ${accepted.join(", ")}`);

export const unsupportedMediaType = (accepted: readonly string[] = MEDIA_TYPES): StatusError =>
  failure(
    415,
    "UnsupportedMediaType",
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(", ")}`,
  );

export const tooManyRequests = (message: string, retryAfterSeconds = 1): StatusError =>
  failure(429, "TooManyRequests", message, { retryAfterSeconds });

export const serviceUnavailable = (message: string): StatusError => failure(503, "ServiceUnavailable", message);

export const internalError = (message: string): StatusError =>
  failure(500, "InternalError", `Internal error occurred: ${message}`, { causes: [{ message }] });
