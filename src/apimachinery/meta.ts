import { bool, fieldsV1, type Infer, int64, list, map, message, string, struct, time } from "./schema.ts";

export const META = "io.k8s.apimachinery.pkg.apis.meta.v1";

export const OwnerReference = message(
  `${META}.OwnerReference`,
  {
    apiVersion: string(5).always.required.doc("API version of the owner."),
    kind: string(1).always.required.doc("Kind of the owner."),
    name: string(3).always.required.doc("Name of the owner."),
    uid: string(4)
      .named("types.UID")
      .always.required.doc("UID of the owner; an owner recreated under the same name is another owner."),
    controller: bool(6).optional.doc("Whether this owner is the controller that manages the object; at most one is."),
    blockOwnerDeletion: bool(7).optional.doc(
      "Whether deleting the owner in the foreground waits until this object is gone.",
    ),
  },
  { doc: "Names an object that owns this one, in the same namespace or cluster-wide.", mapType: "atomic" },
);
export interface OwnerReference extends Infer<typeof OwnerReference> {}

export const ManagedFieldsEntry = message(
  `${META}.ManagedFieldsEntry`,
  {
    manager: string(1).doc("Who manages these fields."),
    operation: string(2).named("ManagedFieldsOperationType").doc("How they came to be managed: Apply or Update."),
    apiVersion: string(3).doc("The version of the resource in which the fields are named."),
    time: time(4).optional.doc("When the entry was last changed."),
    fieldsType: string(6).doc("The format of the field set; always FieldsV1."),
    fieldsV1: fieldsV1(7).optional.doc("The set of fields."),
    subresource: string(8).doc("The subresource through which the fields were written, or empty."),
  },
  { doc: "The fields that one manager set through one operation." },
);
export interface ManagedFieldsEntry extends Infer<typeof ManagedFieldsEntry> {}

export const ObjectMeta = message(
  `${META}.ObjectMeta`,
  {
    name: string(1).doc("Name, unique among objects of one kind in one namespace. Cannot be changed."),
    generateName: string(2).doc("Prefix from which the server makes a unique name, when `name` is empty."),
    namespace: string(3).doc("Namespace in which the name is unique; empty for cluster-wide kinds. Cannot be changed."),
    selfLink: string(4).doc("No longer set by servers."),
    uid: string(5).named("types.UID").doc("Identity in time and space, given by the server."),
    resourceVersion: string(6).doc("Opaque version of this object, for watches and optimistic concurrency."),
    generation: int64(7).doc("Counts changes of the desired state."),
    creationTimestamp: time(8).doc("When the object was created, by the server's clock."),
    deletionTimestamp: time(9).optional.doc("When the object will be, or was, removed; set by the server on deletion."),
    deletionGracePeriodSeconds: int64(10).optional.doc(
      "Seconds the object has to end gracefully; only ever shortened.",
    ),
    labels: map(11, "string").doc("Keys and values by which objects are organised and selected."),
    annotations: map(12, "string").doc("Keys and values that tools keep with the object; not for selection."),
    ownerReferences: list(13, OwnerReference)
      .listMap("uid")
      .merge("uid")
      .doc("The objects this one depends on; when all are gone, it is garbage."),
    finalizers: list(14, "string")
      .listSet.merge()
      .doc("Work that must be done before the object is removed; each worker takes its own name away."),
    managedFields: list(17, ManagedFieldsEntry).atomicList.doc("Which manager set which fields, kept by the server."),
  },
  { doc: "What every stored object says about itself." },
);
export interface ObjectMeta extends Infer<typeof ObjectMeta> {}

export const ShardInfo = message(
  `${META}.ShardInfo`,
  { selector: string(1).always.required.doc("The selector of the shard to which the list was narrowed.") },
  { doc: "The shard of objects that a list holds." },
);
export interface ShardInfo extends Infer<typeof ShardInfo> {}

export const ListMeta = message(
  `${META}.ListMeta`,
  {
    selfLink: string(1).doc("No longer set by servers."),
    resourceVersion: string(2).doc("The version of the store at which the list was read."),
    continue: string(3).doc("Token for the next page; empty when this is the last."),
    remainingItemCount: int64(4).optional.doc("How many items follow, if known."),
    shardInfo: struct(5, ShardInfo).optional.doc("The shard that was asked for, if any."),
  },
  { doc: "What a list says about itself." },
);
export interface ListMeta extends Infer<typeof ListMeta> {}

/** Any object the API stores, seen without its kind's own fields. */
export interface KubernetesObject {
  apiVersion?: string;
  kind?: string;
  metadata: ObjectMeta;
}

/** A list as the API answers it. */
export interface KubernetesList<T> {
  apiVersion?: string;
  kind?: string;
  metadata: ListMeta;
  items: T[];
}

export const LabelSelectorRequirement = message(
  `${META}.LabelSelectorRequirement`,
  {
    key: string(1).always.required.doc("The label key."),
    operator: string(2).named("LabelSelectorOperator").always.required.doc("In, NotIn, Exists or DoesNotExist."),
    values: list(3, "string").atomicList.doc("At least one for In and NotIn; none for Exists and DoesNotExist."),
  },
  { doc: "One condition on a label." },
);
export interface LabelSelectorRequirement extends Infer<typeof LabelSelectorRequirement> {}

export const LabelSelector = message(
  `${META}.LabelSelector`,
  {
    matchLabels: map(1, "string").doc("Labels that must be there with these values."),
    matchExpressions: list(2, LabelSelectorRequirement).atomicList.doc("Conditions that must all hold."),
  },
  {
    doc: "Selects objects by their labels. An empty selector selects everything, an absent one nothing.",
    mapType: "atomic",
  },
);
export interface LabelSelector extends Infer<typeof LabelSelector> {}

export const FieldSelectorRequirement = message(
  `${META}.FieldSelectorRequirement`,
  {
    key: string(1).always.required.doc("The field's path."),
    operator: string(2).named("FieldSelectorOperator").always.required.doc("In, NotIn, Exists or DoesNotExist."),
    values: list(3, "string").atomicList.doc("At least one for In and NotIn; none for Exists and DoesNotExist."),
  },
  { doc: "One condition on a field." },
);
export interface FieldSelectorRequirement extends Infer<typeof FieldSelectorRequirement> {}

export const Condition = message(
  `${META}.Condition`,
  {
    type: string(1).always.required.doc("What the condition is about, in CamelCase."),
    status: string(2).named("ConditionStatus").always.required.doc("True, False or Unknown."),
    observedGeneration: int64(3).doc("The generation of the object on which this was observed."),
    lastTransitionTime: time(4).always.required.doc("When the status last changed."),
    reason: string(5).always.required.doc("A word, in CamelCase, for programs."),
    message: string(6).always.required.doc("A sentence for people."),
  },
  { doc: "One aspect of an object's current state." },
);
export interface Condition extends Infer<typeof Condition> {}

export const Preconditions = message(
  `${META}.Preconditions`,
  {
    uid: string(1).named("types.UID").optional.doc("The UID the object must have."),
    resourceVersion: string(2).optional.doc("The version the object must have."),
  },
  { doc: "What must hold for a deletion to be carried out." },
);
export interface Preconditions extends Infer<typeof Preconditions> {}

export const DeleteOptions = message(
  `${META}.DeleteOptions`,
  {
    apiVersion: string(0),
    kind: string(0),
    gracePeriodSeconds: int64(1).optional.doc("Seconds the object has to end gracefully; zero removes it at once."),
    preconditions: struct(2, Preconditions).optional.doc("What must hold for the deletion to be carried out."),
    orphanDependents: bool(3).optional.doc("Replaced by `propagationPolicy`."),
    propagationPolicy: string(4)
      .named("DeletionPropagation")
      .optional.doc("Orphan, Background or Foreground: what becomes of dependents."),
    dryRun: list(5, "string").atomicList.doc("All: go through every stage, store nothing."),
    ignoreStoreReadErrorWithClusterBreakingPotential: bool(6).optional.doc(
      "Remove an object that can no longer be read from the store.",
    ),
  },
  { doc: "How to delete an object." },
);
export interface DeleteOptions extends Infer<typeof DeleteOptions> {}
