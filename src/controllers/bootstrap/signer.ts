import { type BootstrapToken, ConfigMap, readBootstrapToken, Secret } from "../../api/core/v1/index.ts";
import { deepEqual } from "../../apimachinery/equal.ts";
import { type Controller, controller, done, watch } from "../../client/index.ts";
import { detachedSignature } from "../../pki/index.ts";

const NAMESPACE = "kube-public";
export const CLUSTER_INFO = "cluster-info";
const KUBECONFIG = "kubeconfig";
const SIGNATURE = "jws-kubeconfig-";

/** What cluster-info is to hold, with a signature for each token that signs. */
export function signedData(data: Readonly<Record<string, string>>, tokens: readonly BootstrapToken[]) {
  const content = data[KUBECONFIG];
  const kept = Object.entries(data).filter(([key]) => !key.startsWith(SIGNATURE));
  const signing = content === undefined ? [] : tokens.filter((token) => token.signing);
  const signatures = signing.map((token) => [SIGNATURE + token.id, detachedSignature(content!, token)]);
  return Object.fromEntries([...kept, ...signatures]) as Record<string, string>;
}

/** Keeps the signatures of cluster-info those of the tokens there are. */
export const bootstrapSigner: Controller = controller({
  name: "bootstrap-signer",
  for: ConfigMap,
  watches: [
    watch(Secret, (secret) =>
      readBootstrapToken(secret) || secret.metadata.name?.startsWith("bootstrap-token-")
        ? [{ namespace: NAMESPACE, name: CLUSTER_INFO }]
        : [],
    ),
  ],
  async reconcile(map, { client, view }) {
    if (map.metadata.namespace !== NAMESPACE || map.metadata.name !== CLUSTER_INFO) return done;
    const tokens = view.list(Secret, "kube-system").flatMap((secret) => readBootstrapToken(secret) ?? []);
    const data = signedData(map.data ?? {}, tokens);
    if (!deepEqual(data, map.data ?? {})) await client.update(ConfigMap, { ...map, data });
    return done;
  },
});
