export { type Apply, applyObject } from "./applyObject.ts";
export { emptyToNull } from "./emptyToNull.ts";
export { managerName, trackUpdate, type Update } from "./trackUpdate.ts";
