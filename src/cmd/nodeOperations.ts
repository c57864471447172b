import { UserError } from "../cli/errors.ts";
import { table } from "../cli/print.ts";
import type { CommonOptions, NodeAddOptions, Operations } from "../cli/program.ts";
import type { Progress } from "../cli/progress.ts";
import { capacityFor } from "../cluster/nodes/capacity.ts";
import {
  addNode,
  connectNode,
  listNodes,
  type NodeOperation,
  type NodeState,
  removeNode,
  startNode,
  stopNode,
} from "../cluster/nodes/manage.ts";
import { checkHost } from "../cluster/prepare.ts";
import { realClock as clock } from "../util/clock.ts";
import { alone } from "./alone.ts";
import { print } from "./output.ts";

const SECONDS = 1000;
const MINUTES = 60 * SECONDS;

/** Does the same to each of the nodes, one after the other, each shown as a step. */
async function each(
  options: CommonOptions,
  names: readonly string[],
  title: string,
  work: (operation: NodeOperation, name: string) => Promise<unknown>,
): Promise<void> {
  await checkHost();
  await alone(options, async (progress) => {
    for (const name of names) await step(progress, options.name, `${title} ${name}`, (it) => work(it, name));
  });
}

function step<T>(progress: Progress, cluster: string, title: string, work: (operation: NodeOperation) => Promise<T>) {
  return progress.step(title, { timeout: 10 * MINUTES }, ({ note, signal }) => work({ cluster, clock, note, signal }));
}

async function add(names: readonly string[], options: NodeAddOptions): Promise<number> {
  await checkHost();
  if (names.length > 0 && options.count !== undefined)
    throw new UserError("name the nodes, or say how many with --count, not both");
  const wanted = names.length > 0 ? names : Array.from({ length: options.count ?? 1 }, () => undefined);
  const labels = labelsOf(options.label);
  const capacity = capacityFor({ cpu: options.nodeCpu, memory: options.nodeMemory });
  const added: string[] = [];
  await alone(options, async (progress) => {
    for (const name of wanted) {
      const title = name === undefined ? "Node" : `Node ${name}`;
      added.push(await step(progress, options.name, title, (it) => addNode(it, { name, labels, capacity })));
    }
  });
  print({ added }, options, () => added.map((name) => `Added ${name}\n`).join(""));
  return 0;
}

export function labelsOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1) throw new UserError(`--label ${pair}: must be key=value`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

export const nodeOperations: Pick<
  Operations,
  "nodeAdd" | "nodeRemove" | "nodeStop" | "nodeStart" | "nodeConnect" | "nodeList"
> = {
  nodeAdd: add,
  async nodeRemove(names, options) {
    const grace = Math.ceil(options.grace / SECONDS);
    await each(options, names, "Remove", (operation, name) => removeNode(operation, name, grace));
    print({ removed: names }, options, () => `Removed ${names.join(", ")}; nothing of it remains.\n`);
    return 0;
  },
  async nodeStop(names, options) {
    const grace = options.grace === undefined ? undefined : Math.ceil(options.grace / SECONDS);
    await each(options, names, "Stop", (operation, name) => stopNode(operation, name, grace));
    print({ stopped: names }, options, () => `Stopped ${names.join(", ")}; cox node start goes on with it.\n`);
    return 0;
  },
  async nodeStart(names, options) {
    await each(options, names, "Start", startNode);
    print({ started: names }, options, () => `${names.join(", ")} runs again.\n`);
    return 0;
  },
  async nodeConnect(names, connected, options) {
    await checkHost();
    for (const name of names) await connectNode(options.name, name, connected);
    print({ names, connected }, options, () => `${names.join(", ")} is ${connected ? "connected" : "cut off"}.\n`);
    return 0;
  },
  async nodeList(options) {
    const nodes = await listNodes(options.name, clock);
    print({ nodes }, options, () => table(["NODE", "STATE", "READY", "ADDRESS", "PODS"], nodes.map(row)));
    return 0;
  },
};

function row({ name, state, ready, schedulable, address, podCIDR }: NodeState): string[] {
  const readiness = ready === undefined ? "unknown" : ready ? "yes" : "no";
  return [name, state, schedulable === false ? `${readiness}, cordoned` : readiness, address ?? "-", podCIDR ?? "-"];
}
