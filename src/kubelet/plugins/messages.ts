/** How plug-ins make themselves known to a kubelet (pluginregistration, version 1). */
import type { Method } from "../../util/grpc/channel.ts";
import { bool, type Decoded, list, message, string, type WireMessage } from "../../util/grpc/wire.ts";

const InfoRequest = message({});
const PluginInfo = message({
  type: string(1),
  name: string(2),
  endpoint: string(3),
  supportedVersions: list(4, "string"),
});
export type PluginInfo = Decoded<typeof PluginInfo>;
const RegistrationStatus = message({ pluginRegistered: bool(1), error: string(2) });
const RegistrationStatusResponse = message({});

const method = <Q, A>(name: string, request: WireMessage<Q>, response: WireMessage<A>): Method<Q, A> => ({
  path: `/pluginregistration.Registration/${name}`,
  request,
  response,
});
export const REGISTRATION = {
  getInfo: method("GetInfo", InfoRequest, PluginInfo),
  notifyRegistrationStatus: method("NotifyRegistrationStatus", RegistrationStatus, RegistrationStatusResponse),
};
