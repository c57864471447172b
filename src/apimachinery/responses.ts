import { ListMeta, META } from "./meta.ts";
import { bool, type Infer, int32, list, message, rawExtension, string, struct } from "./schema.ts";

/** What the API answers with when it does not answer with a kind's object: failures, watch events, discovery. */

const typed = {
  kind: string(0).doc("The kind of this object."),
  apiVersion: string(0).doc("The version in which this object is written."),
};

export const StatusCauseSchema = message(
  `${META}.StatusCause`,
  {
    reason: string(1).named("CauseType").doc("The kind of cause, for programs."),
    message: string(2).doc("The cause, for people."),
    field: string(3).doc("The field at fault, as a path such as `items[0].name`."),
  },
  { doc: "One cause of a failure." },
);

export const StatusDetailsSchema = message(
  `${META}.StatusDetails`,
  {
    name: string(1).doc("The name of the object in question."),
    group: string(2).doc("The group of its resource."),
    kind: string(3).doc("Its kind or resource."),
    uid: string(6).named("types.UID").doc("Its UID."),
    causes: list(4, StatusCauseSchema).atomicList.doc("What led to the failure."),
    retryAfterSeconds: int32(5).doc("Seconds after which to try again."),
  },
  { doc: "Further facts about a Status." },
);

export const StatusSchema = message(
  `${META}.Status`,
  {
    ...typed,
    metadata: struct(1, ListMeta).doc("What is known of the list in question."),
    status: string(2).doc("Success or Failure."),
    message: string(3).doc("What happened, for people."),
    reason: string(4).named("StatusReason").doc("Why it happened, in a word, for programs."),
    details: struct(5, StatusDetailsSchema).optional.doc("Further facts, depending on the reason."),
    code: int32(6).doc("The HTTP status code."),
  },
  { doc: "The answer when there is no object to answer with." },
);

export const WatchEventSchema = message(
  `${META}.WatchEvent`,
  {
    type: string(1).always.required.doc("ADDED, MODIFIED, DELETED, BOOKMARK or ERROR."),
    object: rawExtension(2).always.required.doc(
      "The object after the event, or before its deletion; a Status for ERROR.",
    ),
  },
  { doc: "One event of a watch." },
);

export const ServerAddressByClientCIDR = message(
  `${META}.ServerAddressByClientCIDR`,
  {
    clientCIDR: string(1).always.required.doc("The addresses of clients to which this applies."),
    serverAddress: string(2).always.required.doc("Where those clients reach the server."),
  },
  { doc: "Where a client reaches the server, by the client's own address." },
);

export const GroupVersionForDiscovery = message(
  `${META}.GroupVersionForDiscovery`,
  {
    groupVersion: string(1).always.required.doc("Group and version, such as `apps/v1`."),
    version: string(2).always.required.doc("The version alone."),
  },
  { doc: "A version of a group." },
);

export const APIVersionsSchema = message(
  `${META}.APIVersions`,
  {
    ...typed,
    versions: list(1, "string").always.required.atomicList.doc("The versions served under /api."),
    serverAddressByClientCIDRs: list(2, ServerAddressByClientCIDR).always.required.atomicList.doc(
      "Where clients reach the server.",
    ),
  },
  { doc: "The versions of the core group." },
);

export const APIGroupSchema = message(
  `${META}.APIGroup`,
  {
    ...typed,
    name: string(1).always.required.doc("The group's name."),
    versions: list(2, GroupVersionForDiscovery).always.required.atomicList.doc("Its versions, most preferred first."),
    preferredVersion: struct(3, GroupVersionForDiscovery).doc("The version to use when there is no other wish."),
    serverAddressByClientCIDRs: list(4, ServerAddressByClientCIDR).atomicList.doc("Where clients reach the server."),
  },
  { doc: "A group and its versions." },
);

export const APIGroupListSchema = message(
  `${META}.APIGroupList`,
  { ...typed, groups: list(1, APIGroupSchema).always.required.atomicList.doc("The groups.") },
  { doc: "All groups served under /apis." },
);

export const APIResourceSchema = message(
  `${META}.APIResource`,
  {
    name: string(1).always.required.doc("The resource's plural name; a subresource's after a slash."),
    singularName: string(6).always.required.doc("Its name in the singular."),
    namespaced: bool(2).always.required.doc("Whether its objects live in namespaces."),
    group: string(8).doc("The group of its objects, when not that of the list."),
    version: string(9).doc("The version of its objects, when not that of the list."),
    kind: string(3).always.required.doc("The kind of its objects."),
    verbs: list(4, "string").always.required.doc("What can be done with it."),
    shortNames: list(5, "string").atomicList.doc("Short names for people."),
    categories: list(7, "string").atomicList.doc("Groups of resources to which it belongs, such as `all`."),
    storageVersionHash: string(10).doc("Changes when its objects are stored in another version."),
  },
  { doc: "One resource of a group-version." },
);

export const APIResourceListSchema = message(
  `${META}.APIResourceList`,
  {
    ...typed,
    groupVersion: string(1).always.required.doc("The group and version."),
    resources: list(2, APIResourceSchema).always.required.atomicList.doc("Its resources, subresources among them."),
  },
  { doc: "The resources of a group-version." },
);

const number = (what: string) => string(0).doc(what);

export const VersionInfo = message(
  "io.k8s.apimachinery.pkg.version.Info",
  {
    major: number("The major version.").always.required,
    minor: number("The minor version.").always.required,
    emulationMajor: number("The major version whose behaviour is kept."),
    emulationMinor: number("The minor version whose behaviour is kept."),
    minCompatibilityMajor: number("The oldest major version that may run beside this one."),
    minCompatibilityMinor: number("The oldest minor version that may run beside this one."),
    gitVersion: number("The full version.").always.required,
    gitCommit: number("The commit it was built from.").always.required,
    gitTreeState: number("Whether the tree was clean.").always.required,
    buildDate: number("When it was built.").always.required,
    goVersion: number("What it runs on.").always.required,
    compiler: number("What compiled it.").always.required,
    platform: number("The operating system and architecture.").always.required,
  },
  { doc: "The version of a server." },
);
export interface VersionInfo extends Infer<typeof VersionInfo> {}
