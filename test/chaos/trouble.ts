import { realClock } from "../../src/util/clock.ts";
import { until } from "../real/realCluster.ts";
import type { Faults, Harm, Victim } from "./faults.ts";
import { type Load, now } from "./load.ts";

export interface Round {
  victim: Victim;
  harm: Harm;
}

/** Every victim meets every harm (the address is on no machine that could be cut off), and neighbours in the list are unlike each other. */
export const ROUNDS: readonly Round[] = [
  { victim: "server", harm: "kill" },
  { victim: "etcd leader", harm: "stop" },
  { victim: "leader", harm: "cut off" },
  { victim: "etcd", harm: "kill" },
  { victim: "address", harm: "kill" },
  { victim: "server", harm: "stop" },
  { victim: "etcd leader", harm: "cut off" },
  { victim: "leader", harm: "stop" },
  { victim: "etcd leader", harm: "kill" },
  { victim: "server", harm: "cut off" },
  { victim: "etcd", harm: "stop" },
  { victim: "leader", harm: "kill" },
  { victim: "etcd", harm: "cut off" },
];

/** So long a fault lasts at least, that timeouts have to do their work. */
const LASTS = 5_000;

/** Does harm, waits until every client writes again, undoes it; answers how long the last client waited, in ms. */
export async function round(faults: Faults, load: Load, { victim, harm }: Round, nth: number): Promise<number> {
  const machine = await faults.find(victim, nth);
  const began = now();
  const undo = await faults.harm(machine, victim, harm);
  const struck = now();
  const resumed = new Map<number, number>();
  let looked = load.successes.length;
  try {
    await until("every client writes again", async () => {
      for (; looked < load.successes.length; looked++) {
        const { client, began, ended } = load.successes[looked]!;
        if (began > struck && !resumed.has(client)) resumed.set(client, ended - struck);
      }
      return resumed.size === load.clients;
    });
    await realClock.sleep(Math.max(0, began + LASTS - now()));
  } finally {
    await undo();
  }
  await faults.healed();
  return Math.max(...resumed.values());
}
