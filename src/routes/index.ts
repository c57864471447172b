export { type RoutesOptions, runRoutes } from "./runRoutes.ts";
