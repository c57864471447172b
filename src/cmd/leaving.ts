import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { Node } from "../api/core/v1/index.ts";
import { aborted, type Informers } from "../client/index.ts";
import { LEAVE } from "../cluster/nodes/api.ts";

const MAIN = fileURLToPath(new URL("cox.ts", import.meta.url));

/** Takes everything of the cluster off this machine when the administrator removes its node (`cox node remove`). */
export async function leaveWhenTold(
  informers: Informers,
  node: string,
  cluster: string,
  signal: AbortSignal,
): Promise<void> {
  let told = false;
  const look = ({ metadata }: Node) => {
    if (told || metadata.annotations?.[LEAVE] !== "true") return;
    told = true;
    // it ends this process, so it cannot be a part of it
    spawn(process.execPath, [MAIN, "down", "--name", cluster], { detached: true, stdio: "ignore" }).unref();
  };
  const informer = informers.informer(Node, { fieldSelector: `metadata.name=${node}` });
  const unsubscribe = informer.subscribe({ added: look, updated: look });
  await aborted(signal);
  unsubscribe();
}
