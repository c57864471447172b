import type { Registry } from "../registry/registry.ts";
import type { AdmissionPlugin } from "./chain.ts";
import { QuotaTill, quotasOf } from "./quotaTill.ts";

/** Updates that can change what an object uses, besides its creation. */
const UPDATED: Readonly<Record<string, string>> = { services: "", persistentvolumeclaims: "", pods: "resize" };

const tills = new WeakMap<Registry, QuotaTill>();

function tillOf(registry: Registry): QuotaTill {
  const till = tills.get(registry) ?? new QuotaTill(registry);
  tills.set(registry, till);
  return till;
}

/** Nothing is created in a namespace, or grows, beyond what its ResourceQuotas allow; what is allowed is charged. */
export const resourceQuota: AdmissionPlugin = {
  name: "ResourceQuota",
  handles({ resource, operation, subresource, namespace }) {
    if (namespace === "" || resource.cache === undefined) return false;
    if (operation === "CREATE") return subresource === "";
    return operation === "UPDATE" && UPDATED[resource.kind.resource] === subresource;
  },
  async validate(write, object, old) {
    const { registry, namespace } = write;
    if (quotasOf(registry, namespace).length === 0 || object!.metadata.deletionTimestamp !== undefined) return;
    await tillOf(registry).charge({ write, object: object!, old });
  },
};
