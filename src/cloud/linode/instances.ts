import { isIPv4 } from "node:net";
import type { Node } from "../../api/core/v1/index.ts";
import type { Instance, Instances } from "../provider.ts";
import type { LinodeApi } from "./api.ts";
import type { Linode } from "./types.ts";

const PREFIX = "linode://";
/** How the API calls machines that were shut down; all others run, or are about to. */
const STOPPED = new Set(["offline", "stopped", "billing_suspension"]);

/** The machines of nodes: by `spec.providerID`, or by label while a node has none. */
export function linodeInstances(api: LinodeApi): Instances {
  return {
    async of(node) {
      const linode = await find(api, node);
      return linode && instanceOf(linode);
    },
  };
}

async function find(api: LinodeApi, { metadata, spec }: Node): Promise<Linode | undefined> {
  // another cloud's; the lifecycle loop leaves those alone
  if (spec.providerID && !spec.providerID.startsWith(PREFIX)) return undefined;
  if (spec.providerID) return api.find<Linode>(`/linode/instances/${idOf(spec.providerID)}`);
  return (await api.list<Linode>("/linode/instances", { label: metadata.name ?? "" }))[0];
}

/** Throws when it is no number: "not there" would have the Node deleted. */
function idOf(providerID: string): number {
  const id = providerID.slice(PREFIX.length);
  if (!/^[1-9]\d*$/.test(id)) throw new Error(`providerID "${providerID}" is not of the form ${PREFIX}<number>`);
  return Number(id);
}

function instanceOf({ id, label, type, region, status, ipv4 }: Linode): Instance {
  return {
    providerID: `${PREFIX}${id}`,
    name: label,
    type: type ?? "",
    region,
    addresses: [
      ...ipv4.filter(isPrivate).map((address) => ({ type: "InternalIP" as const, address })),
      ...ipv4.filter((address) => !isPrivate(address)).map((address) => ({ type: "ExternalIP" as const, address })),
      { type: "Hostname", address: label },
    ],
    state: STOPPED.has(status) ? "stopped" : "running",
  };
}

/** Whether it is of 192.168.128.0/17, where Linode's private addresses are: the only ones NodeBalancers reach. */
export function isPrivate(address: string): boolean {
  const [a, b, c] = address.split(".").map(Number);
  return isIPv4(address) && a === 192 && b === 168 && c! >= 128;
}
