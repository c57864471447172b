import { isIPv4 } from "node:net";
import type { Linode } from "@linode/api-v4";
import type { Node } from "../../api/core/v1/index.ts";
import type { Instance, Instances } from "../provider.ts";
import type { LinodeAccount } from "./account.ts";

const PREFIX = "linode://";
/** How the API calls machines that were shut down; all others run, or are about to. */
const STOPPED = new Set(["offline", "stopped", "billing_suspension"]);

/** The machines of nodes: by `spec.providerID`, or by label while a node has none. */
export function linodeInstances(account: LinodeAccount): Instances {
  return {
    async of(node) {
      const linode = await find(account, node);
      return linode && instanceOf(linode);
    },
  };
}

async function find(account: LinodeAccount, { metadata, spec }: Node): Promise<Linode | undefined> {
  // another cloud's; the lifecycle loop leaves those alone
  if (spec.providerID && !spec.providerID.startsWith(PREFIX)) return undefined;
  if (!spec.providerID) return machineOf(account, metadata.name ?? "");
  const id = idOf(spec.providerID);
  return account.find(`GET /linode/instances/${id}`, (sdk) => sdk.getLinode(id));
}

/** The machine that is, or becomes, the node of this name. */
export async function machineOf(account: LinodeAccount, label: string): Promise<Linode | undefined> {
  return (await account.list("GET /linode/instances", (sdk) => sdk.getLinodes({}, { label })))[0];
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
