import { closeSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { ANNOTATION, type RuntimeContainer } from "./runtimePod.ts";

const LONGEST = 4096;
const LONGEST_LOG = 2048;
const MOST_LINES = 80;

/** The file on this machine that is mounted as a container's termination log. */
export const terminationLogPath = (podDirectory: string, container: string, restartCount: number) =>
  join(podDirectory, "containers", container, String(restartCount));

/** What a container left as its last word: its termination log, or the end of its output if that is wanted and it failed. */
export function terminationMessage(podDirectory: string, container: RuntimeContainer): string {
  const file = terminationLogPath(podDirectory, container.name, container.restartCount);
  const written = readEnd(file, LONGEST, "start");
  if (written) return written;
  const policy = container.annotations[ANNOTATION.terminationMessagePolicy];
  if (policy !== "FallbackToLogsOnError" || container.exitCode === 0 || !container.logPath) return "";
  const raw = readEnd(container.logPath, LONGEST_LOG * 4, "end");
  return lastOutput(raw);
}

/** The last lines of what a container said, from the runtime's log format: a partial line (P) has no end of its own. */
export function lastOutput(raw: string): string {
  const entries = [...raw.matchAll(/^\S+ (?:stdout|stderr) ([FP])\S* (.*)$/gm)];
  const text = entries.map(([, tag, said]) => (tag === "F" ? `${said}\n` : said)).join("");
  const end = text.endsWith("\n") ? "\n" : "";
  const lines = text.slice(0, text.length - end.length).split("\n");
  return `${lines.slice(-MOST_LINES).join("\n")}${end}`.slice(-LONGEST_LOG);
}

function readEnd(path: string, length: number, from: "start" | "end"): string {
  try {
    const size = statSync(path).size;
    if (size <= length) return readFileSync(path, "utf8");
    const buffer = Buffer.alloc(length);
    const file = openSync(path, "r");
    try {
      readSync(file, buffer, 0, length, from === "start" ? 0 : size - length);
    } finally {
      closeSync(file);
    }
    return buffer.toString();
  } catch {
    return ""; // there is none: nothing was said
  }
}
