/** `npm run bench [-- name…] [-- --json FILE]`: runs the benchmarks of bench/README.md and prints their figures. */
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { benchApi } from "./api.ts";
import { startApi } from "./apiProcess.ts";
import { benchColdStart } from "./coldstart.ts";
import { benchControlPlanes } from "./controlPlanes.ts";
import { benchIdle } from "./idle.ts";
import { benchNode } from "./node.ts";
import { printRows, type Row } from "./row.ts";
import { benchScheduling } from "./scheduling.ts";
import { benchSchedulingParts } from "./schedulingParts.ts";

const BENCHMARKS: Record<string, { title: string; run: () => Promise<Row[]> }> = {
  api: { title: "API server: 5,000 Pods of 1 KB, 16 clients", run: runApi },
  coldstart: { title: "cox up -f examples/hello/, from down to answering (median of five)", run: benchColdStart },
  idle: { title: "an idle cluster with examples/hello/", run: benchIdle },
  node: { title: "Pods on a real node", run: benchNode },
  "control-planes": { title: "one control plane and three", run: benchControlPlanes },
  scheduling: { title: "scheduling on 1,000 simulated nodes", run: () => benchScheduling(1000) },
  "scheduling-parts": {
    title: "what a Pod costs, by process and part of the server",
    run: () => benchSchedulingParts(),
  },
  "scheduling-5000": { title: "scheduling on 5,000 simulated nodes", run: () => benchScheduling(5000) },
};

async function runApi(): Promise<Row[]> {
  const server = await startApi();
  try {
    return await benchApi(server);
  } finally {
    await server.stop();
  }
}

const { values, positionals } = parseArgs({ options: { json: { type: "string" } }, allowPositionals: true });
const unknown = positionals.filter((name) => !(name in BENCHMARKS));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(", ")}; there are ${Object.keys(BENCHMARKS).join(", ")}`);
  process.exit(2);
}
const results: Record<string, Row[]> = {};
for (const [name, { title, run }] of Object.entries(BENCHMARKS)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  results[name] = await run();
  printRows(title, results[name]);
}
if (values.json) writeFileSync(values.json, `${JSON.stringify(results, null, 2)}\n`);
