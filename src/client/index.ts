export type * from "./client.ts";
export { createClient } from "./createClient.ts";
export { createInformers, type InformersOptions } from "./createInformers.ts";
export { type HttpsOptions, httpsTransport } from "./https.ts";
export type * from "./informer.ts";
export { type ClusterAccess, loadKubeconfig } from "./kubeconfig.ts";
export { type KindIdentity, keyOf, keyText, parseKey, resourcePath } from "./path.ts";
export type * from "./transport.ts";
