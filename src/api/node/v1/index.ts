export { RuntimeClass, RuntimeClassSchema } from "./runtimeClass.ts";
export * from "./runtimeClassMessages.ts";
