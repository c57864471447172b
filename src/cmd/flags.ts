import { parseArgs } from "node:util";

/** A flag of a process: `--name=value`. */
export interface Flag {
  description: string;
  default?: string;
  required?: true;
}

export type Flags = Readonly<Record<string, Flag>>;
export type FlagValues<F extends Flags> = {
  [K in keyof F]: F[K] extends { default: string } | { required: true } ? string : string | undefined;
};

/** Wrong flags; the message says which. */
export class FlagError extends Error {}

/** Parses `--name=value` and `--name value`. Throws FlagError; answers "help" when it is asked for. */
export function parseFlags<F extends Flags>(flags: F, args: readonly string[]): FlagValues<F> | "help" {
  const options = Object.fromEntries(Object.keys(flags).map((name) => [name, { type: "string" as const }]));
  let values: Record<string, string | boolean | undefined>;
  try {
    values = parseArgs({ args: [...args], options: { ...options, help: { type: "boolean", short: "h" } } }).values;
  } catch (error) {
    throw new FlagError((error as Error).message);
  }
  if (values.help) return "help";
  const missing = Object.keys(flags).filter((name) => flags[name]!.required && values[name] === undefined);
  if (missing.length > 0) throw new FlagError(`${missing.map((name) => `--${name}`).join(", ")} must be given`);
  return Object.fromEntries(
    Object.keys(flags).map((name) => [name, values[name] ?? flags[name]!.default]),
  ) as FlagValues<F>;
}

export function flagsHelp(command: string, description: string, flags: Flags): string {
  const width = Math.max(...Object.keys(flags).map((name) => name.length));
  const lines = Object.entries(flags).map(([name, flag]) => {
    const more = flag.required ? " (required)" : flag.default !== undefined ? ` (default ${flag.default})` : "";
    return `  --${name.padEnd(width)}  ${flag.description}${more}`;
  });
  return `Usage: cox ${command} [flags]\n\nRuns ${description} until SIGTERM.\n\nFlags:\n${lines.join("\n")}\n`;
}

export function port(text: string, name: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 1 || value > 65535) throw new FlagError(`--${name}: "${text}" is no port`);
  return value;
}

/** A comma-separated list; empty when left out. */
export function list(text: string | undefined): string[] {
  return text === undefined || text === "" ? [] : text.split(",");
}

/** "a=1,b=2" */
export function pairs(text: string | undefined, name: string): Record<string, string> {
  return Object.fromEntries(
    list(text).map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1) throw new FlagError(`--${name}: "${pair}" is not key=value`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}
