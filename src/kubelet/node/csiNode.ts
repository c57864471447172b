import type { Node } from "../../api/core/v1/index.ts";
import { CSINode, DISK_DRIVER } from "../../api/storage/v1/index.ts";
import { isAlreadyExists } from "../../apimachinery/status.ts";
import type { Client } from "../../client/client.ts";

/** Says which storage drivers this node has: the one for disks is part of the kubelet. */
export async function registerDrivers(client: Client, node: Node): Promise<void> {
  const { name = "", uid = "" } = node.metadata;
  const spec = { drivers: [{ name: DISK_DRIVER, nodeID: name, topologyKeys: [] }] };
  const ownerReferences = [{ apiVersion: "v1", kind: "Node", name, uid }];
  try {
    await client.create(CSINode, { metadata: { name, ownerReferences }, spec } as unknown as CSINode);
  } catch (error) {
    if (!isAlreadyExists(error)) throw error;
    const patch = { metadata: { ownerReferences }, spec };
    await client.patch(CSINode, { name }, "merge", patch);
  }
}
