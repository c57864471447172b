export { Eviction, EvictionSchema } from "./eviction.ts";
