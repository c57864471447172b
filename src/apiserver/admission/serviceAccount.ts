import { type Container, type Pod, ServiceAccount, type Volume } from "../../api/core/v1/index.ts";
import { forbidden } from "../../apimachinery/errors.ts";
import { randomSuffix } from "../../util/random.ts";
import type { Write } from "../registry/resource.ts";
import type { AdmissionPlugin } from "./chain.ts";

const MOUNT_PATH = "/var/run/secrets/kubernetes.io/serviceaccount";
const MIRROR = "kubernetes.io/config.mirror";
/** A little more than an hour, so that a kubelet that renews hourly never shows an expired one. */
const TOKEN_SECONDS = 3607;

function containersOf({ spec }: Pod): Container[] {
  return [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
}

function findAccount(write: Write, pod: Pod): ServiceAccount {
  const { registry, namespace } = write;
  const name = pod.spec.serviceAccountName!;
  const entry = registry.cache.of(ServiceAccount as never).get(`${namespace}/${name}`);
  if (entry) return entry.object as ServiceAccount;
  const why = `error looking up service account ${namespace}/${name}: serviceaccount ${JSON.stringify(name)} not found`;
  throw forbidden(write.resource.kind, pod.metadata.name ?? "", why);
}

function mountsToken({ spec }: Pod, account: ServiceAccount): boolean {
  return spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
}

/** What clusters that sign certificates for Services call theirs. */
const SERVICE_CA = {
  configMap: { name: "openshift-service-ca.crt", items: [{ key: "service-ca.crt", path: "service-ca.crt" }] },
};

function tokenVolume(name: string, serviceCA: boolean): Volume {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: "token" } },
        { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
        {
          downwardAPI: {
            items: [{ path: "namespace", fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" } }],
          },
        },
        ...(serviceCA ? [SERVICE_CA] : []),
      ],
      defaultMode: 0o644,
    },
  } as Volume;
}

/** Gives every container that has nothing mounted there the account's token, CA and namespace. */
function mountToken(write: Write, pod: Pod): void {
  const { spec } = pod;
  const existing = spec.volumes?.find(({ name }) => name.startsWith("kube-api-access-"))?.name;
  const name = existing ?? `kube-api-access-${randomSuffix(write.registry.random)}`;
  let used = false;
  for (const container of containersOf(pod)) {
    if (container.volumeMounts?.some(({ mountPath }) => mountPath === MOUNT_PATH)) continue;
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath: MOUNT_PATH }];
    used = true;
  }
  if (used && !existing) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name, write.registry.serviceCA)];
}

function refuseMirror(write: Write, pod: Pod): void {
  const refuse = (why: string) => forbidden(write.resource.kind, pod.metadata.name ?? "", why);
  if (pod.spec.serviceAccountName) throw refuse("a mirror pod may not reference service accounts");
  for (const volume of pod.spec.volumes ?? []) {
    if (volume.secret) throw refuse("a mirror pod may not reference secrets");
    if (volume.projected?.sources?.some(({ serviceAccountToken }) => serviceAccountToken)) {
      throw refuse("a mirror pod may not use ServiceAccountToken volume projections");
    }
  }
}

/** A Pod runs as some service account: `default` unless it names one, which must exist. */
export const serviceAccount: AdmissionPlugin = {
  name: "ServiceAccount",
  handles: ({ resource, operation, subresource }) =>
    resource.kind.resource === "pods" && subresource === "" && operation === "CREATE",
  mutate(write, object) {
    const pod = object as Pod;
    if (pod.metadata.annotations?.[MIRROR] !== undefined) return refuseMirror(write, pod);
    pod.spec.serviceAccountName ||= "default";
    const account = findAccount(write, pod);
    if (mountsToken(pod, account)) mountToken(write, pod);
    if ((pod.spec.imagePullSecrets ?? []).length === 0 && (account.imagePullSecrets ?? []).length > 0) {
      pod.spec.imagePullSecrets = structuredClone(account.imagePullSecrets) as typeof pod.spec.imagePullSecrets;
    }
    pod.spec.serviceAccount = pod.spec.serviceAccountName;
  },
};
