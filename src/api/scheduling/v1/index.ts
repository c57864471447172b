export { PriorityClass, PriorityClassSchema } from "./priorityClass.ts";
