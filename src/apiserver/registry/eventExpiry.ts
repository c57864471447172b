import { Event } from "../../api/core/v1/index.ts";
import { RevisionMismatchError } from "../../store/backend.ts";
import type { Timer } from "../../util/clock.ts";
import type { Entry } from "../cache/entry.ts";
import { prefixOf } from "../cache/watchCache.ts";
import type { Registry } from "./registry.ts";

const KEPT = 3_600_000;
const SWEEP_EVERY = 60_000;

/** Removes Events an hour after they were last written. Answers how to stop. */
export function expireEvents(registry: Registry): () => void {
  const { cache, clock, logger } = registry;
  const events = cache.of(Event as never);
  /** by key, when it was last written; in that order */
  const written = new Map<string, { entry: Entry; at: number }>();
  for (const entry of events.current.values()) written.set(entry.key, { entry, at: clock.now() });
  events.onChange(({ key, entry }) => {
    written.delete(key);
    if (entry) written.set(key, { entry, at: clock.now() });
    if (entry && !timer) plan();
  });
  const remove = async (entry: Entry) => {
    try {
      await cache.backend.delete(prefixOf(Event as never) + entry.key, entry.revision);
    } catch (error) {
      // Written again in the meantime: it lives on. Anything else is tried again with the next sweep.
      if (!(error instanceof RevisionMismatchError))
        logger.warn("could not remove an expired event", { key: entry.key, error });
    }
  };
  const sweep = () => {
    const due = clock.now() - KEPT;
    for (const { entry, at } of written.values()) {
      if (at > due) break;
      void remove(entry);
    }
    timer = undefined;
    if (written.size > 0) plan();
  };
  let timer: Timer | undefined;
  const plan = () => {
    timer = clock.setTimer(SWEEP_EVERY, sweep);
  };
  if (written.size > 0) plan();
  return () => timer?.cancel();
}
