import { mkdir, open, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

export interface CniOptions {
  /** one of each IP family */
  podCIDRs: readonly string[];
  bridgeName: string;
  mtu: number;
  /** where host-local keeps which address is whose */
  dataDirectory: string;
}

/** The network of this node's pods: a bridge that is their gateway, addresses from the node's range, host ports. */
export function cniConfiguration({ podCIDRs, bridgeName, mtu, dataDirectory }: CniOptions) {
  const anywhere = podCIDRs.map((cidr) => ({ dst: cidr.includes(":") ? "::/0" : "0.0.0.0/0" }));
  return {
    cniVersion: "0.4.0",
    name: bridgeName,
    plugins: [
      {
        type: "bridge",
        bridge: bridgeName,
        mtu,
        isGateway: true,
        // src/routes does it: the plug-in would hide Pods from those of other nodes
        ipMasq: false,
        hairpinMode: true,
        ipam: {
          type: "host-local",
          dataDir: dataDirectory,
          ranges: podCIDRs.map((subnet) => [{ subnet }]),
          routes: anywhere,
        },
      },
      { type: "portmap", capabilities: { portMappings: true }, snat: true },
    ],
  };
}

/** Writes the configuration whole, or not at all; answers whether it changed. */
export async function writeCniConfiguration(directory: string, options: CniOptions): Promise<boolean> {
  const path = join(directory, "10-coxswain.conflist");
  const content = `${JSON.stringify(cniConfiguration(options), null, 2)}\n`;
  if ((await readFile(path, "utf8").catch(() => "")) === content) return false;
  await mkdir(directory, { recursive: true });
  // beside the folder, which the runtime watches: it would read a half-written one, too, and complain
  const draft = `${directory}.new`;
  await writeFile(draft, content);
  await rename(draft, path);
  // and it looks again only when a file there is written to, which does not change it
  const file = await open(path, "r+");
  await file.writeFile(content).finally(() => file.close());
  return true;
}
