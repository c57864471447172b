import { type GrpcChannel, GrpcError } from "../util/grpc/channel.ts";
import { decode } from "../util/grpc/wire.ts";
import type { RuntimeEvent } from "./client.ts";
import { ContainerEventResponse, Empty, Envelope, SubscribeRequest, TaskEvent } from "./messages.ts";

const CRI_EVENTS = {
  path: "/runtime.v1.RuntimeService/GetContainerEvents",
  request: Empty,
  response: ContainerEventResponse,
};
const CONTAINERD_EVENTS = {
  path: "/containerd.services.events.v1.Events/Subscribe",
  request: SubscribeRequest,
  response: Envelope,
};

const TOPICS: Readonly<Record<string, RuntimeEvent["type"]>> = {
  "/tasks/start": "started",
  "/tasks/exit": "stopped",
  "/tasks/oom": "oom",
  "/tasks/delete": "deleted",
};

/**
 * What happens to containers, within milliseconds. containerd's own events service comes first, because containerd 1.6
 * lacks CRI's; a runtime that has neither ends this with UNIMPLEMENTED and is watched by listing only.
 */
export async function* runtimeEvents(channel: GrpcChannel, signal: AbortSignal): AsyncGenerator<RuntimeEvent> {
  try {
    yield* containerdEvents(channel, signal);
  } catch (error) {
    if (!(error instanceof GrpcError) || error.code !== "UNIMPLEMENTED") throw error;
    yield* criEvents(channel, signal);
  }
}

async function* containerdEvents(channel: GrpcChannel, signal: AbortSignal): AsyncGenerator<RuntimeEvent> {
  const filters = Object.keys(TOPICS).map((topic) => `namespace==k8s.io,topic=="${topic}"`);
  const options = { signal, headers: { "containerd-namespace": "k8s.io" } };
  for await (const envelope of channel.stream(CONTAINERD_EVENTS, { filters }, options)) {
    const type = TOPICS[envelope.topic];
    if (!type || !envelope.event) continue;
    const task = decode(TaskEvent, envelope.event.value);
    // A process that was run inside a container (exec) has an id of its own; only the container's own process counts.
    if (type === "stopped" && task.id !== task.containerId) continue;
    yield { type, containerId: task.containerId };
  }
}

async function* criEvents(channel: GrpcChannel, signal: AbortSignal): AsyncGenerator<RuntimeEvent> {
  for await (const event of channel.stream(CRI_EVENTS, {}, { signal })) {
    yield { type: event.containerEventType, containerId: event.containerId };
  }
}
