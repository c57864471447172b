export { Event, EventSchema } from "./event.ts";
export * from "./messages.ts";
