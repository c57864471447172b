import { ReplicaSet, StatefulSet } from "../api/apps/v1/index.ts";
import { Namespace, type Pod, ReplicationController, Service } from "../api/core/v1/index.ts";
import { PodDisruptionBudget } from "../api/policy/v1/index.ts";
import type { Kind } from "../apimachinery/kind.ts";
import type { LabelSelector } from "../apimachinery/meta.ts";
import { type Labels, labelSelector, Selector, selectorFromSet } from "../apimachinery/selectors.ts";
import type { Informer, Informers } from "../client/informer.ts";
import { DEVICE_KINDS, DeviceView } from "./devices/view.ts";
import type { Cluster } from "./framework.ts";
import type { NodeTable } from "./nodeTable.ts";
import { VOLUME_KINDS, VolumeView } from "./volumes/view.ts";

/** What the scheduler reads besides nodes and Pods. */
export const READ_KINDS = [
  Namespace,
  Service,
  ReplicaSet,
  StatefulSet,
  ReplicationController,
  PodDisruptionBudget,
  ...VOLUME_KINDS,
  ...DEVICE_KINDS,
] as unknown as readonly Kind[];

/** The cluster as plug-ins see it: the informers' copies and the node table. */
export class ClusterView implements Cluster {
  readonly table: NodeTable;
  readonly volumes: VolumeView;
  readonly devices: DeviceView;
  readonly #informers: Informers;
  readonly #services: Informer<Service>;
  /** selectors of controllers, read once */
  readonly #selectors = new WeakMap<object, Selector>();

  constructor(table: NodeTable, informers: Informers, volumes: VolumeView = new VolumeView(informers)) {
    this.table = table;
    this.volumes = volumes;
    this.devices = new DeviceView(informers);
    this.#informers = informers;
    this.#services = informers.informer(Service);
  }

  readonly namespaceLabels = (namespace: string): Labels =>
    this.#informers.informer(Namespace).get({ name: namespace })?.metadata.labels ?? NO_LABELS;

  namespacesMatching(selector: Selector): readonly string[] {
    return this.#informers
      .informer(Namespace)
      .list()
      .filter(({ metadata }) => selector.matches(metadata.labels))
      .map(({ metadata }) => metadata.name!);
  }
  services(namespace: string): readonly Service[] {
    return this.#services.list(namespace);
  }
  budgets(): readonly PodDisruptionBudget[] {
    return this.#informers.informer(PodDisruptionBudget).list();
  }

  siblings(pod: Pod): Selector | undefined {
    const labels: Record<string, string> = {};
    for (const { spec } of this.services(pod.metadata.namespace!)) {
      if (selects(spec.selector, pod)) Object.assign(labels, spec.selector);
    }
    const controller = this.#controllerSelector(pod);
    const byServices = selectorFromSet(labels);
    if (!controller) return byServices.empty ? undefined : byServices;
    if (byServices.empty) return controller.empty ? undefined : controller;
    return new Selector([...byServices.requirements, ...controller.requirements]);
  }

  #controllerSelector({ metadata }: Pod): Selector | undefined {
    const owner = metadata.ownerReferences?.find(({ controller }) => controller);
    if (!owner) return undefined;
    const key = { namespace: metadata.namespace, name: owner.name };
    const get = <T extends object>(found: T | undefined, of: (found: T) => Selector) => found && this.#once(found, of);
    switch (`${owner.kind}.${owner.apiVersion}`) {
      case "ReplicaSet.apps/v1":
        return get(this.#informers.informer(ReplicaSet).get(key), ({ spec }) => labelSelector(spec.selector));
      case "StatefulSet.apps/v1":
        return get(this.#informers.informer(StatefulSet).get(key), ({ spec }) =>
          labelSelector(spec.selector as LabelSelector),
        );
      case "ReplicationController.v1":
        return get(this.#informers.informer(ReplicationController).get(key), ({ spec }) =>
          selectorFromSet(spec.selector),
        );
      default:
        return undefined;
    }
  }

  #once<T extends object>(object: T, read: (object: T) => Selector): Selector {
    const known = this.#selectors.get(object) ?? read(object);
    this.#selectors.set(object, known);
    return known;
  }
}

const NO_LABELS: Labels = {};

function selects(selector: Labels | undefined, { metadata }: Pod): boolean {
  const keys = Object.keys(selector ?? {});
  return keys.length > 0 && keys.every((key) => metadata.labels?.[key] === selector![key]);
}
