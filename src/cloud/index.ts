import { type Controller, type Runtime, runAll } from "../client/index.ts";
import { cloudNodeController, cloudNodeLifecycleController } from "./nodeLoops.ts";
import type { CloudProvider } from "./provider.ts";
import { routeController } from "./routeLoop.ts";
import { serviceController } from "./serviceLoop.ts";

export { createLinodeProvider, parseLinodeConfig } from "./linode/index.ts";
export { type LocalMachine, type LocalMachines, localProvider } from "./local/localProvider.ts";
export type * from "./provider.ts";

/** The loops for which the provider has what they need. */
export function cloudControllers(provider: CloudProvider): Controller[] {
  const { instances, loadBalancers, routes } = provider;
  return [
    ...(instances ? [cloudNodeController(instances), cloudNodeLifecycleController({ ...provider, instances })] : []),
    ...(loadBalancers ? [serviceController(loadBalancers)] : []),
    ...(routes ? [routeController(routes)] : []),
  ];
}

/** Runs the loops until `signal` aborts; rejects when one of them cannot go on. */
export function runCloudControllerManager(
  { provider, ...runtime }: Runtime & { provider: CloudProvider },
  signal: AbortSignal,
): Promise<void> {
  return runAll(cloudControllers(provider), () => runtime, signal);
}
