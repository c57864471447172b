import { encodeWatchEventProtobuf } from "../../apimachinery/codec/protobuf.ts";
import { StatusError } from "../../apimachinery/status.ts";
import type { WatchNotice } from "../cache/watcher.ts";
import type { Answer, Call } from "../pipeline/call.ts";
import { bookmark } from "../registry/bookmarks.ts";
import { viewNotice } from "../registry/views.ts";
import { includeObject, partialProtobuf } from "./encode.ts";
import type { Accepted } from "./negotiate.ts";
import { statusProtobuf } from "./statusKind.ts";
import { partialMetadata, table } from "./table.ts";

type WatchAnswer = Answer & { type: "watch" };
/** An event as the bytes of one frame. */
type Frame = (notice: WatchNotice) => Uint8Array;

const line = (type: string, object: unknown) => Buffer.from(`${JSON.stringify({ type, object })}\n`);

const protobufFrames = new WeakMap<WatchNotice, Uint8Array>();

function protobufFrame(notice: WatchNotice): Uint8Array {
  let frame = protobufFrames.get(notice);
  if (!frame) {
    frame = encodeWatchEventProtobuf(notice.type, notice.entry.protobuf);
    protobufFrames.set(notice, frame);
  }
  return frame;
}

function tableFrame(call: Call, { kind }: WatchAnswer): Frame {
  let first = true;
  const include = includeObject(call.incoming.query);
  return ({ type, entry }) => {
    const { resourceVersion } = entry.object.metadata;
    const options = { metadata: { resourceVersion }, now: call.now, include, definitions: first };
    first = false;
    return line(type, table(kind, [entry], options));
  };
}

export function frameOf(call: Call, answer: WatchAnswer, accepted: Accepted): Frame {
  const { kind } = answer;
  if (accepted.shape === "Table") return tableFrame(call, answer);
  if (accepted.shape !== "object") {
    return accepted.form === "protobuf"
      ? ({ type, entry }) => encodeWatchEventProtobuf(type, partialProtobuf(entry.object))
      : ({ type, entry }) => line(type, partialMetadata(entry.object));
  }
  const resource = call.resource!;
  const shown = (notice: WatchNotice): WatchNotice => {
    if (!kind.storedAs) return notice;
    if (notice.type !== "BOOKMARK") return viewNotice(resource, notice);
    return bookmark(kind, notice.entry.revision, notice.entry.object.metadata.annotations !== undefined);
  };
  return accepted.form === "protobuf" ? (notice) => protobufFrame(shown(notice)) : (notice) => shown(notice).json;
}

export function errorFrame(error: StatusError, accepted: Accepted): Uint8Array {
  if (accepted.form !== "protobuf") return line("ERROR", error.status);
  return encodeWatchEventProtobuf("ERROR", statusProtobuf(error.status));
}

/** Batches of frames, as events come; each batch is whatever has gathered while the last one was written. */
export async function* frames(call: Call, answer: WatchAnswer, accepted: Accepted): AsyncGenerator<Uint8Array[]> {
  const frame = frameOf(call, answer, accepted);
  for (;;) {
    const batch = await answer.watcher.next();
    if (batch === undefined) return;
    yield batch instanceof StatusError ? [errorFrame(batch, accepted)] : batch.map(frame);
  }
}

export function watchContentType({ form, contentType }: Accepted): string {
  return form === "protobuf" ? `${contentType};stream=watch` : contentType;
}
