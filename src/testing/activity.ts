import { setImmediate } from "node:timers/promises";
import type { Transport, TransportEvent, TransportRequest } from "../client/transport.ts";

/** So many turns of the event loop without a request or a watch event mean that nothing is under way. */
const QUIET_TURNS = 10;

/** Counts what goes over transports, so that one can tell when a cluster has come to rest. */
export class Activity {
  #count = 0;
  #underWay = 0;

  /** The same transport, counted. */
  observe(transport: Transport): Transport {
    return {
      request: async (request: TransportRequest) => {
        this.#count++;
        this.#underWay++;
        try {
          return await transport.request(request);
        } finally {
          this.#underWay--;
        }
      },
      watch: (request) => this.#watch(transport, request),
      close: () => transport.close(),
    };
  }

  async *#watch(
    transport: Transport,
    request: TransportRequest & { signal: AbortSignal },
  ): AsyncGenerator<readonly TransportEvent[]> {
    for await (const batch of transport.watch(request)) {
      this.#count++;
      yield batch;
    }
  }

  /** Resolves when nothing is under way and nothing has happened for a while; `poke` may start more, and says so. */
  async quiet(poke: () => boolean): Promise<void> {
    let before = -1;
    for (let turns = 0; turns < QUIET_TURNS; turns++) {
      const fired = poke();
      if (fired || this.#underWay > 0 || this.#count !== before) turns = 0;
      before = this.#count;
      await setImmediate();
    }
  }
}
