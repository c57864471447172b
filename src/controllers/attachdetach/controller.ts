import { Node, PersistentVolume, PersistentVolumeClaim, Pod } from "../../api/core/v1/index.ts";
import { attachmentName, CSIDriver, uniqueVolumeName, VolumeAttachment } from "../../api/storage/v1/index.ts";
import { isAlreadyExists, isNotFound } from "../../apimachinery/status.ts";
import {
  after,
  type Controller,
  controller,
  done,
  type ObjectKey,
  type ReconcileContext,
  type View,
  watch,
} from "../../client/index.ts";
import { sameWhenWritten } from "../sameJson.ts";
import { byUsedClaims, claimKey, claimsOf } from "../storage.ts";
import { type AttachPlan, planAttachments } from "./plan.ts";

/** Attaches volumes to the nodes whose Pods use them, and takes them off again; a driver's attacher does the work. */
export const attachDetachController: Controller = controller({
  name: "attachdetach",
  for: PersistentVolume,
  reads: [PersistentVolumeClaim],
  watches: [
    watch(Pod, (pod, view) => volumesOf(pod, view)),
    watch(VolumeAttachment, ({ spec }) => named(spec.source.persistentVolumeName)),
    watch(Node, (node, view) => volumesOn(node.metadata.name ?? "", view), hasChanged),
    watch(CSIDriver, ({ metadata }, view) =>
      view.byIndex(PersistentVolume, "driver", metadata.name ?? "").flatMap((volume) => named(volume.metadata.name)),
    ),
  ],
  prepare(view) {
    view.addIndex(Pod, "claim", byUsedClaims);
    view.addIndex(PersistentVolume, "driver", ({ spec }) => (spec.csi ? [spec.csi.driver] : []));
    view.addIndex(VolumeAttachment, "volume", ({ spec }) => asList(spec.source.persistentVolumeName));
    view.addIndex(VolumeAttachment, "node", ({ spec }) => [spec.nodeName]);
  },
  async reconcile(volume, context) {
    const { view, clock } = context;
    const { csi, claimRef } = volume.spec;
    // a driver that has said nothing is taken to need it
    if (!csi || view.get(CSIDriver, { name: csi.driver })?.spec.attachRequired === false) return done;
    const plan = planAttachments({
      volume,
      pods: claimRef ? view.byIndex(Pod, "claim", claimKey(claimRef)) : [],
      attachments: view.byIndex(VolumeAttachment, "volume", volume.metadata.name ?? ""),
      node: (name) => view.get(Node, { name }),
      now: clock.now(),
    });
    await carryOut(plan, volume, context);
    await tell(plan, volume, context);
    return plan.wait === undefined ? done : after(plan.wait);
  },
});

const asList = (name: string | undefined): string[] => (name === undefined ? [] : [name]);
const named = (name: string | undefined): ObjectKey[] => asList(name).map((one) => ({ name: one }));

function volumesOf(pod: Pod, view: View): ObjectKey[] {
  const { namespace } = pod.metadata;
  return claimsOf(pod).flatMap((name) => named(view.get(PersistentVolumeClaim, { namespace, name })?.spec.volumeName));
}

function volumesOn(node: string, view: View): ObjectKey[] {
  return view.byIndex(VolumeAttachment, "node", node).flatMap(({ spec }) => named(spec.source.persistentVolumeName));
}

function hasChanged(node: Node, old: Node): boolean {
  const facts = ({ spec, status }: Node) => [
    status.volumesInUse,
    spec.taints,
    status.conditions?.find(({ type }) => type === "Ready")?.status,
  ];
  return !sameWhenWritten(facts(node), facts(old));
}

async function carryOut({ attach, detach }: AttachPlan, volume: PersistentVolume, { client }: ReconcileContext) {
  const { driver, volumeHandle: handle } = volume.spec.csi!;
  for (const { metadata } of detach) {
    const options = { preconditions: { uid: metadata.uid } };
    await client.delete(VolumeAttachment, { name: metadata.name ?? "" }, options).catch((error) => {
      if (!isNotFound(error)) throw error;
    });
  }
  for (const nodeName of attach) {
    const name = attachmentName({ handle, driver, node: nodeName });
    const spec = { attacher: driver, nodeName, source: { persistentVolumeName: volume.metadata.name } };
    await client.create(VolumeAttachment, { metadata: { name }, spec, status: { attached: false } }).catch((error) => {
      if (!isAlreadyExists(error)) throw error;
    });
  }
}

/** Tells Pods what they wait for, and nodes what is attached to them. */
async function tell({ blocked }: AttachPlan, volume: PersistentVolume, context: ReconcileContext): Promise<void> {
  const { view, events } = context;
  const name = volume.metadata.name ?? "";
  for (const { pod, others } of blocked) {
    const users = others.map(({ metadata }) => metadata.name).sort();
    const why =
      users.length > 0
        ? `Volume is already used by pod(s) ${users.join(", ")}`
        : "Volume is already exclusively attached to one node and can't be attached to another";
    events.event(pod, "Warning", "FailedAttachVolume", `Multi-Attach error for volume "${name}" ${why}`);
  }
  for (const attachment of view.byIndex(VolumeAttachment, "volume", name)) {
    await tellNode(attachment.spec.nodeName, context);
    const { attached, attachError } = attachment.status;
    const [type, reason, text] = attached
      ? (["Normal", "SuccessfulAttachVolume", `AttachVolume.Attach succeeded for volume "${name}" `] as const)
      : ([
          "Warning",
          "FailedAttachVolume",
          `AttachVolume.Attach failed for volume "${name}" : ${attachError?.message}`,
        ] as const);
    if (!attached && !attachError) continue;
    for (const pod of view.byIndex(Pod, "claim", claimKey(volume.spec.claimRef ?? {}))) {
      const waits = pod.spec.nodeName === attachment.spec.nodeName && pod.status.phase === "Pending";
      if (waits) events.event(pod, type, reason, text);
    }
  }
}

async function tellNode(name: string, { client, view }: ReconcileContext): Promise<void> {
  const node = view.get(Node, { name });
  if (!node) return;
  const volumesAttached = view.byIndex(VolumeAttachment, "node", name).flatMap(({ spec, status }) => {
    const csi = view.get(PersistentVolume, { name: spec.source.persistentVolumeName ?? "" })?.spec.csi;
    if (!status.attached || !csi) return [];
    const devicePath = status.attachmentMetadata?.devicePath ?? "";
    return [{ name: uniqueVolumeName(csi.driver, csi.volumeHandle), devicePath }];
  });
  volumesAttached.sort((a, b) => (a.name < b.name ? -1 : 1));
  if (sameWhenWritten(volumesAttached, node.status.volumesAttached)) return;
  await client.patch(Node, { name }, "merge", { status: { volumesAttached } }, { subresource: "status" });
}
