import type { Binding, Pod, PodCondition } from "../../api/core/v1/index.ts";
import { Binding as BindingKind, Pod as PodKind } from "../../api/core/v1/index.ts";
import { badRequest, conflict, invalid } from "../../apimachinery/errors.ts";
import { fieldNotSupported, root } from "../../apimachinery/fieldErrors.ts";
import type { Status } from "../../apimachinery/status.ts";
import { formatTime } from "../../apimachinery/time.ts";
import type { Answer, Call } from "../pipeline/call.ts";
import { decodeBody } from "./decodeBody.ts";
import type { Registry } from "./registry.ts";
import type { SubresourceHandler } from "./resource.ts";
import { updateObject } from "./write.ts";
import { parseWriteOptions, type WriteOptions } from "./writeOptions.ts";

const success: Status = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", code: 201 };

function scheduled(pod: Pod, now: number): PodCondition[] {
  const others = (pod.status.conditions ?? []).filter(({ type }) => type !== "PodScheduled");
  const before = pod.status.conditions?.find(({ type }) => type === "PodScheduled");
  if (before?.status === "True") return pod.status.conditions!;
  return [
    ...others,
    {
      type: "PodScheduled",
      status: "True",
      lastProbeTime: null as never,
      lastTransitionTime: formatTime(now),
      observedGeneration: pod.metadata.generation,
    },
  ];
}

function bound(live: Pod, binding: Binding, now: number): Pod {
  const { name } = live.metadata;
  const clash = (why: string) => conflict({ group: "", kind: "Pod", plural: "pods/binding" }, name!, why);
  if (binding.metadata.uid && binding.metadata.uid !== live.metadata.uid) {
    throw clash(
      `Precondition failed: UID in precondition: ${binding.metadata.uid}, UID in object meta: ${live.metadata.uid}`,
    );
  }
  if (live.metadata.deletionTimestamp) throw clash(`pod ${name} is being deleted, cannot be assigned to a host`);
  if (live.spec.nodeName) throw clash(`pod ${name} is already assigned to node ${JSON.stringify(live.spec.nodeName)}`);
  if ((live.spec.schedulingGates ?? []).length > 0) throw clash(`pod ${name} has non-empty .spec.schedulingGates`);
  const { annotations, labels } = binding.metadata;
  const metadata = {
    ...live.metadata,
    ...(annotations && { annotations: { ...live.metadata.annotations, ...annotations } }),
    ...(labels && { labels: { ...live.metadata.labels, ...labels } }),
  };
  // Only what changes is copied: a thousand Pods a second may be bound.
  const status = { ...live.status, conditions: scheduled(live, now) };
  delete status.nominatedNodeName; // where it was expected matters no more
  return { ...live, metadata, spec: { ...live.spec, nodeName: binding.target.name }, status };
}

/** Assigns a Pod to a node, once. */
export async function bind(registry: Registry, call: Call, binding: Binding, options: WriteOptions): Promise<Answer> {
  const { kind = "", name = "" } = binding.target;
  if (kind !== "" && kind !== "Node") {
    throw invalid(BindingKind, binding.metadata.name ?? "", [
      fieldNotSupported(root.child("target", "kind"), kind, ["Node", "<empty>"]),
    ]);
  }
  if (name === "") throw badRequest("target.name: Required value");
  const now = registry.clock.now();
  await updateObject(registry, registry.resource(PodKind as never), call, (live) => bound(live as Pod, binding, now), {
    ...options,
    subresource: "binding",
    // Kubernetes, too, notes nobody as the owner of what a binding sets.
    managed: true,
    trusted: !binding.metadata.labels && !binding.metadata.annotations,
    limit: (updated) => updated,
  });
  return { type: "status", status: success };
}

export const bindPod: SubresourceHandler = async (call, _resource, registry) => {
  const options = parseWriteOptions(call, "CreateOptions");
  const binding = (await decodeBody(call, BindingKind as never, options.fieldValidation, registry.scheme)) as Binding;
  const { name } = binding.metadata;
  if (name && name !== call.info.name) {
    throw badRequest(`name in URL does not match name in Binding object`);
  }
  return bind(registry, call, binding, options);
};

/** POST of a Binding by itself: the Pod is the one of its name. */
export async function answerBinding(binding: Binding, call: Call, registry: Registry): Promise<Answer> {
  const options = parseWriteOptions(call, "CreateOptions");
  const named = { ...call, info: { ...call.info, name: binding.metadata.name ?? "", subresource: "binding" } };
  return bind(registry, named, binding, options);
}
