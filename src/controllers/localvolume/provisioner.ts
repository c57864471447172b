import { isNodeReady, Node, PersistentVolume, PersistentVolumeClaim } from "../../api/core/v1/index.ts";
import { LOCAL_PROVISIONER, LOCAL_VOLUME_NODE, StorageClass } from "../../api/storage/v1/index.ts";
import { isAlreadyExists } from "../../apimachinery/status.ts";
import {
  type Controller,
  controller,
  done,
  type ObjectKey,
  type ReconcileContext,
  type View,
  watch,
} from "../../client/index.ts";
import { annotated, classOf, SELECTED_NODE, STORAGE_PROVISIONER } from "../storage.ts";
import { chooseNode, folderOf, isAllowed, localVolume, volumeName, whyImpossible } from "./placement.ts";

/** Makes the volumes of classes whose provisioner is coxswain.io/local: each a folder on one node. */
export const localProvisioner: Controller = controller({
  name: "local-volume",
  for: PersistentVolumeClaim,
  watches: [
    watch(
      Node,
      claimsWaiting,
      (node, old) => folderOf(node) !== folderOf(old) || isNodeReady(node) !== isNodeReady(old),
    ),
  ],
  reads: [PersistentVolume, StorageClass],
  prepare(view) {
    view.addIndex(PersistentVolumeClaim, "to-provision", (claim) => (isOurs(claim) ? [""] : []));
    view.addIndex(PersistentVolume, "local-node", ({ metadata }) => {
      const node = metadata.labels?.[LOCAL_VOLUME_NODE];
      return node === undefined ? [] : [node];
    });
  },
  async reconcile(claim, context) {
    if (!isOurs(claim) || claim.metadata.deletionTimestamp) return done;
    const { view, events } = context;
    const storageClass = view.get(StorageClass, { name: classOf(claim) });
    if (!storageClass || view.get(PersistentVolume, { name: volumeName(claim) })) return done;
    const why = whyImpossible(claim, storageClass);
    if (why === undefined) await provision(claim, storageClass, context);
    else events.event(claim, "Warning", "ProvisioningFailed", provisioningFailed(storageClass, why));
    return done;
  },
});

function isOurs({ metadata, spec }: PersistentVolumeClaim): boolean {
  return !spec.volumeName && metadata.annotations?.[STORAGE_PROVISIONER] === LOCAL_PROVISIONER;
}

function claimsWaiting(_: Node, view: View): ObjectKey[] {
  return view
    .byIndex(PersistentVolumeClaim, "to-provision", "")
    .map(({ metadata }) => ({ namespace: metadata.namespace, name: metadata.name ?? "" }));
}

const provisioningFailed = ({ metadata }: StorageClass, why: string): string =>
  `failed to provision volume with StorageClass "${metadata.name}": ${why}`;

async function provision(claim: PersistentVolumeClaim, storageClass: StorageClass, context: ReconcileContext) {
  const { client, events } = context;
  const { namespace, name } = claim.metadata;
  const node = await nodeFor(claim, storageClass, context);
  if (!node) return;
  const text = `External provisioner is provisioning volume for claim "${namespace}/${name}"`;
  events.event(claim, "Normal", "Provisioning", text);
  const volume = localVolume(claim, storageClass, node);
  try {
    await client.create(PersistentVolume, volume);
  } catch (error) {
    if (isAlreadyExists(error)) return; // an earlier attempt got this far
    events.event(claim, "Warning", "ProvisioningFailed", provisioningFailed(storageClass, (error as Error).message));
    throw error;
  }
  events.event(claim, "Normal", "ProvisioningSucceeded", `Successfully provisioned volume ${volume.metadata.name}`);
}

/** The node that the scheduler has chosen, or for claims that wait for no Pod one of ours. */
async function nodeFor(
  claim: PersistentVolumeClaim,
  storageClass: StorageClass,
  { client, view, events }: ReconcileContext,
): Promise<Node | undefined> {
  const selected = claim.metadata.annotations?.[SELECTED_NODE];
  if (selected === undefined) {
    if (storageClass.volumeBindingMode === "WaitForFirstConsumer") return undefined;
    const count = (hostname: string) => view.byIndex(PersistentVolume, "local-node", hostname).length;
    const node = chooseNode(storageClass, view.list(Node), count);
    const why = "no node is ready to keep it";
    if (!node) events.event(claim, "Warning", "ProvisioningFailed", provisioningFailed(storageClass, why));
    return node;
  }
  const node = view.get(Node, { name: selected });
  const why = !node
    ? `node "${selected}" not found`
    : !folderOf(node)
      ? `node "${selected}" keeps no local volumes`
      : !isAllowed(storageClass, node)
        ? `node "${selected}" is outside of the class's allowedTopologies`
        : undefined;
  if (why === undefined) return node;
  events.event(claim, "Warning", "ProvisioningFailed", provisioningFailed(storageClass, why));
  // the scheduler chooses again
  await client.update(PersistentVolumeClaim, annotated(claim, { [SELECTED_NODE]: undefined }));
  return undefined;
}
