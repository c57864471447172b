export { Lease, LeaseSchema } from "./lease.ts";
export * from "./messages.ts";
