export * from "./allocations.ts";
export * from "./claims.ts";
export * from "./consumers.ts";
export { DeviceClass, DeviceClassSchema, DeviceClassSpec } from "./deviceClass.ts";
export { isSelected, splitName } from "./deviceExpressions.ts";
export * from "./devices.ts";
export { ResourceClaim, ResourceClaimSchema } from "./resourceClaim.ts";
export {
  ResourceClaimTemplate,
  ResourceClaimTemplateSchema,
  ResourceClaimTemplateSpec,
} from "./resourceClaimTemplate.ts";
export { ResourceSlice, ResourceSliceSchema } from "./resourceSlice.ts";
export * from "./slices.ts";
