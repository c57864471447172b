import { bool, type Infer, inline, message, quantity, string, struct } from "../../../apimachinery/schema.ts";
import { LocalObjectReference } from "./references.ts";

export const ConfigMapEnvSource = message(
  "io.k8s.api.core.v1.ConfigMapEnvSource",
  {
    localObjectReference: inline(1, LocalObjectReference).doc("The object in the same namespace."),
    optional: bool(2).optional.doc("Whether the Pod may start although what is named, or its key, does not exist."),
  },
  { doc: "All keys of a ConfigMap as environment variables." },
);
export interface ConfigMapEnvSource extends Infer<typeof ConfigMapEnvSource> {}

export const ConfigMapKeySelector = message(
  "io.k8s.api.core.v1.ConfigMapKeySelector",
  {
    localObjectReference: inline(1, LocalObjectReference).doc("The object in the same namespace."),
    key: string(2).always.required.doc("The key to take."),
    optional: bool(3).optional.doc("Whether the Pod may start although what is named, or its key, does not exist."),
  },
  { doc: "One key of a ConfigMap.", mapType: "atomic" },
);
export interface ConfigMapKeySelector extends Infer<typeof ConfigMapKeySelector> {}

export const ObjectFieldSelector = message(
  "io.k8s.api.core.v1.ObjectFieldSelector",
  {
    apiVersion: string(1).doc("The version in which the path is written; v1 by default."),
    fieldPath: string(2).always.required.doc("The field, such as metadata.name or metadata.labels['app']."),
  },
  { doc: "A field of the Pod.", mapType: "atomic" },
);
export interface ObjectFieldSelector extends Infer<typeof ObjectFieldSelector> {}

export const ResourceFieldSelector = message(
  "io.k8s.api.core.v1.ResourceFieldSelector",
  {
    containerName: string(1).doc("The container; needed in volumes."),
    resource: string(2).always.required.doc("Such as limits.cpu or requests.memory."),
    divisor: quantity(3).always.doc("The unit in which it is told; 1 by default."),
  },
  { doc: "A limit or request of a container.", mapType: "atomic" },
);
export interface ResourceFieldSelector extends Infer<typeof ResourceFieldSelector> {}

export const SecretKeySelector = message(
  "io.k8s.api.core.v1.SecretKeySelector",
  {
    localObjectReference: inline(1, LocalObjectReference).doc("The object in the same namespace."),
    key: string(2).always.required.doc("The key to take."),
    optional: bool(3).optional.doc("Whether the Pod may start although what is named, or its key, does not exist."),
  },
  { doc: "One key of a Secret.", mapType: "atomic" },
);
export interface SecretKeySelector extends Infer<typeof SecretKeySelector> {}

export const FileKeySelector = message(
  "io.k8s.api.core.v1.FileKeySelector",
  {
    volumeName: string(1).always.required.doc("The volume that holds the file."),
    path: string(2).always.required.doc("The file, relative to the volume."),
    key: string(3).always.required.doc("The key within the file."),
    optional: bool(4).optional.doc("Whether the Pod may start although what is named, or its key, does not exist."),
  },
  { doc: "One key of an env file in a volume.", mapType: "atomic" },
);
export interface FileKeySelector extends Infer<typeof FileKeySelector> {}

export const EnvVarSource = message(
  "io.k8s.api.core.v1.EnvVarSource",
  {
    fieldRef: struct(1, ObjectFieldSelector).optional.doc("A field of the Pod."),
    resourceFieldRef: struct(2, ResourceFieldSelector).optional.doc("A limit or request of the container."),
    configMapKeyRef: struct(3, ConfigMapKeySelector).optional.doc("A key of a ConfigMap."),
    secretKeyRef: struct(4, SecretKeySelector).optional.doc("A key of a Secret."),
    fileKeyRef: struct(5, FileKeySelector).optional.doc("A key of a file in one of the Pod's volumes."),
  },
  { doc: "Where a variable's value is taken from; exactly one is set." },
);
export interface EnvVarSource extends Infer<typeof EnvVarSource> {}

export const EnvVar = message(
  "io.k8s.api.core.v1.EnvVar",
  {
    name: string(1).always.required.doc('The variable\'s name: printable ASCII without "=".'),
    value: string(2).doc("Its value; $(NAME) stands for a variable set before, $$ for a dollar sign."),
    valueFrom: struct(3, EnvVarSource).optional.doc("Where the value is taken from, instead of value."),
  },
  { doc: "One environment variable." },
);
export interface EnvVar extends Infer<typeof EnvVar> {}

export const SecretEnvSource = message(
  "io.k8s.api.core.v1.SecretEnvSource",
  {
    localObjectReference: inline(1, LocalObjectReference).doc("The object in the same namespace."),
    optional: bool(2).optional.doc("Whether the Pod may start although what is named, or its key, does not exist."),
  },
  { doc: "All keys of a Secret as environment variables." },
);
export interface SecretEnvSource extends Infer<typeof SecretEnvSource> {}

export const EnvFromSource = message(
  "io.k8s.api.core.v1.EnvFromSource",
  {
    prefix: string(1).doc("What is put before each key."),
    configMapRef: struct(2, ConfigMapEnvSource).optional.doc("The ConfigMap."),
    secretRef: struct(3, SecretEnvSource).optional.doc("The Secret."),
  },
  { doc: "All keys of a ConfigMap or Secret as environment variables." },
);
export interface EnvFromSource extends Infer<typeof EnvFromSource> {}
