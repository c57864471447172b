import type { ConfigMap, Container, EnvVar, Pod, Secret, Service } from "../../api/core/v1/index.ts";
import { fieldValue, type NodeFacts, resourceValue } from "./fieldRefs.ts";

/** ConfigMaps and Secrets of the pod's namespace; undefined when there is none of this name. */
export interface References {
  configMap(name: string): ConfigMap | undefined;
  secret(name: string): Secret | undefined;
}

/** A container cannot be configured as asked: shown as CreateContainerConfigError until what is missing appears. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

/** Replaces `$(NAME)` by what `lookup` knows; `$$` is a dollar, and what is not known stays as it is. */
export function expand(text: string, lookup: (name: string) => string | undefined): string {
  return text.replace(/\$(\$|\(([^()]*)\))/g, (whole, inner: string, name: string | undefined) => {
    if (inner === "$") return "$";
    return lookup(name ?? "") ?? whole;
  });
}

export interface EnvironmentInput {
  pod: Pod;
  container: Container;
  references: References;
  services: readonly Service[];
  facts: NodeFacts;
}

/** The container's environment, later entries overriding earlier ones: services, envFrom, then env in its order. */
export function makeEnvironment(input: EnvironmentInput): Map<string, string> {
  const { pod, container } = input;
  const services = serviceEnvironment(visibleServices(input));
  const result = new Map<string, string>();
  for (const source of container.envFrom ?? []) addSource(result, source.prefix ?? "", source, input.references);
  for (const variable of container.env ?? []) {
    const lookup = (name: string) => result.get(name) ?? services.get(name);
    const value = variable.valueFrom ? referredValue(input, variable) : expand(variable.value ?? "", lookup);
    if (value !== undefined) result.set(variable.name, value);
  }
  for (const [name, value] of services) if (!result.has(name)) result.set(name, value);
  void pod;
  return result;
}

type Source = NonNullable<Container["envFrom"]>[number];

function addSource(into: Map<string, string>, prefix: string, source: Source, references: References): void {
  const { configMapRef, secretRef } = source;
  if (configMapRef) {
    const found = references.configMap(configMapRef.name ?? "");
    if (!found && !configMapRef.optional) throw new ConfigError(`configmap "${configMapRef.name}" not found`);
    for (const [key, value] of Object.entries(found?.data ?? {})) into.set(prefix + key, value);
  }
  if (secretRef) {
    const found = references.secret(secretRef.name ?? "");
    if (!found && !secretRef.optional) throw new ConfigError(`secret "${secretRef.name}" not found`);
    for (const [key, value] of Object.entries(found?.data ?? {})) into.set(prefix + key, fromBase64(value));
  }
}

const fromBase64 = (text: string) => Buffer.from(text, "base64").toString();

function referredValue({ pod, container, references, facts }: EnvironmentInput, variable: EnvVar): string | undefined {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef } = variable.valueFrom!;
  if (fieldRef) return fieldValue(pod, fieldRef.fieldPath, facts);
  if (resourceFieldRef) return resourceValue(pod, container, resourceFieldRef, facts);
  if (configMapKeyRef) {
    const { name, key, optional } = configMapKeyRef;
    const found = references.configMap(name ?? "");
    if (!found && !optional) throw new ConfigError(`configmap "${name}" not found`);
    const value = found?.data?.[key];
    if (value === undefined && !optional) throw missingKey(key, "ConfigMap", pod, name);
    return value;
  }
  if (secretKeyRef) {
    const { name, key, optional } = secretKeyRef;
    const found = references.secret(name ?? "");
    if (!found && !optional) throw new ConfigError(`secret "${name}" not found`);
    const value = found?.data?.[key];
    if (value === undefined && !optional) throw missingKey(key, "Secret", pod, name);
    return value === undefined ? undefined : fromBase64(value);
  }
  throw new ConfigError(`environment variable ${variable.name} has a source this node does not support`);
}

function missingKey(key: string, kind: string, pod: Pod, name: string | undefined): ConfigError {
  return new ConfigError(`couldn't find key ${key} in ${kind} ${pod.metadata.namespace}/${name}`);
}

/** The API server's own Service is always told of; the others of the namespace only with enableServiceLinks. */
function visibleServices({ pod, services }: EnvironmentInput): Service[] {
  const links = pod.spec.enableServiceLinks !== false;
  const visible = new Map<string, Service>();
  for (const service of services) {
    const { name = "", namespace } = service.metadata;
    if (!service.spec.clusterIP || service.spec.clusterIP === "None") continue;
    if (namespace === "default" && name === "kubernetes" && !visible.has(name)) visible.set(name, service);
    if (links && namespace === pod.metadata.namespace) visible.set(name, service);
  }
  return [...visible.values()];
}

/** Docker-style variables for each service, such as WEB_SERVICE_HOST and WEB_PORT_80_TCP_ADDR. */
export function serviceEnvironment(services: readonly Service[]): Map<string, string> {
  const result = new Map<string, string>();
  for (const service of services) {
    const prefix = envName(service.metadata.name ?? "");
    const ip = service.spec.clusterIP!;
    const host = ip.includes(":") ? `[${ip}]` : ip;
    const ports = service.spec.ports ?? [];
    if (ports.length === 0) continue;
    result.set(`${prefix}_SERVICE_HOST`, ip);
    result.set(`${prefix}_SERVICE_PORT`, String(ports[0]!.port));
    for (const port of ports)
      if (port.name) result.set(`${prefix}_SERVICE_PORT_${envName(port.name)}`, String(port.port));
    ports.forEach((port, index) => {
      const protocol = (port.protocol || "TCP").toLowerCase();
      const url = `${protocol}://${host}:${port.port}`;
      if (index === 0) result.set(`${prefix}_PORT`, url);
      const base = `${prefix}_PORT_${port.port}_${protocol.toUpperCase()}`;
      result.set(base, url);
      result.set(`${base}_PROTO`, protocol);
      result.set(`${base}_PORT`, String(port.port));
      result.set(`${base}_ADDR`, ip);
    });
  }
  return result;
}

const envName = (name: string) => name.toUpperCase().replaceAll("-", "_");
