import { bool, type Infer, inline, message, quantity, string, struct } from "../../../apimachinery/schema.ts";
import { LocalObjectReference } from "./references.ts";

export const ConfigMapEnvSource = message("io.k8s.api.core.v1.ConfigMapEnvSource", {
  localObjectReference: inline(1, LocalObjectReference),
  optional: bool(2).optional,
});
export interface ConfigMapEnvSource extends Infer<typeof ConfigMapEnvSource> {}

export const ConfigMapKeySelector = message(
  "io.k8s.api.core.v1.ConfigMapKeySelector",
  {
    localObjectReference: inline(1, LocalObjectReference),
    key: string(2).always.required,
    optional: bool(3).optional,
  },
  { mapType: "atomic" },
);
export interface ConfigMapKeySelector extends Infer<typeof ConfigMapKeySelector> {}

export const ObjectFieldSelector = message(
  "io.k8s.api.core.v1.ObjectFieldSelector",
  {
    apiVersion: string(1),
    fieldPath: string(2).always.required,
  },
  { mapType: "atomic" },
);
export interface ObjectFieldSelector extends Infer<typeof ObjectFieldSelector> {}

export const ResourceFieldSelector = message(
  "io.k8s.api.core.v1.ResourceFieldSelector",
  {
    containerName: string(1),
    resource: string(2).always.required,
    divisor: quantity(3).always,
  },
  { mapType: "atomic" },
);
export interface ResourceFieldSelector extends Infer<typeof ResourceFieldSelector> {}

export const SecretKeySelector = message(
  "io.k8s.api.core.v1.SecretKeySelector",
  {
    localObjectReference: inline(1, LocalObjectReference),
    key: string(2).always.required,
    optional: bool(3).optional,
  },
  { mapType: "atomic" },
);
export interface SecretKeySelector extends Infer<typeof SecretKeySelector> {}

export const FileKeySelector = message(
  "io.k8s.api.core.v1.FileKeySelector",
  {
    volumeName: string(1).always.required,
    path: string(2).always.required,
    key: string(3).always.required,
    optional: bool(4).optional,
  },
  { mapType: "atomic" },
);
export interface FileKeySelector extends Infer<typeof FileKeySelector> {}

export const EnvVarSource = message("io.k8s.api.core.v1.EnvVarSource", {
  fieldRef: struct(1, ObjectFieldSelector).optional,
  resourceFieldRef: struct(2, ResourceFieldSelector).optional,
  configMapKeyRef: struct(3, ConfigMapKeySelector).optional,
  secretKeyRef: struct(4, SecretKeySelector).optional,
  fileKeyRef: struct(5, FileKeySelector).optional,
});
export interface EnvVarSource extends Infer<typeof EnvVarSource> {}

export const EnvVar = message("io.k8s.api.core.v1.EnvVar", {
  name: string(1).always.required,
  value: string(2),
  valueFrom: struct(3, EnvVarSource).optional,
});
export interface EnvVar extends Infer<typeof EnvVar> {}

export const SecretEnvSource = message("io.k8s.api.core.v1.SecretEnvSource", {
  localObjectReference: inline(1, LocalObjectReference),
  optional: bool(2).optional,
});
export interface SecretEnvSource extends Infer<typeof SecretEnvSource> {}

export const EnvFromSource = message("io.k8s.api.core.v1.EnvFromSource", {
  prefix: string(1),
  configMapRef: struct(2, ConfigMapEnvSource).optional,
  secretRef: struct(3, SecretEnvSource).optional,
});
export interface EnvFromSource extends Infer<typeof EnvFromSource> {}
