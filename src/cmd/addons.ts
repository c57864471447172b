import { readFile } from "node:fs/promises";
import { isAlreadyExists, isConflict } from "../apimachinery/status.ts";
import type { ApiServer } from "../apiserver/index.ts";
import { applyManifests } from "../cli/apply.ts";
import type { Manifest } from "../cli/manifests.ts";
import type { ProcessContext } from "./process.ts";

export const ADDONS_FLAG = {
  "addons-file": { description: "objects that every start applies before others are answered, as a list in JSON" },
} as const;

const ADMINISTRATOR = { name: "system:apiserver", groups: ["system:masters", "system:authenticated"] };
/** Something that looks at each object, such as a webhook, may not answer before the server does. */
const AT_MOST = 5000;
const AGAIN = 1000;
const SOON = 50;

/**
 * Applies what the cluster has besides what the API server makes for itself. Others meet it from their first request
 * on; only when it cannot be applied in time, it is tried again while they are answered.
 */
export async function applyAddons(file: string, api: ApiServer, context: ProcessContext): Promise<void> {
  const enough = new AbortController();
  await Promise.race([
    keepApplying(file, api, context),
    context.clock.sleep(AT_MOST, enough.signal).catch(() => undefined), // they were applied
  ]);
  enough.abort();
}

async function keepApplying(file: string, api: ApiServer, { clock, logger, signal }: ProcessContext): Promise<void> {
  const objects = JSON.parse(await readFile(file, "utf8")) as Manifest["object"][];
  const transport = api.directTransport(ADMINISTRATOR);
  const manifests = objects.map((object) => ({ source: file, object }));
  while (!signal.aborted) {
    let wait = AGAIN;
    try {
      await applyManifests(transport, manifests, { signal });
      return;
    } catch (error) {
      const cause = error instanceof Error ? error.cause : undefined;
      // another server of the cluster has begun at the same moment, and applies the same
      if (isAlreadyExists(cause) || isConflict(cause)) wait = SOON;
      else if (!signal.aborted) logger.warn("add-ons could not be applied; trying again", { error });
    }
    await clock.sleep(wait, signal).catch(() => undefined); // the server ends
  }
}
