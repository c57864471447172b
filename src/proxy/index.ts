export { cleanUpPolicies, enforcePolicies, type PolicyOptions } from "./policy/enforcer.ts";
export { cleanUpProxy, type ProxyOptions, runProxy } from "./proxy.ts";
