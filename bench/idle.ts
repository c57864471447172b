import { setTimeout as pause } from "node:timers/promises";
import { CLUSTER, cox } from "./cluster.ts";
import { cpuSeconds, familyOf, pssMegabytes } from "./processes.ts";
import type { Row } from "./row.ts";

const SETTLE = 20_000;
const WATCH = 30_000;
/** apiserver, etcd, controller-manager and scheduler of Kubernetes 1.36.2 on a machine of the same kind */
const KUBERNETES_MB = 538;

interface Status {
  components: { component: string; pid?: number }[];
}

/** Memory and CPU of each process, half a minute after the application is up. */
export async function benchIdle(): Promise<Row[]> {
  await cox("up", "-f", "examples/hello/", "--name", CLUSTER);
  try {
    await pause(SETTLE);
    const status = JSON.parse((await cox("status", "--name", CLUSTER, "-o", "json")).output) as Status;
    const running = status.components.filter((component) => component.pid !== undefined);
    const before = running.map(({ pid }) => cpuSeconds(pid!));
    await pause(WATCH);
    const rows: Row[] = [];
    running.forEach(({ component: name, pid }, i) => {
      const reference = name === "server" ? KUBERNETES_MB : undefined;
      rows.push({ name: `${name}, memory`, value: pssMegabytes(pid!), unit: "MB", reference });
      rows.push({ name: `${name}, CPU`, value: ((cpuSeconds(pid!) - before[i]!) / WATCH) * 1e6, unit: "ms/s" });
    });
    const all = running.flatMap(({ pid }) => familyOf(pid!));
    return [
      ...rows,
      { name: "all processes, memory", value: all.reduce((sum, pid) => sum + pssMegabytes(pid), 0), unit: "MB" },
    ];
  } finally {
    await cox("down", "--name", CLUSTER);
  }
}
