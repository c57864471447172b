import { ConfigMap, Namespace, Service } from "../../api/core/v1/index.ts";
import { PriorityClass } from "../../api/scheduling/v1/index.ts";
import { normalize } from "../../apimachinery/decode.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { isAlreadyExists, isInvalid } from "../../apimachinery/status.ts";
import { localServices } from "../aggregation/localServices.ts";
import { systemCall } from "../pipeline/systemCall.ts";
import type { Registry } from "../registry/registry.ts";
import { keyOf } from "../registry/resource.ts";
import { createObject, updateObject } from "../registry/write.ts";
import { policy, type Wanted } from "./policy.ts";

/** Where this server can be reached from Pods. */
export interface ServerAddress {
  readonly advertiseAddress: string;
  readonly port: number;
}

export interface BootstrapOptions extends ServerAddress {
  /** what servers of further APIs are told */
  readonly authentication: Readonly<Record<string, string>>;
}

const leave = () => undefined;
const NAMESPACES = ["kube-system", "kube-public", "kube-node-lease", "default"];

function namespaces(): Wanted[] {
  return NAMESPACES.map((name) => ({
    kind: Namespace as never,
    object: { apiVersion: "v1", kind: "Namespace", metadata: { name } },
    reconcile: leave,
  }));
}

function priorityClasses(): Wanted[] {
  const make = (name: string, value: number, description: string): Wanted => ({
    kind: PriorityClass as never,
    object: {
      apiVersion: "scheduling.k8s.io/v1",
      kind: "PriorityClass",
      metadata: { name },
      value,
      description,
    } as never,
    reconcile: leave,
  });
  return [
    make("system-node-critical", 2_000_001_000, "For Pods without which their node does not work."),
    make(
      "system-cluster-critical",
      2_000_000_000,
      "For Pods without which the cluster does not work; they may run on any node.",
    ),
  ];
}

/** The Service through which Pods reach the API servers. */
function kubernetesService(registry: Registry, port: number): Wanted {
  const service = {
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: "kubernetes",
      namespace: "default",
      labels: { component: "apiserver", provider: "kubernetes" },
    },
    spec: {
      type: "ClusterIP",
      clusterIP: registry.allocators.addresses.first,
      ports: [{ name: "https", port: 443, protocol: "TCP", targetPort: port }],
    },
  };
  return { kind: Service as never, object: service as never, reconcile: followPort(port) };
}

function followPort(port: number) {
  return (live: KubernetesObject): KubernetesObject | undefined => {
    const service = live as Service;
    const ports = (service.spec.ports ?? []).map((p) => (p.name === "https" ? { ...p, targetPort: port } : p));
    return deepEqual(ports, service.spec.ports)
      ? undefined
      : ({ ...service, spec: { ...service.spec, ports } } as never);
  };
}

function prepared(kind: Kind, object: KubernetesObject): KubernetesObject {
  const out = normalize(kind.schema, object) as KubernetesObject;
  kind.defaults?.(out);
  return out;
}

/** Creates the object, or brings it up to date. */
export async function ensure(registry: Registry, { kind, object, reconcile }: Wanted): Promise<void> {
  const resource = registry.resource(kind);
  const { name = "", namespace = "" } = object.metadata;
  const call = systemCall(registry, resource, { namespace, name });
  const options = {
    dryRun: false,
    fieldManager: "kube-apiserver",
    fieldValidation: "Ignore",
    force: undefined,
  } as const;
  const live = registry.cache.of(kind).get(keyOf(namespace, name));
  if (!live) {
    try {
      await createObject(registry, resource, call, prepared(kind, object), options);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error; // another server of the cluster was faster
    }
    return;
  }
  if (!reconcile(live.object)) return;
  const produce = (current: KubernetesObject) => prepared(kind, reconcile(current) ?? current);
  await updateObject(registry, resource, call, produce, { ...options, subresource: "" });
}

/** How long another server may take between taking an address and storing the Service that it is for. */
const ADDRESS_IN_USE = 2_000;

/**
 * The Service `kubernetes` can be refused its address because another server is just creating that very Service, or
 * stopped while it did.
 */
async function ensureService(registry: Registry, wanted: Wanted): Promise<void> {
  try {
    await ensure(registry, wanted);
  } catch (error) {
    if (!isInvalid(error)) throw error;
    const { name = "", namespace = "" } = wanted.object.metadata;
    const { addresses } = registry.allocators;
    if (!(await appears(registry, wanted.kind, keyOf(namespace, name))))
      await addresses.free(registry, addresses.first, { namespace, name });
    await ensure(registry, wanted);
  }
}

/** Whether the object is there, or comes within a moment. */
async function appears({ cache, clock }: Registry, kind: Kind, key: string): Promise<boolean> {
  const objects = cache.of(kind);
  const enough = new AbortController();
  const seen = new Promise<void>((resolve) => {
    objects.onChange((event) => event.key === key && resolve());
    if (objects.get(key)) resolve();
  });
  await Promise.race([seen, clock.pause(ADDRESS_IN_USE, enough.signal)]);
  enough.abort();
  return objects.get(key) !== undefined;
}

/** By what servers of further APIs know who asks them. */
function extensionConfig({ authentication }: BootstrapOptions): Wanted[] {
  if (Object.keys(authentication).length === 0) return [];
  const object = {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name: "extension-apiserver-authentication", namespace: "kube-system" },
    data: authentication,
  };
  const reconcile = (live: KubernetesObject) => {
    const { data } = live as KubernetesObject & { data?: Record<string, string> };
    return deepEqual(data, authentication) ? undefined : ({ ...live, data: authentication } as never);
  };
  return [{ kind: ConfigMap as never, object: object as never, reconcile }];
}

/** Creates what every cluster has from the start, and brings up to date what has changed with this version. */
export async function bootstrap(registry: Registry, options: BootstrapOptions): Promise<void> {
  await Promise.all(namespaces().map((wanted) => ensure(registry, wanted)));
  const { kinds } = registry.scheme;
  const rest = [...priorityClasses(), ...policy(), ...localServices(kinds), ...extensionConfig(options)];
  await Promise.all(rest.map((wanted) => ensure(registry, wanted)));
  await ensureService(registry, kubernetesService(registry, options.port));
}
