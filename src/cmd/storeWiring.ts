import { readFile } from "node:fs/promises";
import { type Backend, openEmbeddedBackend, openEtcdBackend, StoreUnavailableError } from "../store/index.ts";
import { FlagError, type FlagValues, list } from "./flags.ts";
import type { ProcessContext } from "./process.ts";

/** Where Kubernetes keeps its objects, and so do we. */
const ETCD_PREFIX = "/registry";

/** kube-apiserver's flags for etcd. */
export const ETCD_FLAGS = {
  "etcd-servers": { description: "etcd members, separated by commas; the first is used while it answers" },
  "etcd-cafile": { description: "authority of the members' certificates" },
  "etcd-certfile": { description: "certificate to show to the members" },
  "etcd-keyfile": { description: "key of that certificate" },
  "etcd-prefix": { description: "what all keys in etcd begin with", default: ETCD_PREFIX },
  "etcd-compaction-interval": { description: "seconds between compactions; 0: none", default: "300" },
} as const;

type EtcdFlags = FlagValues<typeof ETCD_FLAGS>;

/** Where the members are, and how to show ourselves to them. */
export async function etcdAccess(flags: Omit<EtcdFlags, "etcd-compaction-interval" | "etcd-prefix">) {
  const endpoints = list(flags["etcd-servers"]);
  for (const endpoint of endpoints) {
    if (!/^https?:\/\/[^/]+$/.test(endpoint))
      throw new FlagError(`--etcd-servers: "${endpoint}" is no https://host:port`);
  }
  const read = (path: string | undefined) => (path === undefined ? undefined : readFile(path));
  const [ca, cert, key] = await Promise.all(
    [flags["etcd-cafile"], flags["etcd-certfile"], flags["etcd-keyfile"]].map(read),
  );
  return { endpoints, tls: { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) } };
}

/** As kube-apiserver takes it: with or without the slashes around it. */
function etcdPrefix(text: string): string {
  const prefix = text.replace(/^\/+|\/+$/g, "");
  if (prefix === "") throw new FlagError("--etcd-prefix: must name something, such as /clusters/a");
  return `/${prefix}`;
}

/** How long a starting server waits for etcd, which may be starting too. */
const PATIENCE = 60_000;

/** The embedded store, or etcd when members are named. */
export async function openStore(
  flags: EtcdFlags & { "data-dir": string | undefined },
  context: ProcessContext,
): Promise<Backend> {
  const directory = flags["data-dir"];
  if (!flags["etcd-servers"]) {
    if (directory === undefined) throw new FlagError("--data-dir or --etcd-servers must be given");
    return openEmbeddedBackend({ directory });
  }
  const { clock, signal } = context;
  const logger = context.logger.with({ part: "etcd" });
  const access = await etcdAccess(flags);
  const compactEvery = Number(flags["etcd-compaction-interval"]) * 1_000;
  const renamed = { from: `${ETCD_PREFIX}/`, to: `${etcdPrefix(flags["etcd-prefix"])}/` };
  const until = clock.elapsed() + PATIENCE;
  for (;;) {
    try {
      return await openEtcdBackend({ ...access, compactEvery, renamed, clock, logger });
    } catch (error) {
      if (!(error instanceof StoreUnavailableError) || clock.elapsed() > until) throw error;
      logger.info("waiting for etcd", { error: error.message });
      await clock.sleep(500, signal);
    }
  }
}
