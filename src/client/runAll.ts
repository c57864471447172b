import type { Controller, Runtime } from "./controller.ts";
import { createEventRecorder } from "./events.ts";

/** Runs controllers side by side until `signal` aborts; when one of them cannot go on, all end, and this rejects. */
export async function runAll(
  controllers: readonly Controller[],
  runtimeOf: (controller: Controller) => Runtime,
  signal: AbortSignal,
): Promise<void> {
  const failed = new AbortController();
  const ends = AbortSignal.any([signal, failed.signal]);
  const runs = controllers.map(async (controller) => {
    const runtime = runtimeOf(controller);
    const events = createEventRecorder({ ...runtime, component: `${controller.name}-controller` });
    try {
      await controller.run({ ...runtime, events }, ends);
    } catch (error) {
      failed.abort(error);
      throw error;
    } finally {
      await events.flush();
    }
  });
  await Promise.all(runs);
}
