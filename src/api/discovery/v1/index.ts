export { EndpointSlice, EndpointSliceSchema } from "./endpointSlice.ts";
export * from "./messages.ts";
