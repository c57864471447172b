/** A parameter of a path or an operation, in query or path. */
export interface Parameter {
  name: string;
  in: "query" | "path";
  type: "string" | "boolean" | "integer";
  description: string;
}

const query = (name: string, type: Parameter["type"], description: string): Parameter => ({
  name,
  in: "query",
  type,
  description,
});
const path = (name: string, description: string): Parameter => ({ name, in: "path", type: "string", description });

export const namespaceParameter = path("namespace", "The namespace in which the object lives, or which is listed.");
export const nameParameter = (kind: string) => path("name", `The name of the ${kind}.`);
export const pathParameter = path("path", "The path of the URL behind the proxy.");
export const prettyParameter = query("pretty", "string", "Whether to indent the answer.");

const dryRun = query("dryRun", "string", "All: go through every stage of the request, but store nothing.");
const fieldManager = query("fieldManager", "string", "Who is recorded as having set the fields.");
const fieldValidation = query(
  "fieldValidation",
  "string",
  "What becomes of unknown and duplicate fields: Strict refuses them, Warn (the default) drops them with a warning, Ignore drops them.",
);
const fieldSelector = query(
  "fieldSelector",
  "string",
  "Only objects whose fields are as asked, such as `metadata.name=a`.",
);
const labelSelector = query(
  "labelSelector",
  "string",
  "Only objects whose labels are as asked, such as `app in (a,b)`.",
);
const resourceVersion = query("resourceVersion", "string", "The version from which to read or watch.");
const resourceVersionMatch = query(
  "resourceVersionMatch",
  "string",
  "NotOlderThan or Exact: how resourceVersion is meant.",
);
const page = [
  query("continue", "string", "The token that came with the page before."),
  query("limit", "integer", "The most objects to answer with at once."),
];
const sendInitialEvents = query("sendInitialEvents", "boolean", "Begin a watch with all that exists, then a bookmark.");
const shardSelector = query("shardSelector", "string", "Only objects of such a shard.");
const timeoutSeconds = query("timeoutSeconds", "integer", "Seconds after which the server ends the request.");

export const writeParameters = [dryRun, fieldManager, fieldValidation];
export const patchParameters = [
  ...writeParameters,
  query("force", "boolean", "Take over fields that others manage; only for apply."),
];
export const listParameters = [
  query("allowWatchBookmarks", "boolean", "Send events that only tell how far the watch has come."),
  ...page,
  fieldSelector,
  labelSelector,
  resourceVersion,
  resourceVersionMatch,
  sendInitialEvents,
  shardSelector,
  timeoutSeconds,
  query("watch", "boolean", "Stream changes instead of answering with a list."),
];
export const deleteParameters = [
  dryRun,
  query("gracePeriodSeconds", "integer", "Seconds the object has to end gracefully; zero removes it at once."),
  query(
    "ignoreStoreReadErrorWithClusterBreakingPotential",
    "boolean",
    "Remove an object that can no longer be read from the store.",
  ),
  query("orphanDependents", "boolean", "Replaced by propagationPolicy."),
  query("propagationPolicy", "string", "Orphan, Background or Foreground: what becomes of dependents."),
];
export const deleteCollectionParameters = [
  ...deleteParameters,
  ...page,
  fieldSelector,
  labelSelector,
  resourceVersion,
  resourceVersionMatch,
  sendInitialEvents,
  shardSelector,
  timeoutSeconds,
];

const container = query("container", "string", "The container; the Pod's only one when left out.");
const streams = [
  container,
  query("stderr", "boolean", "Whether to send standard error."),
  query("stdin", "boolean", "Whether to take standard input."),
  query("stdout", "boolean", "Whether to send standard output."),
  query("tty", "boolean", "Whether to run on a terminal."),
];

/** Parameters of subresources that are not objects, by the kind of their options. */
export const connectParameters: Readonly<Record<string, readonly Parameter[]>> = {
  PodExecOptions: [query("command", "string", "The command and its arguments, each once."), ...streams],
  PodAttachOptions: streams,
  PodPortForwardOptions: [query("ports", "integer", "The ports to forward.")],
  PodProxyOptions: [query("path", "string", "The path behind the proxy.")],
  ServiceProxyOptions: [query("path", "string", "The path behind the proxy.")],
  NodeProxyOptions: [query("path", "string", "The path behind the proxy.")],
};

export const logParameters = [
  container,
  query("follow", "boolean", "Go on with lines as they are written."),
  query("insecureSkipTLSVerifyBackend", "boolean", "Do not check the node's certificate."),
  query("limitBytes", "integer", "The most bytes to answer with."),
  prettyParameter,
  query("previous", "boolean", "The lines of the container's run before this one."),
  query("sinceSeconds", "integer", "Only lines not older than this many seconds."),
  query("stream", "string", "All, Stdout or Stderr."),
  query("tailLines", "integer", "Only this many lines, the last ones."),
  query("timestamps", "boolean", "Begin each line with its time."),
];
