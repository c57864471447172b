export { cleanUpProxy, type ProxyOptions, runProxy } from "./proxy.ts";
