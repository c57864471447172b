/** Dynamic resource allocation as a kubelet speaks it with drivers. */
import type { Method } from "../../util/grpc/channel.ts";
import { type Decoded, list, message, nested, string, type WireMessage } from "../../util/grpc/wire.ts";

const Claim = message({ namespace: string(1), uid: string(2), name: string(3) });
export type ClaimName = Decoded<typeof Claim>;
const Claims = message({ claims: list(1, Claim) });

const Device = message({
  requestNames: list(1, "string"),
  poolName: string(2),
  deviceName: string(3),
  cdiDeviceIds: list(4, "string"),
});
export type PreparedDevice = Decoded<typeof Device>;

const Prepared = message({ devices: list(1, Device), error: string(2) });
/** Maps by the claim's UID: on the wire, lists of keys with their values. */
const PrepareResponse = message({ claims: list(1, message({ key: string(1), value: nested(2, Prepared) })) });
const Unprepared = message({ error: string(1) });
const UnprepareResponse = message({ claims: list(1, message({ key: string(1), value: nested(2, Unprepared) })) });

const method = <Q, A>(
  service: string,
  name: string,
  request: WireMessage<Q>,
  response: WireMessage<A>,
): Method<Q, A> => ({ path: `/${service}/${name}`, request, response });

/** By what a driver calls it when it registers; the two differ in nothing but the service's name. */
export const DRA_VERSIONS = ["v1", "v1beta1"].map((version) => {
  const service = `k8s.io.kubelet.pkg.apis.dra.${version}.DRAPlugin`;
  return {
    name: `${version}.DRAPlugin`,
    prepare: method(service, "NodePrepareResources", Claims, PrepareResponse),
    unprepare: method(service, "NodeUnprepareResources", Claims, UnprepareResponse),
  };
});
export type DraVersion = (typeof DRA_VERSIONS)[number];
