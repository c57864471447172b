export { cleanUpPolicies, enforcePolicies, type PolicyOptions } from "./policy/enforcer.ts";
export { cleanUpProxy, PROXY_MODES, type ProxyMode, type ProxyOptions, runProxy } from "./proxy.ts";
