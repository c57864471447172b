export { type Apply, applyObject } from "./applyObject.ts";
export { managerName, trackUpdate, type Update } from "./trackUpdate.ts";
