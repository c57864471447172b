import { DaemonSet, Deployment, ReplicaSet, StatefulSet } from "../api/apps/v1/index.ts";
import { CronJob, Job } from "../api/batch/v1/index.ts";
import { Namespace, Pod, type PodTemplateSpec, ReplicationController, Service } from "../api/core/v1/index.ts";
import { PodDisruptionBudget } from "../api/policy/v1/index.ts";

/** Short ways to write the objects that tests need; what is not said is left to the API's defaults. */

interface Workload {
  replicas?: number;
  image?: string;
  /** annotations of the Pods, such as those that tell simulated nodes how they behave */
  annotations?: Record<string, string>;
  namespace?: string;
}

function template(name: string, { image = "example/web:1", annotations }: Workload): PodTemplateSpec {
  return {
    metadata: { labels: { app: name }, ...(annotations ? { annotations } : {}) },
    spec: { containers: [{ name: "main", image }] },
  } as unknown as PodTemplateSpec;
}

/** A Deployment of Pods labelled `app: <name>`. `spec` adds to its specification. */
export function deployment(name: string, options: Workload & { spec?: Partial<Deployment["spec"]> } = {}): Deployment {
  const { replicas = 1, namespace = "default", spec } = options;
  return {
    apiVersion: Deployment.apiVersion,
    kind: Deployment.kind,
    metadata: { name, namespace },
    spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name, options), ...spec },
  } as Deployment;
}

/** A ReplicaSet of Pods labelled `app: <name>`. `spec` adds to its specification. */
export function replicaSet(name: string, options: Workload & { spec?: Partial<ReplicaSet["spec"]> } = {}): ReplicaSet {
  const { replicas = 1, namespace = "default", spec } = options;
  return {
    apiVersion: ReplicaSet.apiVersion,
    kind: ReplicaSet.kind,
    metadata: { name, namespace },
    spec: { replicas, selector: { matchLabels: { app: name } }, template: template(name, options), ...spec },
  } as ReplicaSet;
}

/** A ReplicationController of Pods labelled `app: <name>`. `spec` adds to its specification. */
export function replicationController(
  name: string,
  options: Workload & { spec?: Partial<ReplicationController["spec"]> } = {},
): ReplicationController {
  const { replicas = 1, namespace = "default", spec } = options;
  return {
    apiVersion: ReplicationController.apiVersion,
    kind: ReplicationController.kind,
    metadata: { name, namespace },
    spec: { replicas, selector: { app: name }, template: template(name, options), ...spec },
  } as ReplicationController;
}

/** A StatefulSet of Pods labelled `app: <name>`. `spec` adds to its specification. */
export function statefulSet(name: string, options: Workload & { spec?: Partial<StatefulSet["spec"]> } = {}) {
  const { replicas = 1, namespace = "default", spec } = options;
  const selector = { matchLabels: { app: name } };
  return {
    apiVersion: StatefulSet.apiVersion,
    kind: StatefulSet.kind,
    metadata: { name, namespace },
    spec: { replicas, serviceName: name, selector, template: template(name, options), ...spec },
  } as StatefulSet;
}

/** A DaemonSet of Pods labelled `app: <name>`. `spec` adds to its specification. */
export function daemonSet(
  name: string,
  options: Omit<Workload, "replicas"> & { spec?: Partial<DaemonSet["spec"]> } = {},
): DaemonSet {
  const { namespace = "default", spec } = options;
  return {
    apiVersion: DaemonSet.apiVersion,
    kind: DaemonSet.kind,
    metadata: { name, namespace },
    spec: { selector: { matchLabels: { app: name } }, template: template(name, options), ...spec },
  } as DaemonSet;
}

/** A budget for the Pods labelled `app: <name>`. */
export function disruptionBudget(
  name: string,
  spec: Partial<PodDisruptionBudget["spec"]>,
  options: { namespace?: string } = {},
): PodDisruptionBudget {
  const { namespace = "default" } = options;
  return {
    apiVersion: PodDisruptionBudget.apiVersion,
    kind: PodDisruptionBudget.kind,
    metadata: { name, namespace },
    spec: { selector: { matchLabels: { app: name } }, ...spec },
  } as PodDisruptionBudget;
}

/** A Job whose Pods do not restart. `pod` adds to their specification, `spec` to the Job's. */
export function job(
  name: string,
  options: Workload & { spec?: Partial<Job["spec"]>; pod?: Partial<Pod["spec"]> } = {},
): Job {
  const { namespace = "default", spec, pod: more } = options;
  const { metadata, spec: base } = template(name, options);
  return {
    apiVersion: Job.apiVersion,
    kind: Job.kind,
    metadata: { name, namespace },
    spec: { template: { metadata, spec: { restartPolicy: "Never", ...base, ...more } }, ...spec },
  } as Job;
}

/** A CronJob whose Jobs are as `job` makes them. `spec` adds to the CronJob's specification. */
export function cronJob(
  name: string,
  schedule: string,
  options: Workload & { spec?: Partial<CronJob["spec"]>; job?: Partial<Job["spec"]> } = {},
): CronJob {
  const { namespace = "default", spec } = options;
  return {
    apiVersion: CronJob.apiVersion,
    kind: CronJob.kind,
    metadata: { name, namespace },
    spec: { schedule, jobTemplate: { spec: job(name, { ...options, spec: options.job }).spec }, ...spec },
  } as CronJob;
}

/** A Pod labelled `app: <app>`, or `app: <name>` when no app is named. */
export function pod(name: string, options: Workload & { app?: string; spec?: Partial<Pod["spec"]> } = {}): Pod {
  const { namespace = "default", annotations, spec, app = name } = options;
  const { metadata, spec: base } = template(app, options);
  return {
    apiVersion: Pod.apiVersion,
    kind: Pod.kind,
    metadata: { ...metadata, ...(annotations ? { annotations } : {}), name, namespace },
    spec: { ...base, ...spec },
  } as Pod;
}

/** A Service for the Pods labelled `app: <name>`, on port 80. */
export function service(name: string, options: { namespace?: string; spec?: Partial<Service["spec"]> } = {}): Service {
  const { namespace = "default", spec } = options;
  return {
    apiVersion: Service.apiVersion,
    kind: Service.kind,
    metadata: { name, namespace },
    spec: { selector: { app: name }, ports: [{ port: 80 }], ...spec },
  } as Service;
}

export function namespace(name: string): Namespace {
  return { apiVersion: Namespace.apiVersion, kind: Namespace.kind, metadata: { name } } as Namespace;
}
