import type { FieldError } from "./fieldErrors.ts";
import type { KubernetesObject } from "./meta.ts";
import type { Message } from "./schema.ts";

export type Verb = "create" | "delete" | "deletecollection" | "get" | "list" | "patch" | "update" | "watch";

export const ALL_VERBS: readonly Verb[] = [
  "create",
  "delete",
  "deletecollection",
  "get",
  "list",
  "patch",
  "update",
  "watch",
];

/** One column of the server-side table, as `kubectl get` prints it. */
export interface Column<T> {
  name: string;
  type: "string" | "integer" | "number" | "boolean" | "date";
  /** OpenAPI-like format; "name" marks the column with the object's name */
  format?: string;
  description: string;
  /** 0 is always shown, 1 with `-o wide` */
  priority?: number;
  /** The cell. `now` is ms since the epoch, for ages. */
  value(object: T, now: number): unknown;
}

/** Reads one field as a selector sees it. A method, so that a list of kinds may hold the reader of any of them. */
interface FieldReader<T> {
  read(object: T): string;
}

/** A subresource, as discovery lists it; how it acts is the API server's registry's affair. */
export interface Subresource {
  /** e.g. "Scale" or "Eviction" when the body is of another kind than the resource itself */
  kind?: string;
  group?: string;
  version?: string;
  verbs: readonly string[];
}

/** How the generic /scale subresource reads and writes a kind; JSON paths such as ".spec.replicas". */
export interface ScalePaths {
  specReplicas: string;
  statusReplicas: string;
  /** where the label selector stands: a LabelSelector or a plain map */
  selector: string;
}

export interface StoredAs<T extends KubernetesObject> {
  kind: Kind;
  to(object: T): KubernetesObject;
  from(stored: KubernetesObject): T;
}

export interface KindSpec<T extends KubernetesObject> {
  group: string;
  version: string;
  kind: string;
  plural: string;
  /** defaults to the kind in lower case */
  singular?: string;
  shortNames?: readonly string[];
  categories?: readonly string[];
  scope: "Namespaced" | "Cluster";
  schema: Message<T>;
  /** defaults to all eight; reviews have only "create" and are not stored */
  verbs?: readonly Verb[];
  /** PUT and PATCH of /status write only status; of the resource itself, everything but status */
  status?: boolean;
  scale?: ScalePaths;
  /** further subresources by name */
  subresources?: Readonly<Record<string, Subresource>>;
  /** which top-level fields, when changed, bump `metadata.generation`; none: generation is not kept */
  generation?: readonly string[];
  columns: readonly Column<T>[];
  /** fills in what was not set; works on a private draft */
  defaults?(object: T): void;
  /** everything wrong with a new object, metadata excepted */
  validate?(object: T): FieldError[];
  /** what must hold only when an object is created; called besides `validate` */
  validateCreate?(object: T): FieldError[];
  /** what `validate` cannot see: changes of what must not change; both objects are complete. Called besides `validate`. */
  validateUpdate?(object: T, old: T): FieldError[];
  /** called instead of both for PUT and PATCH of /status */
  validateStatusUpdate?(object: T, old: T): FieldError[];
  /** what a writer should know although it is accepted: answered as Warning headers; `old` is absent on create */
  warnings?(object: T, old?: T): string[];
  /** another version of a stored kind: the kind it is stored as, and the way there and back; both answer new objects */
  storedAs?: StoredAs<T>;
  /** objects are made when they are asked for and never stored; its strategy answers reads */
  computed?: true;
  /** checks `metadata.name`; answers what is wrong. Default: DNS subdomain */
  validateName?(name: string, prefix: boolean): string[];
  /** its finalizers may be names without a domain that are none of the standard ones */
  plainFinalizers?: boolean;
  /** field selectors besides metadata.name and metadata.namespace */
  selectableFields?: Readonly<Record<string, FieldReader<T>["read"]>>;
}

/** A declared kind; `T` is the type of its objects. */
export interface Kind<T extends KubernetesObject = KubernetesObject> extends Readonly<KindSpec<T>> {
  /** "v1" or "apps/v1" */
  readonly apiVersion: string;
  readonly singular: string;
  readonly verbs: readonly Verb[];
  /** "pods" or "deployments.apps", as errors name it */
  readonly resource: string;
}

export function defineKind<T extends KubernetesObject>(spec: KindSpec<T>): Kind<T> {
  return Object.freeze({
    ...spec,
    apiVersion: spec.group === "" ? spec.version : `${spec.group}/${spec.version}`,
    singular: spec.singular ?? spec.kind.toLowerCase(),
    verbs: spec.verbs ?? ALL_VERBS,
    resource: spec.group === "" ? spec.plural : `${spec.plural}.${spec.group}`,
  });
}
