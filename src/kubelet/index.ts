export { CertificateManager } from "./certificates/manager.ts";
export { fileStore } from "./certificates/store.ts";
export { runKubelet } from "./kubelet.ts";
export type { KubeletOptions } from "./options.ts";
export { type RemoveAllOptions, removeAllPods } from "./removeAllPods.ts";
