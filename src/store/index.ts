export * from "./backend.ts";
export { type EmbeddedOptions, openEmbeddedBackend } from "./embedded.ts";
export * from "./errors.ts";
export { type EtcdOptions, openEtcdBackend } from "./etcd/etcdBackend.ts";
export type { HistoryLimits } from "./ledger.ts";
export { createMemoryBackend } from "./memory.ts";
