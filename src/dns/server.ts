import { createSocket } from "node:dgram";
import { createServer, type Socket } from "node:net";
import type { Clock } from "../util/clock.ts";
import type { Logger } from "../util/logger.ts";
import { framed } from "./forward.ts";
import { type Responder, respond } from "./respond.ts";

export interface ServeOptions extends Responder {
  clock: Clock;
  logger: Logger;
  address: string;
  port: number;
}

/** A TCP client that says nothing for so long (ms) is let go. */
const IDLE = 10_000;

/** Answers on UDP and TCP until `signal` aborts. Rejects when the address cannot be had. */
export async function serveDns(options: ServeOptions, signal: AbortSignal): Promise<void> {
  const closeUdp = await serveUdp(options);
  const closeTcp = await serveTcp(options).catch((error) => {
    closeUdp();
    throw error;
  });
  options.logger.info("answering DNS", { address: options.address, port: options.port });
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  closeUdp();
  closeTcp();
}

async function serveUdp(options: ServeOptions): Promise<() => void> {
  const socket = createSocket({ type: options.address.includes(":") ? "udp6" : "udp4" });
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.bind(options.port, options.address, resolve);
  });
  socket.on("error", (error) => options.logger.warn("DNS over UDP", { error }));
  socket.on("message", (query, from) => {
    respond(query, false, options).then(
      (reply) => reply && socket.send(reply, from.port, from.address),
      (error) => options.logger.error("a DNS question could not be answered", { error }),
    );
  });
  return () => socket.close();
}

async function serveTcp(options: ServeOptions): Promise<() => void> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    converse(socket, options);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port, options.address, resolve);
  });
  return () => {
    server.close();
    for (const socket of open) socket.destroy();
  };
}

/** Questions of one connection, one after the other. */
function converse(socket: Socket, options: ServeOptions): void {
  let pending = Buffer.alloc(0);
  let busy = Promise.resolve();
  let idle = options.clock.setTimer(IDLE, () => socket.destroy());
  socket.on("error", () => socket.destroy());
  socket.once("close", () => idle.cancel());
  socket.on("data", (chunk: Buffer) => {
    idle.cancel();
    idle = options.clock.setTimer(IDLE, () => socket.destroy());
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 2 && pending.length >= 2 + pending.readUInt16BE(0)) {
      const query = pending.subarray(2, 2 + pending.readUInt16BE(0));
      pending = pending.subarray(2 + query.length);
      busy = busy.then(() => reply(socket, query, options));
    }
  });
}

async function reply(socket: Socket, query: Buffer, options: ServeOptions): Promise<void> {
  try {
    const message = await respond(query, true, options);
    if (message && !socket.destroyed) socket.write(framed(message));
  } catch (error) {
    options.logger.error("a DNS question could not be answered", { error });
    socket.destroy();
  }
}
