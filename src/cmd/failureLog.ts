import { supervisorOf } from "../cluster/lifecycle.ts";
import { lastLines } from "../cluster/logs.ts";
import { realClock } from "../util/clock.ts";

const LINES = 8;

/** The end of a component's log, to print below a failure. */
export async function lastLogLines(component: string): Promise<string> {
  const at = process.argv.indexOf("--name");
  const name = (at > 0 ? process.argv[at + 1] : process.env.COXSWAIN_NAME) ?? "coxswain";
  const lines = await lastLines(supervisorOf(name, realClock).logFile(component), LINES);
  if (lines.length === 0) return "";
  const more = `cox logs ${component}${name === "coxswain" ? "" : ` --name ${name}`}`;
  return `the last lines of ${more}:\n${lines.map((line) => `  ${line.slice(0, 300)}\n`).join("")}`;
}
