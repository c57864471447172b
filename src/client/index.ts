export type * from "./client.ts";
export {
  aborted,
  after,
  type Controller,
  type ControllerSpec,
  controller,
  done,
  type Outcome,
  type ReconcileContext,
  type Runtime,
  type Watch,
  watch,
} from "./controller.ts";
export { createClient } from "./createClient.ts";
export { createInformers, type InformersOptions } from "./createInformers.ts";
export {
  createEventRecorder,
  type EventOptions,
  type EventRecorder,
  type EventRecorderOptions,
  silentRecorder,
} from "./events.ts";
export { fencedTransport } from "./fence.ts";
export { type ClientCredentials, type HttpsOptions, httpsTransport } from "./https.ts";
export type * from "./informer.ts";
export { type ClusterAccess, loadKubeconfig } from "./kubeconfig.ts";
export { createLeaderElection, type LeaderElection, type LeaderElectionOptions } from "./leaderElection.ts";
export { type KindIdentity, keyOf, keyText, parseKey, resourcePath } from "./path.ts";
export { runAll } from "./runAll.ts";
export type * from "./transport.ts";
export { controllerOf, type View } from "./view.ts";
export { WorkQueue, type WorkQueueOptions } from "./workQueue.ts";
export { recordingClient, WrittenRevisions } from "./writes.ts";
