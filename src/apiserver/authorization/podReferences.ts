import type { Container, EphemeralContainer, Pod, Volume } from "../../api/core/v1/index.ts";

function* ofVolume(namespace: string, volume: Volume): Generator<string> {
  const secret = (name: string | undefined) => `secrets/${namespace}/${name}`;
  const configMap = (name: string | undefined) => `configmaps/${namespace}/${name}`;
  if (volume.secret?.secretName) yield secret(volume.secret.secretName);
  if (volume.configMap?.name) yield configMap(volume.configMap.name);
  if (volume.persistentVolumeClaim)
    yield `persistentvolumeclaims/${namespace}/${volume.persistentVolumeClaim.claimName}`;
  for (const source of volume.projected?.sources ?? []) {
    if (source.secret?.name) yield secret(source.secret.name);
    if (source.configMap?.name) yield configMap(source.configMap.name);
  }
  const { csi, iscsi, rbd, cephfs, cinder, flexVolume, scaleIO, storageos } = volume;
  const named = [csi?.nodePublishSecretRef, iscsi?.secretRef, rbd?.secretRef, cephfs?.secretRef, cinder?.secretRef];
  for (const ref of [...named, flexVolume?.secretRef, scaleIO?.secretRef, storageos?.secretRef]) {
    if (ref?.name) yield secret(ref.name);
  }
  if (volume.azureFile) yield secret(volume.azureFile.secretName);
}

function* ofContainer(namespace: string, { env, envFrom }: Container | EphemeralContainer): Generator<string> {
  for (const { valueFrom } of env ?? []) {
    if (valueFrom?.secretKeyRef) yield `secrets/${namespace}/${valueFrom.secretKeyRef.name}`;
    if (valueFrom?.configMapKeyRef) yield `configmaps/${namespace}/${valueFrom.configMapKeyRef.name}`;
  }
  for (const { secretRef, configMapRef } of envFrom ?? []) {
    if (secretRef) yield `secrets/${namespace}/${secretRef.name}`;
    if (configMapRef) yield `configmaps/${namespace}/${configMapRef.name}`;
  }
}

/** Everything else that a Pod needs from the API, as "resource/namespace/name". */
export function* podReferences({ metadata, spec }: Pod): Generator<string> {
  const { namespace = "" } = metadata;
  if (spec.serviceAccountName) yield `serviceaccounts/${namespace}/${spec.serviceAccountName}`;
  for (const { name } of spec.imagePullSecrets ?? []) yield `secrets/${namespace}/${name}`;
  for (const volume of spec.volumes ?? []) {
    yield* ofVolume(namespace, volume);
    if (volume.ephemeral) yield `persistentvolumeclaims/${namespace}/${metadata.name}-${volume.name}`;
  }
  const containers = [...(spec.initContainers ?? []), ...(spec.containers ?? []), ...(spec.ephemeralContainers ?? [])];
  for (const container of containers) yield* ofContainer(namespace, container);
}
