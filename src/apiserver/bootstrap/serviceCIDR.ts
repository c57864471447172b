import { ServiceCIDR } from "../../api/networking/v1/index.ts";
import { draft } from "../../apimachinery/freeze.ts";
import type { Condition, KubernetesObject } from "../../apimachinery/meta.ts";
import { isAlreadyExists } from "../../apimachinery/status.ts";
import { formatTime } from "../../apimachinery/time.ts";
import { systemCall } from "../pipeline/systemCall.ts";
import type { Registry } from "../registry/registry.ts";
import { createObject, updateObject } from "../registry/write.ts";

const NAME = "kubernetes";
const OPTIONS = { dryRun: false, fieldManager: "kube-apiserver", fieldValidation: "Ignore", force: undefined } as const;

/** The ranges of the server's flags as an object: there from the start, ready at once, and there again if deleted. */
export async function keepDefaultServiceCIDR(registry: Registry): Promise<() => void> {
  await ensure(registry);
  let stopped = false;
  registry.cache.of(ServiceCIDR as never).onChange(({ key, entry }) => {
    if (stopped || key !== NAME || entry) return;
    ensure(registry).catch((error: unknown) => registry.logger.warn("could not restore ServiceCIDR", { error }));
  });
  return () => {
    stopped = true;
  };
}

async function ensure(registry: Registry): Promise<void> {
  const resource = registry.resource(ServiceCIDR as never);
  const cidrs = registry.allocators.addresses.own.map(({ text }) => text);
  const call = systemCall(registry, resource, { namespace: "", name: NAME });
  const { apiVersion, kind } = ServiceCIDR;
  const live = registry.cache.of(ServiceCIDR as never).get(NAME)?.object as ServiceCIDR | undefined;
  if (!live) {
    try {
      const object = { apiVersion, kind, metadata: { name: NAME }, spec: { cidrs }, status: {} };
      await createObject(registry, resource, call, object, OPTIONS);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error; // another server of the cluster was faster
    }
  } else if (grows(live, cidrs)) {
    const produce = (current: KubernetesObject) => ({ ...(draft(current) as ServiceCIDR), spec: { cidrs } });
    await updateObject(registry, resource, call, produce, { ...OPTIONS, subresource: "" });
  } else if ((live.spec.cidrs ?? []).join() !== cidrs.join()) {
    registry.logger.warn("the ServiceCIDR kubernetes is another than that of the flags", { cidrs, live: live.spec });
  }
  if (live && hasReady(live)) return;
  const ready = (current: KubernetesObject) => withReady(current as ServiceCIDR, registry.clock.now());
  await updateObject(registry, resource, call, ready, { ...OPTIONS, subresource: "status" });
}

/** A cluster of one IP family may become one of two. */
const grows = ({ spec: { cidrs = [] } }: ServiceCIDR, wanted: readonly string[]) =>
  cidrs.length === 1 && wanted.length === 2 && cidrs[0] === wanted[0];

const hasReady = ({ status }: ServiceCIDR) => (status.conditions ?? []).some(({ type }) => type === "Ready");

function withReady(live: ServiceCIDR, now: number): ServiceCIDR {
  if (hasReady(live)) return draft(live) as ServiceCIDR;
  const message = "Kubernetes default Service CIDR is ready";
  const ready: Condition = { type: "Ready", status: "True", reason: "", message, lastTransitionTime: formatTime(now) };
  return { ...(draft(live) as ServiceCIDR), status: { conditions: [...(live.status.conditions ?? []), ready] } };
}
