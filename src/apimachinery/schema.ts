/**
 * The language in which kinds are declared. A message is declared once; its TypeScript type, its decoding from JSON,
 * its protobuf encoding, its OpenAPI documents and its merge behaviour all follow from that one declaration.
 *
 * In memory, every object has the shape of its JSON: times, quantities and durations are strings, bytes are base64.
 */

/** The types a value may have that are not messages, by the TypeScript type of their JSON form. */
export interface Scalars {
  string: string;
  bool: boolean;
  int32: number;
  int64: number;
  double: number;
  /** base64 */
  bytes: string;
  /** canonical form, such as "100m" or "1Gi" */
  quantity: string;
  /** RFC 3339 in UTC with whole seconds */
  time: string;
  /** RFC 3339 in UTC with microseconds */
  microTime: string;
  /** as Go prints durations, such as "1m30s" */
  duration: string;
  intOrString: number | string;
  /** the set of fields that a manager owns */
  fieldsV1: Record<string, unknown>;
  /** any object, carried as it is */
  rawExtension: Record<string, unknown>;
  /** any JSON value */
  json: unknown;
  /** a list of strings that protobuf wraps in a message of its own (`items`, number 1) */
  stringList: string[];
}
export type ScalarName = keyof Scalars;
export type TypeRef = ScalarName | Message;

/**
 * When a field stands in the JSON, as with Go's encoding:
 * - `omitZero`: a value with omitempty; left out when zero ("" / 0 / false / empty list or map). The default for scalars, lists, maps.
 * - `optional`: a pointer with omitempty; left out only when not set, so an explicit zero is kept.
 * - `always`: a value without omitempty; there even when zero. The default for nested messages, which become `{}`.
 *   A list or map that is `always` and not set is `null`, as in Kubernetes' own JSON.
 * - `inline`: the nested message's fields stand among its parent's; only protobuf nests it.
 */
export type Presence = "omitZero" | "optional" | "always" | "inline";

export interface FieldSpec {
  /** The protobuf field number; 0 for a field that protobuf does not carry. */
  readonly number: number;
  readonly type: TypeRef;
  readonly repeated?: "list" | "map";
  readonly presence: Presence;
  /** OpenAPI's `required`. */
  readonly required?: boolean;
  readonly doc?: string;
  /** OpenAPI's `default`. */
  readonly default?: unknown;
  /** x-kubernetes-list-type */
  readonly listType?: "map" | "set" | "atomic";
  /** x-kubernetes-list-map-keys */
  readonly listMapKeys?: readonly string[];
  /** x-kubernetes-map-type: a map or struct that appliers replace whole, or (said expressly) field by field */
  readonly mapType?: "atomic" | "granular";
  /** x-kubernetes-patch-merge-key */
  readonly mergeKey?: string;
  /** x-kubernetes-patch-strategy, such as "merge" or "merge,retainKeys" */
  readonly patchStrategy?: string;
  readonly enum?: readonly string[];
  /** the name that decoding errors give the field's (or its items') type, such as "RestartPolicy" or "types.UID" */
  readonly goType?: string;
}

/** One field of a message; each step answers a new Field. `T` is the type of its value. */
export class Field<out T = unknown, out P extends Presence = Presence> {
  declare readonly valueType: T;
  declare readonly presence: P;
  readonly spec: FieldSpec;
  constructor(spec: FieldSpec) {
    this.spec = spec;
  }
  #with<Q extends Presence>(more: Partial<FieldSpec>): Field<T, Q> {
    return new Field<T, Q>({ ...this.spec, ...more });
  }
  /** A pointer in Go: an explicit zero is kept. */
  get optional(): Field<T, "optional"> {
    return this.#with({ presence: "optional" });
  }
  /** No omitempty in Go: there even when zero. */
  get always(): Field<T, "always"> {
    return this.#with({ presence: "always" });
  }
  get omitZero(): Field<T, "omitZero"> {
    return this.#with({ presence: "omitZero" });
  }
  /** Listed under OpenAPI's `required`. */
  get required(): Field<T, P> {
    return this.#with({ required: true });
  }
  doc(text: string): Field<T, P> {
    return this.#with({ doc: text });
  }
  default(value: unknown): Field<T, P> {
    return this.#with({ default: value });
  }
  /** What Kubernetes calls the type of these strings, as its decoding errors show it: "RestartPolicy", "types.UID". */
  named(goType: string): Field<T, P> {
    return this.#with({ goType });
  }
  enum(...values: string[]): Field<T, P> {
    return this.#with({ enum: values });
  }
  /** A list whose items are told apart by these keys (server-side apply). */
  listMap(...keys: string[]): Field<T, P> {
    return this.#with({ listType: "map", listMapKeys: keys });
  }
  get listSet(): Field<T, P> {
    return this.#with({ listType: "set" });
  }
  /** A list that appliers replace whole. */
  get atomicList(): Field<T, P> {
    return this.#with({ listType: "atomic" });
  }
  /** A map or struct that appliers replace whole. */
  get atomicMap(): Field<T, P> {
    return this.#with({ mapType: "atomic" });
  }
  /** A map or struct whose fields appliers own one by one, also where the struct is atomic elsewhere. */
  get granularMap(): Field<T, P> {
    return this.#with({ mapType: "granular" });
  }
  /** Strategic merge patch: items with equal `key` are merged; without a key, sets are united. */
  merge(key?: string, strategy = "merge"): Field<T, P> {
    return this.#with({ patchStrategy: strategy, mergeKey: key });
  }
  patchStrategy(strategy: string): Field<T, P> {
    return this.#with({ patchStrategy: strategy });
  }
}

export type Fields = Readonly<Record<string, Field>>;

export interface MessageOptions {
  readonly doc?: string;
  /** x-kubernetes-map-type on the definition itself */
  readonly mapType?: "atomic";
  /** further OpenAPI extensions, such as x-kubernetes-unions */
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** A declared message. `name` is its OpenAPI definition, such as "io.k8s.api.core.v1.Pod". */
export interface Message<out T = unknown> {
  readonly type: "message";
  readonly name: string;
  /** by JSON name, in the order in which they are printed; an inline field is keyed by its protobuf name */
  readonly fields: Fields;
  readonly options: MessageOptions;
  /** type only */
  readonly valueType?: T;
}

type KeysOf<F extends Fields, P extends Presence> = {
  [K in keyof F]: F[K] extends Field<unknown, P> ? K : never;
}[keyof F];
type ValueOf<F> = F extends Field<infer T> ? T : never;
type Inlined<F extends Fields> = {
  [K in keyof F]: F[K] extends Field<infer T, "inline"> ? (x: T) => void : never;
}[keyof F] extends infer U
  ? [U] extends [never]
    ? unknown
    : (U extends unknown ? U : never) extends (x: infer I) => void
      ? I
      : unknown
  : unknown;
type Flat<T> = { [K in keyof T]: T[K] };
/** The TypeScript type of a message with these fields. */
export type TypeOfFields<F extends Fields> = Flat<
  { -readonly [K in KeysOf<F, "always">]: ValueOf<F[K]> } & {
    -readonly [K in KeysOf<F, "omitZero" | "optional">]?: ValueOf<F[K]>;
  } & Inlined<F>
>;
/** The TypeScript type of a declared message: `interface Pod extends Infer<typeof Pod> {}`. */
export type Infer<M> = M extends { readonly valueType?: infer T } ? NonNullable<T> : never;

type ValueOfRef<R extends TypeRef> = R extends ScalarName ? Scalars[R] : R extends Message<infer T> ? T : never;

/** Declares a message by its OpenAPI definition name. */
export function message<const F extends Fields>(
  name: string,
  fields: F,
  options: MessageOptions = {},
): Message<TypeOfFields<F>> {
  return { type: "message", name, fields, options };
}

/** Adds fields to a message that must refer to itself; call it right after the declaration. */
export function recursive<T>(
  name: string,
  fields: (self: Message<T>) => Fields,
  options: MessageOptions = {},
): Message<T> {
  const self: { type: "message"; name: string; fields: Fields; options: MessageOptions } = {
    type: "message",
    name,
    fields: {},
    options,
  };
  self.fields = fields(self as Message<T>);
  return self as Message<T>;
}

const scalar =
  <S extends ScalarName>(type: S) =>
  (number: number): Field<Scalars[S], "omitZero"> =>
    new Field({ number, type, presence: "omitZero" });

export const string = scalar("string");
export const bool = scalar("bool");
export const int32 = scalar("int32");
export const int64 = scalar("int64");
export const double = scalar("double");
export const bytes = scalar("bytes");
export const quantity = scalar("quantity");
export const time = scalar("time");
export const microTime = scalar("microTime");
export const duration = scalar("duration");
export const intOrString = scalar("intOrString");
export const fieldsV1 = scalar("fieldsV1");
export const rawExtension = scalar("rawExtension");
export const json = scalar("json");

/** A nested message by value: there even when empty. Use `.optional` for a pointer. */
export function struct<M extends Message>(number: number, type: M): Field<ValueOfRef<M>, "always"> {
  return new Field({ number, type, presence: "always" });
}
/** A nested message whose fields stand among those of its parent in JSON. */
export function inline<M extends Message>(number: number, type: M): Field<ValueOfRef<M>, "inline"> {
  return new Field({ number, type, presence: "inline" });
}
export function list<R extends TypeRef>(number: number, type: R): Field<ValueOfRef<R>[], "omitZero"> {
  return new Field({ number, type, repeated: "list", presence: "omitZero" });
}
/** A map from string keys. */
export function map<R extends TypeRef>(number: number, type: R): Field<Record<string, ValueOfRef<R>>, "omitZero"> {
  return new Field({ number, type, repeated: "map", presence: "omitZero" });
}
