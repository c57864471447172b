import type { IncomingMessage, ServerResponse } from "node:http";
import { parseTime } from "../../apimachinery/time.ts";
import { type LogOptions, readLog } from "./logReader.ts";
import { findPod, runsOf } from "./lookup.ts";
import { HttpError, type ServerContext } from "./server.ts";

/** GET /containerLogs/<namespace>/<pod>/<container>?follow&tailLines&sinceSeconds&sinceTime&timestamps&previous&limitBytes */
export async function answerLogs(
  context: ServerContext,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const [, , namespace = "", name = "", container = ""] = url.pathname.split("/").map(decodeURIComponent);
  const pod = findPod(context, namespace, name);
  const options = logOptions(url, context.node.clock.now());
  const runs = runsOf(context, pod, container);
  const run = options.previous ? runs[1] : runs[0];
  if (!run) throw notThere(context, pod.metadata.uid!, name, container, options.previous);
  const gone = new AbortController();
  request.on("close", () => gone.abort());
  response.on("close", () => gone.abort());
  response.writeHead(200, { "content-type": "text/plain" });
  response.flushHeaders();
  const isOver = () => {
    const now = context.node.cache.get(pod.metadata.uid!)?.containers.find((it) => it.id === run.id);
    return now?.state !== "running" && now?.state !== "created";
  };
  const lines = readLog(run.logPath, options, { clock: context.node.clock, isOver, signal: gone.signal });
  for await (const chunk of lines) {
    if (gone.signal.aborted) break;
    if (!response.write(chunk))
      await new Promise<void>((resolve) => {
        response.once("drain", resolve);
        response.once("close", resolve);
      });
  }
  response.end();
}

function notThere(context: ServerContext, uid: string, pod: string, container: string, previous: boolean): HttpError {
  if (previous) return new HttpError(400, `previous terminated container "${container}" in pod "${pod}" not found`);
  const known = context.node.statuses.known(uid)?.status;
  const statuses = [...(known?.containerStatuses ?? []), ...(known?.initContainerStatuses ?? [])];
  const waiting = statuses.find((it) => it.name === container)?.state.waiting;
  const why =
    waiting?.reason && waiting.reason !== "ContainerCreating" && waiting.reason !== "PodInitializing"
      ? `is waiting to start: ${waiting.message ?? waiting.reason}`
      : `is waiting to start: ${waiting?.reason ?? "ContainerCreating"}`;
  return new HttpError(400, `container "${container}" in pod "${pod}" ${why}`);
}

function logOptions(url: URL, now: number): LogOptions & { previous: boolean } {
  const number = (name: string) => {
    const text = url.searchParams.get(name);
    if (text === null || text === "") return undefined;
    const value = Number(text);
    if (!Number.isInteger(value) || value < 0) throw new HttpError(400, `${name} must be a whole number, not ${text}`);
    return value;
  };
  const flag = (name: string) => ["", "1", "true"].includes(url.searchParams.get(name) ?? "false");
  const seconds = number("sinceSeconds");
  const time = url.searchParams.get("sinceTime");
  return {
    follow: flag("follow"),
    timestamps: flag("timestamps"),
    previous: flag("previous"),
    tailLines: number("tailLines"),
    limitBytes: number("limitBytes"),
    since: seconds !== undefined ? now - seconds * 1000 : time ? parseTime(time) : undefined,
    stream: streamOf(url.searchParams.get("stream")),
  };
}

const streamOf = (name: string | null) => (name === "Stdout" ? "stdout" : name === "Stderr" ? "stderr" : undefined);
