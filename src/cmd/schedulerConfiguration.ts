import { readFile } from "node:fs/promises";
import { ConfigurationError, parseConfiguration, type SchedulerConfiguration } from "../scheduler/index.ts";
import { FlagError } from "./flags.ts";

/** Reads the file of a flag; what is wrong in it is a wrong flag. */
export async function readConfiguration(file: string, flag: string): Promise<SchedulerConfiguration> {
  try {
    return parseConfiguration(await readFile(file, "utf8"));
  } catch (error) {
    const isMissing = (error as { code?: string }).code === "ENOENT";
    if (!isMissing && !(error instanceof ConfigurationError)) throw error;
    throw new FlagError(`--${flag} ${file}:\n${(error as Error).message.replace(/^/gm, "  ")}`);
  }
}
