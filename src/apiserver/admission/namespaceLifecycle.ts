import { Namespace } from "../../api/core/v1/index.ts";
import { forbidden, notFound } from "../../apimachinery/errors.ts";
import type { StatusError } from "../../apimachinery/status.ts";
import type { Write } from "../registry/resource.ts";
import type { AdmissionPlugin } from "./chain.ts";

/** Namespaces that cannot be deleted. */
const IMMORTAL = new Set(["default", "kube-system", "kube-public"]);
/** What may still be asked in a namespace that is not there. */
const ACCESS_REVIEWS = new Set(["localsubjectaccessreviews"]);

function terminating({ resource, name }: Write, namespace: string): StatusError {
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const error = forbidden(resource.kind, name, why);
  error.status.details = {
    ...error.status.details,
    causes: [
      {
        reason: "NamespaceTerminating",
        message: `namespace ${namespace} is being terminated`,
        field: "metadata.namespace",
      },
    ],
  };
  return error;
}

function checkNamespace(write: Write): void {
  const { registry, namespace, operation } = write;
  const entry = registry.cache.of(Namespace as never).get(namespace);
  if (!entry) throw notFound(Namespace, namespace);
  if (operation !== "CREATE") return;
  if (entry.object.metadata.deletionTimestamp !== undefined) throw terminating(write, namespace);
}

/** Nothing is created in a namespace that is missing or being deleted; the first namespaces cannot be deleted. */
export const namespaceLifecycle: AdmissionPlugin = {
  name: "NamespaceLifecycle",
  handles: ({ operation, resource, namespace }) =>
    resource.kind.plural === "namespaces" ? operation === "DELETE" : namespace !== "" && operation !== "DELETE",
  mutate(write) {
    const { resource, subresource } = write;
    if (resource.kind.plural === "namespaces" || ACCESS_REVIEWS.has(resource.kind.plural)) return;
    if (subresource === "" || write.operation === "CREATE") checkNamespace(write);
  },
  validate({ resource, name, operation }) {
    if (operation === "DELETE" && resource.kind.plural === "namespaces" && IMMORTAL.has(name)) {
      throw forbidden(resource.kind, name, "this namespace may not be deleted");
    }
  },
};
