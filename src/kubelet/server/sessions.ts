import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  acceptPortForward,
  acceptRemoteCommand,
  dialPortForward,
  dialRemoteCommand,
  relayPortForward,
  type Wants,
} from "../../streaming/index.ts";
import { findPod, runningContainer } from "./lookup.ts";
import { HttpError, type ServerContext } from "./server.ts";

export interface Upgrade {
  request: IncomingMessage;
  socket: Duplex;
  head: Buffer;
  url: URL;
}

const flag = (url: URL, ...names: string[]) =>
  names.some((name) => ["1", "true"].includes(url.searchParams.get(name) ?? ""));

/** Kubernetes' clients say either `stdout` or, to a kubelet, `output`. */
function wantsOf(url: URL): Wants {
  const tty = flag(url, "tty");
  const wants = {
    stdin: flag(url, "stdin", "input"),
    stdout: flag(url, "stdout", "output"),
    stderr: flag(url, "stderr", "error") && !tty,
    tty,
  };
  if (!wants.stdin && !wants.stdout && !wants.stderr)
    throw new HttpError(400, "you must specify at least one of stdin, stdout, stderr");
  return wants;
}

/** /exec/<namespace>/<pod>[/<uid>]/<container> */
function target(context: ServerContext, url: URL) {
  const [, , namespace = "", name = "", ...rest] = url.pathname.split("/").map(decodeURIComponent);
  const pod = findPod(context, namespace, name);
  return { pod, container: runningContainer(context, pod, rest.at(-1) ?? "") };
}

export async function exec(context: ServerContext, upgrade: Upgrade): Promise<void> {
  const wants = wantsOf(upgrade.url);
  const { container } = target(context, upgrade.url);
  const cmd = upgrade.url.searchParams.getAll("command");
  const url = await context.node.cri.exec({ containerId: container.id, cmd, ...wants });
  await relayCommand(upgrade, url, wants);
}

export async function attach(context: ServerContext, upgrade: Upgrade): Promise<void> {
  const wants = wantsOf(upgrade.url);
  const { container } = target(context, upgrade.url);
  await relayCommand(upgrade, await context.node.cri.attach({ containerId: container.id, ...wants }), wants);
}

/** Joins the client's session, in whatever protocol it came, with the runtime's. */
async function relayCommand({ request, socket, head }: Upgrade, url: string, wants: Wants): Promise<void> {
  const life = new AbortController();
  const client = await acceptRemoteCommand(request, socket, head, wants);
  try {
    const runtime = await dialRemoteCommand(url, wants, life.signal);
    void client.closed.then(() => life.abort());
    // A client that leaves breaks the copying, long before the command ends: that is no failure of this process.
    const copied = Promise.allSettled([
      runtime.stdout && client.stdout ? pipeline(runtime.stdout, client.stdout, { end: false }) : undefined,
      runtime.stderr && client.stderr ? pipeline(runtime.stderr, client.stderr, { end: false }) : undefined,
    ]);
    // Input may go on for ever; its end is the session's.
    if (client.stdin && runtime.stdin) pipeline(client.stdin, runtime.stdin).catch(() => {});
    void (async () => {
      for await (const size of client.resizes) runtime.resize(size);
    })();
    const status = await runtime.done;
    await copied;
    await client.finish(status);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await client.finish({ metadata: {}, status: "Failure", reason: "InternalError", message, code: 500 });
  } finally {
    life.abort();
  }
}

/** /portForward/<namespace>/<pod>[/<uid>] */
export async function portForward(context: ServerContext, { request, socket, head, url }: Upgrade): Promise<void> {
  const [, , namespace = "", name = ""] = url.pathname.split("/").map(decodeURIComponent);
  const pod = findPod(context, namespace, name);
  const sandbox = context.node.cache.get(pod.metadata.uid!)?.sandboxes.find((it) => it.ready);
  if (!sandbox) throw new HttpError(404, `pod "${name}" has no running sandbox`);
  const life = new AbortController();
  try {
    for await (const stream of acceptPortForward(request, socket, head)) {
      void relayPortForward(stream, async () =>
        dialPortForward(await context.node.cri.portForward(sandbox.id, [stream.port]), stream.port, life.signal),
      );
    }
  } finally {
    life.abort();
  }
}
