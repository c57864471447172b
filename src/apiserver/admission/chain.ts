import type { KubernetesObject } from "../../apimachinery/meta.ts";
import type { Write } from "../registry/resource.ts";
import { certificateApproval, certificateSigning, certificateSubjectRestriction } from "./certificates.ts";
import { defaultIngressClass } from "./defaultIngressClass.ts";
import { defaultStorageClass } from "./defaultStorageClass.ts";
import { defaultTolerationSeconds } from "./defaultTolerationSeconds.ts";
import { limitRanger } from "./limitRanger.ts";
import { namespaceLifecycle } from "./namespaceLifecycle.ts";
import { nodeRestriction } from "./nodeRestriction.ts";
import { persistentVolumeClaimResize } from "./persistentVolumeClaimResize.ts";
import { podPriority } from "./priority.ts";
import { resourceQuota } from "./resourceQuota.ts";
import { runtimeClass } from "./runtimeClass.ts";
import { serviceAccount } from "./serviceAccount.ts";
import { storageObjectInUseProtection } from "./storageObjectInUseProtection.ts";
import { taintNodesByCondition } from "./taintNodesByCondition.ts";

/** One concern that may change or refuse a write. `object` is undefined for deletions, `old` for creations. */
export interface AdmissionPlugin {
  readonly name: string;
  /** Whether this write is its affair. */
  handles(write: Write): boolean;
  /** Changes the draft; may refuse. */
  mutate?(write: Write, object: KubernetesObject, old: KubernetesObject | undefined): void | Promise<void>;
  /** Refuses by throwing. */
  validate?(
    write: Write,
    object: KubernetesObject | undefined,
    old: KubernetesObject | undefined,
  ): void | Promise<void>;
}

/** In the order in which they are asked. */
export const plugins: readonly AdmissionPlugin[] = [
  namespaceLifecycle,
  limitRanger,
  serviceAccount,
  nodeRestriction,
  taintNodesByCondition,
  podPriority,
  defaultTolerationSeconds,
  runtimeClass,
  certificateApproval,
  certificateSigning,
  certificateSubjectRestriction,
  defaultIngressClass,
  defaultStorageClass,
  storageObjectInUseProtection,
  persistentVolumeClaimResize,
  resourceQuota, // the last to be asked: what it has charged must not be refused any more
];

/** Whether any plugin may change this write. */
export function isMutated(write: Write): boolean {
  return plugins.some((plugin) => plugin.mutate !== undefined && plugin.handles(write));
}

/** The mutating phase. */
export async function mutate(write: Write, object: KubernetesObject, old: KubernetesObject | undefined): Promise<void> {
  for (const plugin of plugins) {
    if (!plugin.mutate || !plugin.handles(write)) continue;
    const wait = plugin.mutate(write, object, old);
    if (wait) await wait;
  }
}

/** The validating phase. */
export async function admit(
  write: Write,
  object: KubernetesObject | undefined,
  old: KubernetesObject | undefined,
): Promise<void> {
  for (const plugin of plugins) {
    if (!plugin.validate || !plugin.handles(write)) continue;
    const wait = plugin.validate(write, object, old);
    if (wait) await wait;
  }
}
