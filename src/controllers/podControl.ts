import { Pod, type PodTemplateSpec } from "../api/core/v1/index.ts";
import type { KubernetesObject } from "../apimachinery/meta.ts";
import { isNotFound, StatusError } from "../apimachinery/status.ts";
import type { KindIdentity, ReconcileContext } from "../client/index.ts";
import { controllerReference } from "./ownership.ts";

/** Something that could not be done; what is not thrown lets the rest be done first. */
export interface Failed {
  error: unknown;
}

/** A Pod as a template describes it, owned by `owner`; the server completes its name. */
export function podFromTemplate(kind: KindIdentity, owner: KubernetesObject, template: PodTemplateSpec): Pod {
  const { metadata, spec } = template;
  const { labels, annotations, finalizers } = metadata;
  return {
    apiVersion: Pod.apiVersion,
    kind: Pod.kind,
    metadata: {
      generateName: `${owner.metadata.name}-`.slice(0, 253),
      namespace: owner.metadata.namespace,
      ...(labels ? { labels } : {}),
      ...(annotations ? { annotations } : {}),
      ...(finalizers ? { finalizers } : {}),
      ownerReferences: [controllerReference(kind, owner)],
    },
    spec,
    status: {},
  } as Pod;
}

/**
 * Creates in batches of 1, 2, 4, …: when Pods are refused (by a quota, say), one failure ends it, and not every one of
 * a thousand Pods is tried.
 */
export async function createPods(
  pods: readonly Pod[],
  owner: KubernetesObject,
  context: ReconcileContext,
): Promise<Failed | undefined> {
  for (let from = 0, batch = 1; from < pods.length; from += batch, batch = Math.min(batch * 2, pods.length - from)) {
    const results = await Promise.all(pods.slice(from, from + batch).map((pod) => createPod(pod, owner, context)));
    const failed = results.find((result) => result !== undefined);
    if (failed) return failed;
  }
  return undefined;
}

async function createPod(pod: Pod, owner: KubernetesObject, context: ReconcileContext): Promise<Failed | undefined> {
  const { client, events } = context;
  try {
    const created = await client.create(Pod, pod);
    events.event(owner, "Normal", "SuccessfulCreate", `Created pod: ${created.metadata.name}`);
    return undefined;
  } catch (error) {
    if (!isNamespaceLeaving(error)) {
      events.event(owner, "Warning", "FailedCreate", `Error creating: ${(error as Error).message}`);
    }
    return { error };
  }
}

/** Deletes all at once. */
export async function deletePods(
  pods: readonly Pod[],
  owner: KubernetesObject,
  context: ReconcileContext,
): Promise<Failed | undefined> {
  const results = await Promise.all(pods.map((pod) => deletePod(pod, owner, context)));
  return results.find((failed) => failed !== undefined);
}

async function deletePod(pod: Pod, owner: KubernetesObject, context: ReconcileContext): Promise<Failed | undefined> {
  const { client, events } = context;
  const { namespace, name = "", uid } = pod.metadata;
  try {
    await client.delete(Pod, { namespace, name }, { preconditions: { uid } });
    events.event(owner, "Normal", "SuccessfulDelete", `Deleted pod: ${name}`);
    return undefined;
  } catch (error) {
    if (isNotFound(error)) return undefined; // gone already, as wanted
    events.event(owner, "Warning", "FailedDelete", `Error deleting: ${(error as Error).message}`);
    return { error };
  }
}

/** Nothing can be made in a namespace that is being deleted: no failure, and nothing to try again. */
export function isNamespaceLeaving(error: unknown): boolean {
  return (
    error instanceof StatusError &&
    (error.status.details?.causes ?? []).some((cause) => cause.reason === "NamespaceTerminating")
  );
}
