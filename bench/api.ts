import { performance } from "node:perf_hooks";
import { setTimeout as pause } from "node:timers/promises";
import { drive, Load, type Target } from "./load.ts";
import { cpuSeconds, pssMegabytes } from "./processes.ts";
import type { Row } from "./row.ts";

/** Real Kubernetes 1.36.2 (apiserver and etcd) on a machine of the same kind: per second, and µs of CPU each. */
const KUBERNETES: Record<string, [rate: number, micros: number]> = {
  create: [738, 2060],
  get: [2190, 720],
  list: [4.3, 319_000],
  patch: [438, 3780],
  watch: [28_000, 42],
};

const PODS = 5000;
const CLIENTS = 16;

/** Rates and server CPU of the API server's verbs on 5,000 Pods of about 1 KB, 16 requests at a time. */
export async function benchApi(target: Target): Promise<Row[]> {
  const load = new Load(target);
  await load.prepare();
  const rows: Row[] = [];
  const measure = async (name: string, count: number, run: () => Promise<void>) => {
    const cpu = cpuSeconds(target.pid);
    const start = performance.now();
    await run();
    const seconds = (performance.now() - start) / 1000;
    const micros = ((cpuSeconds(target.pid) - cpu) * 1e6) / count;
    const [rate, theirs] = KUBERNETES[name]!;
    rows.push({ name, value: count / seconds, unit: "/s", reference: rate });
    rows.push({ name: `${name}, server CPU`, value: micros, unit: "µs", reference: theirs });
  };
  await measure("create", PODS, () => drive(PODS, CLIENTS, (i) => load.create(i)));
  await measure("get", 20_000, () => drive(20_000, CLIENTS, (i) => load.get((i * 7919) % PODS)));
  await measure("list", 40, () => drive(40, 4, () => load.list()));
  await measure("patch", 5000, () => drive(5000, CLIENTS, (i) => load.patch((i * 7919) % PODS, i)));
  await measure("watch", 100 * 500, () => fanOut(load, 100, 500));
  rows.push({ name: "memory with 5,000 Pods", value: pssMegabytes(target.pid), unit: "MB" });
  load.close();
  return rows;
}

/** Each of `updates` reaches each of `watchers`. */
async function fanOut(load: Load, watchers: number, updates: number): Promise<void> {
  const version = await load.resourceVersion();
  const watches = Array.from({ length: watchers }, () => load.watch(version));
  await drive(updates, 4, (i) => load.patch(i, `fan-out ${i}`));
  while (watches.some((watch) => watch.events() < updates)) await pause(5);
  for (const watch of watches) watch.close();
}
