import { PersistentVolume, PersistentVolumeClaim } from "../../api/core/v1/index.ts";
import type { Client } from "../../client/client.ts";
import type { Informers } from "../../client/informer.ts";
import type { Clock } from "../../util/clock.ts";
import type { VolumePlan } from "./plan.ts";
import { isBound, SELECTED_NODE, selectedNode, type VolumeView } from "./view.ts";

const BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller";

export interface VolumeBinderOptions {
  client: Client;
  informers: Informers;
  clock: Clock;
  view: VolumeView;
  /** how long volumes may take to be bound or made (ms) */
  timeout: number;
}

/** Writes what was decided about volumes, and waits until the volume controller has done its part. */
export class VolumeBinder {
  readonly #options: VolumeBinderOptions;

  constructor(options: VolumeBinderOptions) {
    this.#options = options;
  }

  hold({ matches }: VolumePlan): void {
    const { view } = this.#options;
    for (const { claim, volume } of matches) view.hold(volume.metadata.name!, keyOf(claim));
  }
  letGo({ matches }: VolumePlan): void {
    for (const { volume } of matches) this.#options.view.letGo(volume.metadata.name!);
  }

  async bind(plan: VolumePlan, nodeName: string, signal: AbortSignal): Promise<void> {
    for (const { claim, volume } of plan.matches) await this.#claimVolume(claim, volume);
    for (const claim of plan.provisions) await this.#selectNode(claim, nodeName);
    const claims = [...plan.matches.map(({ claim }) => claim), ...plan.provisions];
    await this.#untilBound(claims, new Set(plan.provisions.map(keyOf)), nodeName, signal);
  }

  async #claimVolume({ metadata }: PersistentVolumeClaim, volume: PersistentVolume): Promise<void> {
    const { namespace, name, uid, resourceVersion } = metadata;
    if (volume.spec.claimRef?.uid === uid) return;
    const claimRef = { kind: "PersistentVolumeClaim", apiVersion: "v1", namespace, name, uid, resourceVersion };
    const own = volume.spec.claimRef ? {} : { [BY_CONTROLLER]: "yes" };
    const annotations = { ...volume.metadata.annotations, ...own };
    const spec = { ...volume.spec, claimRef };
    await this.#options.client.update(PersistentVolume, {
      ...volume,
      metadata: { ...volume.metadata, annotations },
      spec,
    } as PersistentVolume);
  }

  async #selectNode(claim: PersistentVolumeClaim, nodeName: string): Promise<void> {
    if (selectedNode(claim) === nodeName) return;
    const annotations = { ...claim.metadata.annotations, [SELECTED_NODE]: nodeName };
    await this.#options.client.update(PersistentVolumeClaim, {
      ...claim,
      metadata: { ...claim.metadata, annotations },
    } as PersistentVolumeClaim);
  }

  /** Rejects when a claim is gone, its provisioner gives the node back, or it takes too long. */
  #untilBound(
    claims: readonly PersistentVolumeClaim[],
    provisioned: ReadonlySet<string>,
    nodeName: string,
    signal: AbortSignal,
  ): Promise<void> {
    const { informers, clock, view, timeout } = this.#options;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    /** claims whose chosen node the informer has shown */
    const written = new Set<string>();
    const look = () => {
      const states = claims.map(({ metadata }) => view.claim(metadata.namespace!, metadata.name!));
      const lost = claims.find((_, i) => !states[i]);
      if (lost) return reject(new Error(`persistentvolumeclaim ${JSON.stringify(lost.metadata.name)} not found`));
      for (const claim of states as PersistentVolumeClaim[]) {
        const key = keyOf(claim);
        if (selectedNode(claim) === nodeName) written.add(key);
        else if (provisioned.has(key) && written.has(key) && !isBound(claim)) {
          return reject(new Error(`provisioning failed for PVC ${JSON.stringify(claim.metadata.name)}`));
        }
      }
      if ((states as PersistentVolumeClaim[]).every(isBound)) resolve();
    };
    const timer = clock.setTimer(timeout, () => reject(new Error("timed out waiting for the condition")));
    const stop = () => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    const unsubscribe = informers.informer(PersistentVolumeClaim).subscribe({ updated: look, deleted: look });
    look();
    return promise.finally(() => {
      timer.cancel();
      unsubscribe();
      signal.removeEventListener("abort", stop);
    });
  }
}

const keyOf = ({ metadata }: PersistentVolumeClaim) => `${metadata.namespace}/${metadata.name}`;
