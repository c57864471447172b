import { get } from "node:http";
import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { CLUSTER, cox } from "./cluster.ts";
import { median, type Row } from "./row.ts";

const ROUNDS = 5;

/** From a cluster that does not exist, with everything installed, to an answer of the application through its NodePort. */
export async function benchColdStart(): Promise<Row[]> {
  const totals: number[] = [];
  const steps = new Map<string, number[]>();
  await cox("down", "--name", CLUSTER);
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    const { output } = await cox("up", "-f", "examples/hello/", "--name", CLUSTER);
    await answered(/http:\/\/[\d.]+:\d+/.exec(output)![0]);
    totals.push((performance.now() - start) / 1000);
    for (const [, title, seconds] of output.matchAll(/^✓ (.+?) {2}([\d.]+) s/gm)) {
      steps.set(title!, [...(steps.get(title!) ?? []), Number(seconds)]);
    }
    await cox("down", "--name", CLUSTER);
  }
  const rows = [...steps].map(([name, seconds]): Row => ({ name, value: median(seconds), unit: "s" }));
  return [...rows, { name: "up to answering", value: median(totals), unit: "s", reference: 5.5 }];
}

async function answered(url: string): Promise<void> {
  for (;;) {
    const ok = await new Promise<boolean>((resolve) => {
      get(url, (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      }).on("error", () => resolve(false));
    });
    if (ok) return;
    await pause(10);
  }
}
