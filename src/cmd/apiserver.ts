import { APISERVER_FLAGS, openApiServer } from "./apiserverWiring.ts";
import { processCommand } from "./process.ts";

export const main = processCommand(
  "apiserver",
  "the API server with its embedded store",
  APISERVER_FLAGS,
  async (flags, context) => {
    const api = await openApiServer(flags, context);
    await api.listen();
    context.logger.info("listening", { port: flags["secure-port"] });
    await untilAborted(context.signal);
    await api.close();
  },
);

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
