import type { Method } from "../../util/grpc/channel.ts";
import {
  bool,
  bytes,
  type Decoded,
  id,
  int64,
  list,
  message,
  nested,
  oneOf,
  string,
  uint64,
  type WireMessage,
} from "../../util/grpc/wire.ts";

/** etcd's v3 protocol, as much of it as is used. Keys are text here; values are bytes. */

export const Header = message({ clusterId: id(1), memberId: id(2), revision: int64(3), term: uint64(4) });

export const KeyValue = message({
  key: string(1),
  createRevision: int64(2),
  modRevision: int64(3),
  version: int64(4),
  value: bytes(5),
});
export type KeyValue = Decoded<typeof KeyValue>;

export const RangeRequest = message({
  key: string(1),
  rangeEnd: string(2),
  limit: int64(3),
  revision: int64(4),
  serializable: bool(7),
  keysOnly: bool(8),
  countOnly: bool(9),
});
export const RangeResponse = message({
  header: nested(1, Header),
  kvs: list(2, KeyValue),
  more: bool(3),
  count: int64(4),
});
const PutRequest = message({ key: string(1), value: bytes(2) });
const DeleteRangeRequest = message({ key: string(1), rangeEnd: string(2) });

const RequestOp = message({
  range: nested(1, RangeRequest),
  put: nested(2, PutRequest),
  deleteRange: nested(3, DeleteRangeRequest),
});
const ResponseOp = message({ range: nested(1, RangeResponse) });
const Compare = message({
  result: oneOf(1, "EQUAL", "GREATER", "LESS", "NOT_EQUAL"),
  target: oneOf(2, "VERSION", "CREATE", "MOD", "VALUE"),
  key: string(3),
  version: int64(4),
  modRevision: int64(6),
});
export const TxnRequest = message({
  compare: list(1, Compare),
  success: list(2, RequestOp),
  failure: list(3, RequestOp),
});
export const TxnResponse = message({ header: nested(1, Header), succeeded: bool(2), responses: list(3, ResponseOp) });
export type TxnResponse = Decoded<typeof TxnResponse>;

const CompactionRequest = message({ revision: int64(1), physical: bool(2) });
const HeaderOnly = message({ header: nested(1, Header) });
const Empty = message({});

const WatchCreateRequest = message({
  key: string(1),
  rangeEnd: string(2),
  startRevision: int64(3),
  progressNotify: bool(4),
  previousKeyValue: bool(6),
});
export const WatchRequest = message({ create: nested(1, WatchCreateRequest) });
const Event = message({ type: oneOf(1, "PUT", "DELETE"), kv: nested(2, KeyValue), previous: nested(3, KeyValue) });
export type Event = Decoded<typeof Event>;
export const WatchResponse = message({
  header: nested(1, Header),
  created: bool(3),
  canceled: bool(4),
  compactRevision: int64(5),
  cancelReason: string(6),
  events: list(11, Event),
});

const StatusResponse = message({
  header: nested(1, Header),
  version: string(2),
  dbSize: int64(3),
  leader: id(4),
  raftIndex: uint64(5),
  raftTerm: uint64(6),
  errors: list(8, "string"),
  dbSizeInUse: int64(9),
  isLearner: bool(10),
});
export type MemberStatus = Decoded<typeof StatusResponse>;
const ALARMS = ["NONE", "NOSPACE", "CORRUPT"] as const;
const AlarmMember = message({ memberId: id(1), alarm: oneOf(2, ...ALARMS) });
export type Alarm = Decoded<typeof AlarmMember>;
const AlarmRequest = message({
  action: oneOf(1, "GET", "ACTIVATE", "DEACTIVATE"),
  memberId: id(2),
  alarm: oneOf(3, ...ALARMS),
});
const AlarmResponse = message({ header: nested(1, Header), alarms: list(2, AlarmMember) });
const SnapshotResponse = message({ header: nested(1, Header), remaining: uint64(2), blob: bytes(3) });

const Member = message({
  id: id(1),
  name: string(2),
  peerURLs: list(3, "string"),
  clientURLs: list(4, "string"),
  isLearner: bool(5),
});
export type Member = Decoded<typeof Member>;
const MemberAddRequest = message({ peerURLs: list(1, "string"), isLearner: bool(2) });
const MemberAddResponse = message({ header: nested(1, Header), member: nested(2, Member), members: list(3, Member) });
const MemberRequest = message({ id: id(1) });
const MembersResponse = message({ header: nested(1, Header), members: list(2, Member) });

function method<Q, R>(path: string, request: WireMessage<Q>, response: WireMessage<R>): Method<Q, R> {
  return { path: `/etcdserverpb.${path}`, request, response };
}

export const RANGE = method("KV/Range", RangeRequest, RangeResponse);
export const TXN = method("KV/Txn", TxnRequest, TxnResponse);
export const COMPACT = method("KV/Compact", CompactionRequest, HeaderOnly);
export const WATCH = method("Watch/Watch", WatchRequest, WatchResponse);
export const STATUS = method("Maintenance/Status", Empty, StatusResponse);
export const ALARM = method("Maintenance/Alarm", AlarmRequest, AlarmResponse);
export const SNAPSHOT = method("Maintenance/Snapshot", Empty, SnapshotResponse);
export const DEFRAGMENT = method("Maintenance/Defragment", Empty, HeaderOnly);
export const MOVE_LEADER = method("Maintenance/MoveLeader", MemberRequest, HeaderOnly);
export const MEMBER_LIST = method("Cluster/MemberList", Empty, MembersResponse);
export const MEMBER_ADD = method("Cluster/MemberAdd", MemberAddRequest, MemberAddResponse);
export const MEMBER_REMOVE = method("Cluster/MemberRemove", MemberRequest, MembersResponse);
export const MEMBER_PROMOTE = method("Cluster/MemberPromote", MemberRequest, MembersResponse);
