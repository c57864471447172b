import { allKinds } from "../api/index.ts";
import type { Kind } from "../apimachinery/kind.ts";
import { type Client, type Controller, type Runtime, runAll } from "../client/index.ts";
import { attachDetachController } from "./attachdetach/controller.ts";
import { tokenCleaner } from "./bootstrap/cleaner.ts";
import { bootstrapSigner } from "./bootstrap/signer.ts";
import { csrApprovingController } from "./certificates/approving.ts";
import { csrCleaningController } from "./certificates/cleaning.ts";
import { csrSigningController, type SignerOptions } from "./certificates/signing.ts";
import { clusterRoleAggregationController } from "./clusterrole/controller.ts";
import { cronJobController } from "./cronjob/controller.ts";
import { daemonSetController } from "./daemonset/controller.ts";
import { deploymentController } from "./deployment/controller.ts";
import { diskAttacher } from "./disks/attacher.ts";
import type { Disks } from "./disks/disks.ts";
import { diskModifier } from "./disks/modifier.ts";
import { diskProvisioner, diskReclaimer } from "./disks/provisioner.ts";
import { diskResizer } from "./disks/resizer.ts";
import { disruptionController } from "./disruption/controller.ts";
import { staleDisruptionController } from "./disruption/staleTargets.ts";
import { endpointsController } from "./endpoints/controller.ts";
import { endpointSliceController } from "./endpointslice/controller.ts";
import { endpointSliceMirroringController } from "./endpointslicemirroring/controller.ts";
import { ephemeralVolumeController } from "./ephemeralvolume/controller.ts";
import { expandController } from "./expand/controller.ts";
import { garbageCollector } from "./garbagecollector/controller.ts";
import { horizontalPodAutoscalerController } from "./horizontalpodautoscaler/controller.ts";
import type { HorizontalPodAutoscalerOptions } from "./horizontalpodautoscaler/options.ts";
import { CONTROLLER_ACCOUNTS } from "./identity.ts";
import { jobController } from "./job/controller.ts";
import { localProvisioner } from "./localvolume/provisioner.ts";
import { localReclaimer } from "./localvolume/reclaimer.ts";
import { namespaceController } from "./namespace/controller.ts";
import { nodeIPAMController } from "./nodeipam/controller.ts";
import { nodeLifecycleController } from "./nodelifecycle/controller.ts";
import { taintEvictionController } from "./nodelifecycle/eviction.ts";
import { claimBinder } from "./persistentvolume/claims.ts";
import { volumeBinder } from "./persistentvolume/volumes.ts";
import { podGarbageCollector } from "./podgc/controller.ts";
import { replicaSetController } from "./replicaset/controller.ts";
import { replicationController } from "./replicationcontroller/controller.ts";
import { podClaimController } from "./resourceclaim/podClaims.ts";
import { claimUsageController } from "./resourceclaim/usage.ts";
import { resourceQuotaController } from "./resourcequota/controller.ts";
import { rootCAPublisher, serviceAccountController } from "./serviceaccount/defaults.ts";
import { tokenController } from "./serviceaccount/tokens.ts";
import { serviceCIDRController } from "./servicecidr/controller.ts";
import { statefulSetController } from "./statefulset/controller.ts";
import { attributesClassProtection, claimProtection, volumeProtection } from "./storageprotection/controllers.ts";
import { ttlAfterFinishedController } from "./ttlafterfinished/controller.ts";

export interface ControllersOptions extends Runtime {
  /** PEM of the cluster's certificate authority, published to each namespace */
  rootCA: string;
  /** the addresses of all Pods (of both IP families with a comma between), and the size of each node's block of them */
  clusterCIDR: string;
  nodeCIDRMaskSize: number;
  /** default 64 */
  nodeCIDRMaskSizeIPv6?: number;
  /** publish it a second time, as the API server's ServiceAccount admission mounts it; default true */
  serviceCA?: boolean;
  /** signs the certificates that were approved; without it nobody does */
  signer?: SignerOptions;
  /** run these controllers only, by name */
  only?: readonly string[];
  /** a client that acts as a service account of kube-system; when left out, all controllers act as `client` does */
  clientAs?: (serviceAccount: string) => Client;
  /** how horizontal autoscaling is done, where it is not as by default */
  horizontalPodAutoscaler?: Partial<HorizontalPodAutoscalerOptions>;
  /** what makes the disks of class `network`; without it there are none */
  disks?: Disks;
  /** all kinds that are served; default: those that Coxswain declares */
  kinds?: readonly Kind[];
}

/** Those of class `network` alone: a cloud that has disks runs them beside its own loops. */
export function diskControllers(disks: Disks): Controller[] {
  return [diskProvisioner(disks), diskReclaimer(disks), diskAttacher(disks), diskResizer(disks), diskModifier];
}

/** All controllers, by the name that `only` and the log use. */
export function createControllers(options: ControllersOptions): Controller[] {
  const kinds = options.kinds ?? allKinds;
  return [
    deploymentController,
    replicaSetController,
    replicationController,
    statefulSetController(options.clock),
    daemonSetController(options.clock),
    disruptionController,
    staleDisruptionController,
    endpointSliceController,
    endpointsController,
    endpointSliceMirroringController,
    namespaceController(kinds),
    serviceAccountController,
    rootCAPublisher(options.rootCA, options.serviceCA ?? true),
    tokenController(options.rootCA),
    garbageCollector(kinds),
    nodeLifecycleController(options.clock),
    taintEvictionController(options.clock),
    nodeIPAMController(options),
    podGarbageCollector(options.clock),
    clusterRoleAggregationController,
    csrApprovingController,
    csrCleaningController,
    bootstrapSigner,
    tokenCleaner,
    ...(options.signer ? [csrSigningController(options.signer)] : []),
    jobController,
    cronJobController,
    ttlAfterFinishedController,
    podClaimController,
    claimUsageController,
    resourceQuotaController(kinds, options.clock),
    serviceCIDRController,
    horizontalPodAutoscalerController(kinds, options.horizontalPodAutoscaler),
    claimBinder,
    volumeBinder,
    claimProtection,
    volumeProtection,
    attributesClassProtection,
    ephemeralVolumeController,
    localProvisioner,
    attachDetachController,
    ...(options.disks ? diskControllers(options.disks) : []),
    localReclaimer,
    expandController,
  ];
}

/** Runs all controllers (or `only` some) until `signal` aborts; rejects when one of them cannot go on. */
export async function runControllers(options: ControllersOptions, signal: AbortSignal): Promise<void> {
  const { client: own, clientAs, informers, clock, random, logger, only } = options;
  const chosen = createControllers(options).filter(({ name }) => !only || only.includes(name));
  for (const name of only ?? []) {
    if (!chosen.some((controller) => controller.name === name)) throw new Error(`there is no controller "${name}"`);
  }
  const runtimeOf = ({ name }: Controller): Runtime => {
    const account = CONTROLLER_ACCOUNTS[name];
    const client = account === undefined ? own : (clientAs?.(account) ?? own);
    return { client, informers, clock, random, logger };
  };
  await runAll(chosen, runtimeOf, signal);
}
