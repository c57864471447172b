import type { FieldError } from "../../apimachinery/fieldErrors.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import type { Guard } from "../../store/backend.ts";
import type { ResourceCache } from "../cache/resourceCache.ts";
import type { Answer, Call, User } from "../pipeline/call.ts";
import type { Registry } from "./registry.ts";

/** One write on its way through decode → default → admit → validate → admit → store. */
export interface Write {
  readonly registry: Registry;
  readonly resource: Resource;
  readonly operation: "CREATE" | "UPDATE" | "DELETE";
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly user: User;
  readonly dryRun: boolean;
  readonly warnings: string[];
  /** ms since the epoch, the same for everything that this write stamps */
  readonly now: number;
  /** it is only done while this holds */
  readonly guard?: Guard | undefined;
}

/** What has been set aside for an object that is not yet stored, such as an address. */
export interface Reservation {
  /** the object is stored */
  commit(): void | Promise<void>;
  /** it will not be stored */
  release(): void | Promise<void>;
}

/** Server effects of one kind; what is true of all kinds is not here. Objects are private drafts. */
// biome-ignore lint/suspicious/noExplicitAny: a strategy is stored beside the kind it was declared for
export interface Strategy<T extends KubernetesObject = any> {
  /** PUT of an object that does not exist creates it */
  readonly createOnUpdate?: boolean;
  /** false: an update must say which version it replaces */
  readonly unconditionalUpdate?: boolean;
  /** DELETE that does not say what becomes of dependents leaves them; the text warns of that */
  readonly orphansByDefault?: string;
  /** DELETE answers the object instead of a Status */
  readonly answersDeleted?: boolean;
  /** A new object's fields that only the server sets. After admission, before validation. */
  prepareCreate?(object: T, write: Write): void;
  /** Fields that an update cannot change, or that follow from it. */
  prepareUpdate?(object: T, old: T, write: Write): void;
  /** The same for PUT and PATCH of /status. */
  prepareStatusUpdate?(object: T, old: T, write: Write): void;
  /** What the kind's own validation of a status cannot see. */
  validateStatus?(object: T, old: T, write: Write): FieldError[];
  /** Sets aside what the object needs. Before validation, as it fills in fields; throws when there is none left. */
  reserve?(object: T, old: T | undefined, write: Write): Reservation | undefined | Promise<Reservation | undefined>;
  /** Gives back what a deleted object held. */
  deleted?(object: T, registry: Registry): void | Promise<void>;
  /** What validation cannot see in the object alone. */
  validate?(object: T, old: T | undefined, write: Write): FieldError[];
  /** Further checks that may refuse, such as privilege escalation. */
  check?(object: T, old: T | undefined, write: Write): void | Promise<void>;
  warnings?(object: T, old: T | undefined, write: Write): readonly string[];
  /** Warned of with every request for this kind, reads included. */
  readonly deprecation?: string;
  /** Seconds that a deleted object is given to end by itself; undefined: none, it goes at once. */
  gracePeriod?(object: T, asked: number | undefined): number | undefined;
  /** Finalizers that keep the object until a controller has done its work, apart from metadata.finalizers. */
  pendingFinalizers?(object: T): boolean;
  /** The object as it is when deletion begins, for kinds that show it. */
  markDeleted?(object: T, write: Write): void;
  readonly subresources?: Readonly<Record<string, SubresourceHandler>>;
  /** Answers GET of one object or a list of them, of a kind that is computed. */
  answerRead?(call: Call, registry: Registry): Promise<Answer>;
  /** Answers POST of a kind that is not stored. */
  answerCreate?(object: T, call: Call, registry: Registry): Answer | Promise<Answer>;
}

/** Handles every method of one subresource. */
export type SubresourceHandler = (call: Call, resource: Resource, registry: Registry) => Answer | Promise<Answer>;

/** A served kind with all that is needed to serve it. */
export interface Resource {
  readonly kind: Kind;
  /** the kind it is stored as; mostly itself */
  readonly storage: Kind;
  /** undefined for kinds that are not stored, such as reviews and what is computed */
  readonly cache: ResourceCache | undefined;
  readonly strategy: Strategy;
}

export function cacheOf(resource: Resource): ResourceCache {
  if (!resource.cache) throw new Error(`${resource.kind.resource} is not stored`);
  return resource.cache;
}

/** Where an object stands in its cache: "namespace/name" or "name". */
export function keyIn({ storage }: Resource, { namespace, name }: { namespace: string; name: string }): string {
  return storage.scope === "Cluster" ? name : keyOf(namespace, name);
}

/** The namespace that a request is confined to; a Namespace itself is in none. */
export function namespaceIn({ storage }: Resource, { namespace }: { namespace: string }): string {
  return storage.scope === "Cluster" ? "" : namespace;
}

/** As `keyIn`, with an empty namespace for cluster-wide kinds. */
export function keyOf(namespace: string, name: string): string {
  return namespace === "" ? name : `${namespace}/${name}`;
}
