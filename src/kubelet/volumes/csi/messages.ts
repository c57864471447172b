/** The Container Storage Interface (csi.v1) as a kubelet speaks it. */
import type { Method } from "../../../util/grpc/channel.ts";
import {
  bool,
  type Decoded,
  type Encodable,
  int64,
  list,
  message,
  nested,
  oneOf,
  string,
  stringMap,
  type WireMessage,
} from "../../../util/grpc/wire.ts";

const Nothing = message({});

// --- csi.v1.Node ---

const ACCESS_MODES = [
  "UNKNOWN",
  "SINGLE_NODE_WRITER",
  "SINGLE_NODE_READER_ONLY",
  "MULTI_NODE_READER_ONLY",
  "MULTI_NODE_SINGLE_WRITER",
  "MULTI_NODE_MULTI_WRITER",
  "SINGLE_NODE_SINGLE_WRITER",
  "SINGLE_NODE_MULTI_WRITER",
] as const;
export type AccessMode = (typeof ACCESS_MODES)[number];

const BlockVolume = message({});
const MountVolume = message({ fsType: string(1), mountFlags: list(2, "string"), volumeMountGroup: string(3) });
const AccessModeMessage = message({ mode: oneOf(1, ...ACCESS_MODES) });
/** either `block` or `mount` */
const VolumeCapability = message({
  block: nested(1, BlockVolume),
  mount: nested(2, MountVolume),
  accessMode: nested(3, AccessModeMessage),
});
export type VolumeCapability = Encodable<Decoded<typeof VolumeCapability>>;

const NodeStageVolumeRequest = message({
  volumeId: string(1),
  publishContext: stringMap(2),
  stagingTargetPath: string(3),
  volumeCapability: nested(4, VolumeCapability),
  secrets: stringMap(5),
  volumeContext: stringMap(6),
});
const NodeUnstageVolumeRequest = message({ volumeId: string(1), stagingTargetPath: string(2) });
const NodePublishVolumeRequest = message({
  volumeId: string(1),
  publishContext: stringMap(2),
  stagingTargetPath: string(3),
  targetPath: string(4),
  volumeCapability: nested(5, VolumeCapability),
  readonly: bool(6),
  secrets: stringMap(7),
  volumeContext: stringMap(8),
});
const NodeUnpublishVolumeRequest = message({ volumeId: string(1), targetPath: string(2) });

const NodeGetVolumeStatsRequest = message({ volumeId: string(1), volumePath: string(2), stagingTargetPath: string(3) });
const Usage = message({
  available: int64(1),
  total: int64(2),
  used: int64(3),
  unit: oneOf(4, "UNKNOWN", "BYTES", "INODES"),
});
const VolumeCondition = message({ abnormal: bool(1), message: string(2) });
const NodeGetVolumeStatsResponse = message({ usage: list(1, Usage), volumeCondition: nested(2, VolumeCondition) });

const CapacityRange = message({ requiredBytes: int64(1), limitBytes: int64(2) });
const NodeExpandVolumeRequest = message({
  volumeId: string(1),
  volumePath: string(2),
  capacityRange: nested(3, CapacityRange),
  stagingTargetPath: string(4),
  volumeCapability: nested(5, VolumeCapability),
  secrets: stringMap(6),
});
const NodeExpandVolumeResponse = message({ capacityBytes: int64(1) });

const CAPABILITIES = [
  "UNKNOWN",
  "STAGE_UNSTAGE_VOLUME",
  "GET_VOLUME_STATS",
  "EXPAND_VOLUME",
  "VOLUME_CONDITION",
  "SINGLE_NODE_MULTI_WRITER",
  "VOLUME_MOUNT_GROUP",
] as const;
export type NodeCapability = (typeof CAPABILITIES)[number];
const Rpc = message({ type: oneOf(1, ...CAPABILITIES) });
const NodeServiceCapability = message({ rpc: nested(1, Rpc) });
const NodeGetCapabilitiesResponse = message({ capabilities: list(1, NodeServiceCapability) });

const Topology = message({ segments: stringMap(1) });
const NodeGetInfoResponse = message({
  nodeId: string(1),
  maxVolumesPerNode: int64(2),
  accessibleTopology: nested(3, Topology),
});
export type NodeInfo = Decoded<typeof NodeGetInfoResponse>;

const node = <Q, A>(name: string, request: WireMessage<Q>, response: WireMessage<A>): Method<Q, A> => ({
  path: `/csi.v1.Node/${name}`,
  request,
  response,
});
export const NODE = {
  stage: node("NodeStageVolume", NodeStageVolumeRequest, Nothing),
  unstage: node("NodeUnstageVolume", NodeUnstageVolumeRequest, Nothing),
  publish: node("NodePublishVolume", NodePublishVolumeRequest, Nothing),
  unpublish: node("NodeUnpublishVolume", NodeUnpublishVolumeRequest, Nothing),
  stats: node("NodeGetVolumeStats", NodeGetVolumeStatsRequest, NodeGetVolumeStatsResponse),
  expand: node("NodeExpandVolume", NodeExpandVolumeRequest, NodeExpandVolumeResponse),
  capabilities: node("NodeGetCapabilities", Nothing, NodeGetCapabilitiesResponse),
  info: node("NodeGetInfo", Nothing, NodeGetInfoResponse),
};
export type StageRequest = Encodable<Decoded<typeof NodeStageVolumeRequest>>;
export type PublishRequest = Encodable<Decoded<typeof NodePublishVolumeRequest>>;
export type ExpandRequest = Encodable<Decoded<typeof NodeExpandVolumeRequest>>;
