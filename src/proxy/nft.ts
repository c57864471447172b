import { spawn } from "node:child_process";

export class CommandError extends Error {
  readonly code: number | null;
  constructor(command: string, code: number | null, stderr: string) {
    super(`${command} failed (${code}): ${stderr.trim().slice(0, 2000) || "it said nothing"}`);
    this.code = code;
  }
}

/** Runs a command to its end, with `input`; answers what it printed. Throws CommandError. */
export function run(command: string, args: readonly string[], input = ""): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk;
    });
    // A command that ends before it read everything says why on stderr.
    child.stdin.on("error", () => {});
    child.on("error", reject);
    child.on("close", (code) => (code === 0 ? resolve(stdout) : reject(new CommandError(command, code, stderr))));
    child.stdin.end(input);
  });
}

/** Carries out one transaction: all of it or nothing. */
export async function applyNft(script: string): Promise<void> {
  if (script !== "") await run("nft", ["-f", "-"], script);
}
