import { ConfigMap, Namespace, ServiceAccount } from "../../api/core/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { isAlreadyExists, StatusError } from "../../apimachinery/status.ts";
import { type Controller, controller, done, type ReconcileContext, watch } from "../../client/index.ts";

const DEFAULT = "default";
export const ROOT_CA = "kube-root-ca.crt";
const SERVICE_CA = "openshift-service-ca.crt";
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

interface Bundle {
  name: string;
  data: Record<string, string>;
  annotations?: Record<string, string>;
}

/** The ConfigMaps by which each namespace knows the cluster's certificate authority. */
function bundles(rootCA: string, serviceCA: boolean): Bundle[] {
  const description =
    "The authority that signed the API server's certificate, for clients inside the cluster; meant for nothing else.";
  const root = { name: ROOT_CA, data: { [CA_KEY]: rootCA }, annotations: { "kubernetes.io/description": description } };
  return serviceCA ? [root, { name: SERVICE_CA, data: { "service-ca.crt": rootCA } }] : [root];
}

/**
 * Publishes the cluster's certificate authority to each namespace, for Pods that talk to the API server, and with
 * `serviceCA` once more under the name that the second file of a Pod's token volume comes from.
 */
export function rootCAPublisher(rootCA: string, serviceCA: boolean): Controller {
  const published = bundles(rootCA, serviceCA);
  return controller({
    name: "root-ca-cert-publisher",
    for: Namespace,
    watches: published.map(({ name }) => watch(ConfigMap, namespaceOf(name))),
    async reconcile(namespace, context) {
      if (isLeaving(namespace)) return done;
      for (const bundle of published) await publish(bundle, namespace.metadata.name ?? "", context);
      return done;
    },
  });
}

async function publish({ name, data, annotations }: Bundle, namespace: string, { client, view }: ReconcileContext) {
  const known = view.get(ConfigMap, { namespace, name });
  if (known && deepEqual(known.data, data)) return;
  if (known) await client.update(ConfigMap, { ...known, data });
  else await client.create(ConfigMap, { metadata: { namespace, name, annotations }, data }).catch(ignoreTaken);
}
