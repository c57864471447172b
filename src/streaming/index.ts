export { type DialledCommand, type DialledPort, dialPortForward, dialRemoteCommand } from "./dial.ts";
export { acceptPortForward, type PortForwardStream, relayPortForward } from "./portForward.ts";
export { acceptRemoteCommand, type RemoteCommand } from "./remoteCommand.ts";
export { type RemoteStatus, SUCCESS, type TerminalSize, type Wants } from "./remoteStatus.ts";
export { carrierOf, refuseUpgrade } from "./upgrade.ts";
