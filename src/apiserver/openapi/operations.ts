import type { Kind } from "../../apimachinery/kind.ts";
import { type GroupVersion, groupsOf } from "../discovery/groups.ts";
import { type NamedSubresource, subresourcesOf } from "../discovery/resources.ts";
import {
  connectParameters,
  deleteCollectionParameters,
  deleteParameters,
  listParameters,
  logParameters,
  nameParameter,
  namespaceParameter,
  type Parameter,
  patchParameters,
  pathParameter,
  prettyParameter,
  writeParameters,
} from "./parameters.ts";

export type Method = "get" | "put" | "post" | "delete" | "patch" | "head" | "options";

export interface Operation {
  method: Method;
  operationId: string;
  description: string;
  tag: string;
  action?: string;
  gvk?: { group: string; version: string; kind: string };
  consumes: readonly string[];
  produces: readonly string[];
  parameters: readonly Parameter[];
  /** the definition of the body */
  body?: { definition: string; required: boolean };
  /** the definition of the answer, or "string" */
  answer: string;
  /** the codes of success */
  codes: readonly number[];
}

export interface PathItem {
  path: string;
  /** the OpenAPI v3 document in which it stands, such as "apis/apps/v1" */
  document: string;
  parameters: readonly Parameter[];
  operations: Operation[];
}

const META = "io.k8s.apimachinery.pkg.apis.meta.v1";
const ANY = ["*/*"];
const OBJECTS = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];
const STREAMS = [...OBJECTS, "application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"];
const PATCHES = [
  "application/json-patch+json",
  "application/merge-patch+json",
  "application/strategic-merge-patch+json",
  "application/apply-patch+yaml",
];

/** Resources whose deletion is answered with the object that was deleted, not with a Status. */
const ANSWERED_WITH_OBJECT = new Set([
  "persistentvolumeclaims",
  "persistentvolumes",
  "pods",
  "podtemplates",
  "resourcequotas",
  "serviceaccounts",
  "services",
  "csidrivers.storage.k8s.io",
  "csinodes.storage.k8s.io",
  "storageclasses.storage.k8s.io",
  "volumeattachments.storage.k8s.io",
  "volumeattributesclasses.storage.k8s.io",
  "resourceclaims.resource.k8s.io",
  "resourceclaimtemplates.resource.k8s.io",
  "deviceclasses.resource.k8s.io",
  "resourceslices.resource.k8s.io",
]);

/** Every path that is served, with its operations; those that are not about objects come first. */
export function allPaths(kinds: readonly Kind[], definitionOf: DefinitionOf): PathItem[] {
  const groups = groupsOf(kinds);
  const items = [
    discoveryPath("/api/", "api", "getCoreAPIVersions", "core", "APIVersions"),
    discoveryPath("/apis/", "apis", "getAPIVersions", "apis", "APIGroupList"),
    versionPath,
  ];
  for (const { name, versions } of groups) {
    if (name !== "")
      items.push(
        discoveryPath(`/apis/${name}/`, `apis/${name}`, `get${titleOf(name)}APIGroup`, tagOf(name), "APIGroup"),
      );
    for (const version of versions) items.push(...versionPaths(version, definitionOf));
  }
  return items;
}

/** The definition of a kind's objects; subresources' bodies may be of kinds that are not served by themselves. */
export type DefinitionOf = (group: string, version: string, kind: string) => string;

/** "rbac.authorization.k8s.io" → "RbacAuthorization" */
function titleOf(group: string): string {
  return (group === "" ? "core" : group)
    .replace(/\.k8s\.io$/, "")
    .split(".")
    .map((part) => part[0]!.toUpperCase() + part.slice(1))
    .join("");
}

function tagOf(group: string): string {
  const title = titleOf(group);
  return title[0]!.toLowerCase() + title.slice(1);
}

function discoveryPath(path: string, document: string, operationId: string, tag: string, answer: string): PathItem {
  return {
    path,
    document,
    parameters: [],
    operations: [
      {
        method: "get",
        operationId,
        description: `Answers with the ${answer}.`,
        tag,
        consumes: OBJECTS,
        produces: OBJECTS,
        parameters: [],
        answer: `${META}.${answer}`,
        codes: [200],
      },
    ],
  };
}

const versionPath: PathItem = {
  path: "/version/",
  document: "version",
  parameters: [],
  operations: [
    {
      method: "get",
      operationId: "getCodeVersion",
      description: "Answers with the version of the server.",
      tag: "version",
      consumes: ["application/json"],
      produces: ["application/json"],
      parameters: [],
      answer: "io.k8s.apimachinery.pkg.version.Info",
      codes: [200],
    },
  ],
};

function versionPaths({ group, version, groupVersion, kinds }: GroupVersion, definitionOf: DefinitionOf): PathItem[] {
  const document = group === "" ? `api/${groupVersion}` : `apis/${groupVersion}`;
  const title = `${titleOf(group)}${version[0]!.toUpperCase()}${version.slice(1)}`;
  const tag = `${tagOf(group)}_${version}`;
  const resources = discoveryPath(`/${document}/`, document, `get${title}APIResources`, tag, "APIResourceList");
  const context = { document, title, tag, definitionOf };
  return [resources, ...kinds.flatMap((kind) => kindPaths(new KindPaths(kind, context)))];
}

interface Context {
  document: string;
  title: string;
  tag: string;
  definitionOf: DefinitionOf;
}

/** What the paths of one kind share. */
class KindPaths {
  readonly kind: Kind;
  readonly context: Context;
  readonly definition: string;
  readonly namespaced: boolean;
  /** "/api/v1" */
  readonly base: string;
  constructor(kind: Kind, context: Context) {
    this.kind = kind;
    this.context = context;
    this.definition = kind.schema.name;
    this.namespaced = kind.scope === "Namespaced";
    this.base = `/${context.document}`;
  }
  get collection(): string {
    return `${this.base}${this.namespaced ? "/namespaces/{namespace}" : ""}/${this.kind.plural}`;
  }
  /** "listCoreV1NamespacedPod" of "list" and no prefix */
  id(verb: string, infix = "", suffix = ""): string {
    return `${verb}${this.context.title}${infix}${this.namespaced ? "Namespaced" : ""}${this.kind.kind}${suffix}`;
  }
  item(path: string, parameters: Parameter[], operations: (Operation | false)[]): PathItem[] {
    const some = operations.filter((operation) => operation !== false);
    const { document } = this.context;
    const place = this.namespaced && path.includes("{namespace}") ? [namespaceParameter] : [];
    return some.length === 0 ? [] : [{ path, document, parameters: [...parameters, ...place], operations: some }];
  }
  operation(of: Partial<Operation> & Pick<Operation, "method" | "operationId" | "action" | "description">): Operation {
    const { group, version, kind } = this.kind;
    return {
      tag: this.context.tag,
      gvk: { group, version, kind },
      consumes: ANY,
      produces: OBJECTS,
      parameters: [],
      answer: this.definition,
      codes: [200],
      ...of,
    };
  }
}

function kindPaths(of: KindPaths): PathItem[] {
  const { kind, collection } = of;
  const pretty = [prettyParameter];
  const item = `${collection}/{name}`;
  const named = [nameParameter(kind.kind), prettyParameter];
  const listed = kind.verbs.includes("list");
  // what a path's only operation takes stands on the path, not on the operation
  const createOnly = kind.verbs.length === 1;
  const listOnly = listed && !kind.verbs.includes("create") && !kind.verbs.includes("deletecollection");
  const common = createOnly ? writeParameters : listOnly ? listParameters : [];
  return [
    ...of.item(
      collection,
      [...common, ...pretty],
      [
        kind.verbs.includes("create") && create(of, createOnly),
        kind.verbs.includes("deletecollection") && deleteCollection(of),
        listed && (listOnly ? { ...list(of), parameters: [] } : list(of)),
      ],
    ),
    ...(listed && of.namespaced ? allNamespaces(of) : []),
    ...of.item(item, named, [
      kind.verbs.includes("delete") && deleteOne(of),
      kind.verbs.includes("get") && read(of),
      kind.verbs.includes("patch") && patch(of),
      kind.verbs.includes("update") && replace(of),
    ]),
    ...subresourcesOf(kind).flatMap((sub) => subresourcePaths(of, sub)),
    ...(kind.verbs.includes("watch") ? watches(of) : []),
  ];
}

const create = (of: KindPaths, createOnly: boolean): Operation =>
  of.operation({
    method: "post",
    action: "post",
    operationId: of.id("create"),
    description: `Creates a ${of.kind.kind}.`,
    parameters: createOnly ? [] : writeParameters,
    body: { definition: of.definition, required: true },
    codes: [200, 201, 202],
  });

const deleteCollection = (of: KindPaths): Operation =>
  of.operation({
    method: "delete",
    action: "deletecollection",
    operationId: of.id("delete", "Collection"),
    description: `Deletes all objects of kind ${of.kind.kind} that are selected.`,
    parameters: deleteCollectionParameters,
    body: { definition: `${META}.DeleteOptions`, required: false },
    answer: `${META}.Status`,
  });

const list = (of: KindPaths): Operation =>
  of.operation({
    method: "get",
    action: "list",
    operationId: of.id("list"),
    description: `Lists or watches objects of kind ${of.kind.kind}.`,
    produces: STREAMS,
    parameters: listParameters,
    answer: `${of.definition}List`,
  });

const listAll = (of: KindPaths): Operation => ({
  ...list(of),
  operationId: `list${of.context.title}${of.kind.kind}ForAllNamespaces`,
  parameters: [],
});

const allNamespaces = (of: KindPaths): PathItem[] =>
  of.item(`${of.base}/${of.kind.plural}`, [...listParameters, prettyParameter], [listAll(of)]);

const deleteOne = (of: KindPaths): Operation =>
  of.operation({
    method: "delete",
    action: "delete",
    operationId: of.id("delete"),
    description: `Deletes a ${of.kind.kind}.`,
    parameters: deleteParameters,
    body: { definition: `${META}.DeleteOptions`, required: false },
    answer: ANSWERED_WITH_OBJECT.has(of.kind.resource) ? of.definition : `${META}.Status`,
    codes: [200, 202],
  });

const read = (of: KindPaths): Operation =>
  of.operation({
    method: "get",
    action: "get",
    operationId: of.id("read"),
    description: `Reads a ${of.kind.kind}.`,
  });

const patch = (of: KindPaths): Operation =>
  of.operation({
    method: "patch",
    action: "patch",
    operationId: of.id("patch"),
    description: `Changes parts of a ${of.kind.kind}.`,
    consumes: PATCHES,
    parameters: patchParameters,
    body: { definition: `${META}.Patch`, required: true },
    codes: [200, 201],
  });

const replace = (of: KindPaths): Operation =>
  of.operation({
    method: "put",
    action: "put",
    operationId: of.id("replace"),
    description: `Replaces a ${of.kind.kind}.`,
    parameters: writeParameters,
    body: { definition: of.definition, required: true },
    codes: [200, 201],
  });

/** The older way to watch, by paths of its own. */
function watches(of: KindPaths): PathItem[] {
  const watch = (action: string, operationId: string): Operation =>
    of.operation({
      method: "get",
      action,
      operationId,
      description: `Watches objects of kind ${of.kind.kind}; a list with the parameter watch does the same.`,
      produces: STREAMS,
      answer: `${META}.WatchEvent`,
    });
  const collection = of.collection.replace(of.base, `${of.base}/watch`);
  const parameters = [...listParameters, prettyParameter];
  const all = watch("watchlist", `watch${of.context.title}${of.kind.kind}ListForAllNamespaces`);
  return [
    ...(of.namespaced ? of.item(`${of.base}/watch/${of.kind.plural}`, parameters, [all]) : []),
    ...of.item(collection, parameters, [watch("watchlist", of.id("watch", "", "List"))]),
    ...of.item(`${collection}/{name}`, [...parameters, nameParameter(of.kind.kind)], [watch("watch", of.id("watch"))]),
  ];
}

function subresourcePaths(of: KindPaths, sub: NamedSubresource): PathItem[] {
  const path = `${of.collection}/{name}/${sub.name}`;
  const title = sub.name[0]!.toUpperCase() + sub.name.slice(1);
  if (sub.kind?.endsWith("Options")) return connectPaths(of, sub, path, title);
  const group = sub.version ? (sub.group ?? "") : of.kind.group;
  const version = sub.version ?? of.kind.version;
  const kind = sub.kind ?? of.kind.kind;
  const definition =
    kind === of.kind.kind && !sub.version ? of.definition : of.context.definitionOf(group, version, kind);
  const about = { gvk: { group, version, kind }, answer: definition };
  const rename = (operation: Operation, description: string): Operation => ({
    ...operation,
    ...about,
    operationId: `${operation.operationId}${SUFFIX[sub.name] ?? title}`,
    description: `${description} the ${sub.name} of a ${of.kind.kind}.`,
    ...(operation.body && { body: operation.method === "patch" ? operation.body : { definition, required: true } }),
  });
  const writeOnly = sub.verbs.length === 1 && sub.verbs[0] !== "get";
  const parameters = [nameParameter(of.kind.kind), ...(writeOnly ? writeParameters : []), prettyParameter];
  if (sub.name === "log") return logPath(of, path);
  return of.item(path, parameters, [
    sub.verbs.includes("create") && rename(create(of, true), "Posts to"),
    sub.verbs.includes("get") && rename(read(of), "Reads"),
    sub.verbs.includes("patch") && rename(patch(of), "Changes parts of"),
    sub.verbs.includes("update") &&
      rename({ ...replace(of), parameters: writeOnly ? [] : writeParameters }, "Replaces"),
  ]);
}

const SUFFIX: Record<string, string> = { ephemeralcontainers: "Ephemeralcontainers" };

function logPath(of: KindPaths, path: string): PathItem[] {
  const operation = of.operation({
    method: "get",
    action: "get",
    operationId: of.id("read", "", "Log"),
    description: `Reads the log of a ${of.kind.kind}.`,
    produces: ["text/plain", ...OBJECTS],
    answer: "string",
  });
  return of.item(path, [nameParameter(of.kind.kind), ...logParameters], [operation]);
}

const PROXY_METHODS: Method[] = ["delete", "get", "head", "options", "patch", "post", "put"];

/** Subresources that are a connection rather than an object: exec, attach, portforward, proxy. */
function connectPaths(of: KindPaths, sub: NamedSubresource, path: string, title: string): PathItem[] {
  const methods: Method[] = sub.name === "proxy" ? PROXY_METHODS : ["get", "post"];
  const { group, version } = of.kind;
  const operations = (suffix: string) =>
    methods.map((method) =>
      of.operation({
        method,
        action: "connect",
        operationId: of.id("connect", method[0]!.toUpperCase() + method.slice(1), `${title}${suffix}`),
        description: `Connects by ${method.toUpperCase()} to the ${sub.name} of a ${of.kind.kind}.`,
        gvk: { group, version, kind: sub.kind! },
        produces: ANY,
        answer: "string",
      }),
    );
  const parameters = [nameParameter(of.kind.kind), ...(connectParameters[sub.kind!] ?? [])];
  const items = of.item(path, parameters, operations(""));
  if (sub.name !== "proxy") return items;
  return [...items, ...of.item(`${path}/{path}`, [...parameters, pathParameter], operations("WithPath"))];
}
