import { Agent, request } from "node:https";
import { text } from "node:stream/consumers";
import type { Clock } from "../../util/clock.ts";
import type { KubeletTLS } from "../http/forward.ts";
import type { ReadNode } from "./measurements.ts";
import { parseReading } from "./reading.ts";

/** A kubelet that takes longer (ms) is not waited for. */
const PATIENCE = 10_000;

/** Reads a kubelet's /metrics/resource at the address that `addressOf` gives for a node. */
export function kubeletReader(options: { tls: KubeletTLS; clock: Clock; addressOf: (node: string) => string }): {
  read: ReadNode;
  close(): void;
} {
  const { cert, key, ca } = options.tls;
  const agent = new Agent({ cert, key, ca, rejectUnauthorized: ca !== undefined, keepAlive: true, maxFreeSockets: 1 });
  return {
    read: async (node) => {
      const body = await get(`${options.addressOf(node)}/metrics/resource`, agent, options.clock);
      return parseReading(body, options.clock.now());
    },
    close: () => agent.destroy(),
  };
}

async function get(url: string, agent: Agent, clock: Clock): Promise<string> {
  const done = new AbortController();
  const timer = clock.setTimer(PATIENCE, () => done.abort(new Error(`no answer within ${PATIENCE / 1000} s`)));
  try {
    return await new Promise((resolve, reject) => {
      const asked = request(url, { agent, signal: done.signal }, (response) => {
        const body = text(response);
        const { statusCode } = response;
        body.then(
          (it) => (statusCode === 200 ? resolve(it) : reject(new Error(`${statusCode}: ${it.trim()}`))),
          reject,
        );
      });
      asked.on("error", reject).end();
    });
  } finally {
    timer.cancel();
  }
}
