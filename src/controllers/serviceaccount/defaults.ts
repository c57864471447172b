import { ConfigMap, Namespace, ServiceAccount } from "../../api/core/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { isAlreadyExists, StatusError } from "../../apimachinery/status.ts";
import { type Controller, controller, done, watch } from "../../client/index.ts";

const DEFAULT = "default";
export const ROOT_CA = "kube-root-ca.crt";
const CA_KEY = "ca.crt";

/** The namespace of an object that each namespace has under this name. */
const namespaceOf = (name: string) => (object: { metadata: { name?: string; namespace?: string } }) =>
  object.metadata.name === name ? [{ name: object.metadata.namespace ?? "" }] : [];

const isLeaving = (namespace: Namespace) =>
  namespace.metadata.deletionTimestamp !== undefined || namespace.status.phase === "Terminating";

/** The namespace may be leaving, or someone else may have been faster: both are well. */
function ignoreTaken(error: unknown): void {
  const leaving =
    error instanceof StatusError && error.status.details?.causes?.some((c) => c.reason === "NamespaceTerminating");
  if (!isAlreadyExists(error) && !leaving) throw error;
}

/** Sees to it that each namespace has the ServiceAccount that Pods run as when they name none. */
export const serviceAccountController: Controller = controller({
  name: "serviceaccount",
  for: Namespace,
  watches: [watch(ServiceAccount, namespaceOf(DEFAULT), () => false)],
  async reconcile(namespace, { client, view }) {
    const key = { namespace: namespace.metadata.name, name: DEFAULT };
    if (isLeaving(namespace) || view.get(ServiceAccount, key)) return done;
    await client.create(ServiceAccount, { metadata: key } as ServiceAccount).catch(ignoreTaken);
    return done;
  },
});

/** Publishes the cluster's certificate authority to each namespace, for Pods that talk to the API server. */
export function rootCAPublisher(rootCA: string): Controller {
  const data = { [CA_KEY]: rootCA };
  const annotations = {
    "kubernetes.io/description":
      "The authority that signed the API server's certificate, for clients inside the cluster; meant for nothing else.",
  };
  return controller({
    name: "root-ca-cert-publisher",
    for: Namespace,
    watches: [watch(ConfigMap, namespaceOf(ROOT_CA))],
    async reconcile(namespace, { client, view }) {
      if (isLeaving(namespace)) return done;
      const key = { namespace: namespace.metadata.name, name: ROOT_CA };
      const known = view.get(ConfigMap, key);
      if (!known) await client.create(ConfigMap, { metadata: { ...key, annotations }, data }).catch(ignoreTaken);
      else if (!deepEqual(known.data, data)) await client.update(ConfigMap, { ...known, data });
      return done;
    },
  });
}
