import { Pod, type PodResourceClaim, resourceClaimNames } from "../../api/core/v1/index.ts";
import {
  consumerOf,
  isReservedFor,
  MOST_CONSUMERS,
  POD_CLAIM_NAME,
  ResourceClaim,
  ResourceClaimTemplate,
} from "../../api/resource/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { type Controller, controller, done, type ReconcileContext, type View, watch } from "../../client/index.ts";
import { controllerReference } from "../ownership.ts";
import { isActive } from "../pods.ts";

const BY_TEMPLATE = "resourceClaimTemplate";

/** Makes the claims that Pods want from templates, and says in the Pod's status what they are called. */
export const podClaimController: Controller = controller({
  name: "resource-claim",
  for: Pod,
  owns: [ResourceClaim],
  when: (pod, old) => isActive(pod) !== isActive(old) || pod.spec.nodeName !== old.spec.nodeName,
  watches: [
    watch(ResourceClaimTemplate, ({ metadata }, view) =>
      view
        .byIndex(Pod, BY_TEMPLATE, `${metadata.namespace}/${metadata.name}`)
        .map((pod) => ({ namespace: pod.metadata.namespace, name: pod.metadata.name! })),
    ),
  ],
  prepare(view) {
    view.addIndex(Pod, BY_TEMPLATE, templatesOf);
  },
  async reconcile(pod, context) {
    if (!pod.spec.resourceClaims?.length || !isActive(pod)) return done;
    await makeClaims(pod, context);
    if (pod.spec.nodeName) await letIn(pod, context);
    return done;
  },
});

const templatesOf = ({ metadata, spec }: Pod): string[] =>
  (spec.resourceClaims ?? []).flatMap(({ resourceClaimTemplateName: name }) =>
    name ? [`${metadata.namespace}/${name}`] : [],
  );

async function makeClaims(pod: Pod, context: ReconcileContext): Promise<void> {
  const made: { name: string; resourceClaimName: string }[] = [];
  for (const entry of pod.spec.resourceClaims ?? []) {
    if (!entry.resourceClaimTemplateName) continue;
    const claim = madeFor(pod, entry.name, context.view) ?? (await makeClaim(pod, entry, context));
    made.push({ name: entry.name, resourceClaimName: claim.metadata.name! });
  }
  const told = pod.status.resourceClaimStatuses ?? [];
  const isTold = ({ name, resourceClaimName }: (typeof made)[number]) =>
    told.some((one) => one.name === name && one.resourceClaimName === resourceClaimName);
  if (made.every(isTold)) return;
  const { namespace, name, uid } = pod.metadata;
  const patch = { metadata: { uid }, status: { resourceClaimStatuses: made } };
  await context.client.patch(Pod, { namespace, name: name! }, "strategic", patch, { subresource: "status" });
}

/** The claim that was made for an entry, also when the Pod does not say so yet. */
function madeFor(pod: Pod, entry: string, view: View): ResourceClaim | undefined {
  return view
    .owned(ResourceClaim, pod)
    .find(({ metadata }) => metadata.annotations?.[POD_CLAIM_NAME] === entry && !metadata.deletionTimestamp);
}

async function makeClaim(pod: Pod, entry: PodResourceClaim, { client, view, events }: ReconcileContext) {
  const { namespace, name } = pod.metadata;
  const templateName = entry.resourceClaimTemplateName!;
  try {
    const template = view.get(ResourceClaimTemplate, { namespace, name: templateName });
    if (!template) throw new Error(`resource claim template "${templateName}": not found`);
    const { metadata = {}, spec } = template.spec;
    return await client.create(ResourceClaim, {
      metadata: {
        namespace,
        generateName: `${name}-${entry.name}-`,
        labels: metadata.labels,
        annotations: { ...metadata.annotations, [POD_CLAIM_NAME]: entry.name },
        ownerReferences: [controllerReference(Pod, pod)],
      },
      spec,
      status: {},
    });
  } catch (error) {
    const text = `PodResourceClaim ${entry.name}: ${(error as Error).message}`;
    events.event(pod, "Warning", "FailedResourceClaimCreation", text);
    throw error;
  }
}

/** A Pod that was put on its node by somebody who knows nothing of claims is let in to those that have their devices. */
async function letIn(pod: Pod, { client, view }: ReconcileContext): Promise<void> {
  const { namespace } = pod.metadata;
  for (const name of resourceClaimNames(pod)) {
    const claim = view.get(ResourceClaim, { namespace, name });
    const { allocation, reservedFor = [] } = claim?.status ?? {};
    if (!claim || !allocation || isReservedFor(claim, pod) || reservedFor.length >= MOST_CONSUMERS) continue;
    const status = { ...claim.status, reservedFor: [...reservedFor, consumerOf(pod)] };
    try {
      await client.update(ResourceClaim, { ...claim, status } as ResourceClaim, { subresource: "status" });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}
