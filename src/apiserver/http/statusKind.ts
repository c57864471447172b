import { encodeProtobuf } from "../../apimachinery/codec/protobuf.ts";
import { ListMeta, ObjectMeta } from "../../apimachinery/meta.ts";
import { int32, list, message, string, struct } from "../../apimachinery/schema.ts";
import type { Status } from "../../apimachinery/status.ts";

const META = "io.k8s.apimachinery.pkg.apis.meta.v1";

const StatusCause = message(`${META}.StatusCause`, { reason: string(1), message: string(2), field: string(3) });

const StatusDetails = message(`${META}.StatusDetails`, {
  name: string(1),
  group: string(2),
  kind: string(3),
  causes: list(4, StatusCause),
  retryAfterSeconds: int32(5),
  uid: string(6),
});

const StatusSchema = message(`${META}.Status`, {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ListMeta),
  status: string(2),
  message: string(3),
  reason: string(4),
  details: struct(5, StatusDetails).optional,
  code: int32(6),
});

/** A Status with protobuf's envelope. */
export function statusProtobuf(status: Status): Uint8Array {
  return encodeProtobuf({ apiVersion: "v1", kind: "Status", schema: StatusSchema }, status);
}

const PartialSchema = message(`${META}.PartialObjectMetadata`, {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
});

/** What `encodeProtobuf` needs to know of PartialObjectMetadata. */
export const PartialObjectMetadata = {
  apiVersion: "meta.k8s.io/v1",
  kind: "PartialObjectMetadata",
  schema: PartialSchema,
};
