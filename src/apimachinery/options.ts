import { META } from "./meta.ts";
import { bool, type Infer, int64, list, message, string } from "./schema.ts";

/** Options of requests, as bodies and in protobuf; in URLs they are query parameters of the same names. */

const typed = { kind: string(0), apiVersion: string(0) };
const dryRun = (number: number) => list(number, "string").atomicList.doc("All: go through every stage, store nothing.");
const fieldManager = (number: number) => string(number).doc("Who is recorded as having set the fields.");
const fieldValidation = (number: number) =>
  string(number).doc("Strict, Warn or Ignore: what becomes of unknown and duplicate fields.");

export const CreateOptions = message(
  `${META}.CreateOptions`,
  { ...typed, dryRun: dryRun(1), fieldManager: fieldManager(3), fieldValidation: fieldValidation(4) },
  { doc: "How to create an object." },
);
export interface CreateOptions extends Infer<typeof CreateOptions> {}

export const UpdateOptions = message(
  `${META}.UpdateOptions`,
  { ...typed, dryRun: dryRun(1), fieldManager: fieldManager(2), fieldValidation: fieldValidation(3) },
  { doc: "How to replace an object." },
);
export interface UpdateOptions extends Infer<typeof UpdateOptions> {}

export const PatchOptions = message(
  `${META}.PatchOptions`,
  {
    ...typed,
    dryRun: dryRun(1),
    force: bool(2).optional.doc("Take over fields that others manage."),
    fieldManager: fieldManager(3),
    fieldValidation: fieldValidation(4),
  },
  { doc: "How to patch an object." },
);
export interface PatchOptions extends Infer<typeof PatchOptions> {}

export const GetOptions = message(
  `${META}.GetOptions`,
  { ...typed, resourceVersion: string(1).doc("A version that the answer must not be older than.") },
  { doc: "How to read an object." },
);
export interface GetOptions extends Infer<typeof GetOptions> {}

export const ListOptions = message(
  `${META}.ListOptions`,
  {
    ...typed,
    labelSelector: string(1).doc("Only objects with such labels."),
    fieldSelector: string(2).doc("Only objects with such fields."),
    watch: bool(3).doc("Stream changes instead of answering with a list."),
    allowWatchBookmarks: bool(9).doc("Send events that only tell how far the watch has come."),
    resourceVersion: string(4).doc("The version from which to read or watch."),
    resourceVersionMatch: string(10)
      .named("ResourceVersionMatch")
      .doc("NotOlderThan or Exact: how resourceVersion is meant."),
    timeoutSeconds: int64(5).optional.doc("Seconds after which the server ends the request."),
    limit: int64(7).doc("The most objects to answer with at once."),
    continue: string(8).doc("The token of the page before."),
    sendInitialEvents: bool(11).optional.doc("Begin a watch with all that exists."),
    shardSelector: string(15).doc("Only objects of such a shard."),
  },
  { doc: "What to list or watch." },
);
export interface ListOptions extends Infer<typeof ListOptions> {}
