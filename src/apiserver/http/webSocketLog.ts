import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Exchange, Sink } from "./exchange.ts";

const BASE64 = "base64.binary.k8s.io";
/** What a log can be spoken in; without a word about it, bytes. */
const PROTOCOLS = ["binary.k8s.io", BASE64];

const sockets = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  handleProtocols: (offered) => PROTOCOLS.find((it) => offered.has(it)) ?? false,
});

export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/** A log over a WebSocket: its bytes as messages as they come. A log that cannot be had is refused before the upgrade. */
export function logOverWebSocket(exchange: Exchange, { request, socket, head }: Upgrade): Exchange {
  const own = /^(sec-websocket|connection|upgrade)/;
  const requestHeaders = Object.fromEntries(
    Object.entries(exchange.requestHeaders).filter(([name]) => !own.test(name)),
  );
  return {
    method: "GET",
    target: exchange.target,
    requestHeaders,
    socket: exchange.socket,
    input: exchange.input,
    signal: exchange.signal,
    send: (code, headers, chunks) => refuse(socket, code, headers, Buffer.concat(chunks)),
    begin(code, headers) {
      if (code !== 200) return refusal(socket, code, headers);
      const opened = new Promise<WebSocket>((resolve) => sockets.handleUpgrade(request, socket, head, resolve));
      return messages(opened);
    },
  };
}

function messages(opened: Promise<WebSocket>): Sink {
  return {
    async write(chunk) {
      const webSocket = await opened;
      const isText = webSocket.protocol === BASE64;
      const data = isText ? Buffer.from(chunk).toString("base64") : chunk;
      await new Promise<void>((resolve) => webSocket.send(data, { binary: !isText }, () => resolve()));
    },
    end: () => void opened.then((webSocket) => webSocket.close(1000)),
  };
}

function refusal(socket: Duplex, code: number, headers: Record<string, string | string[]>): Sink {
  const chunks: Uint8Array[] = [];
  return {
    write: (chunk) => void chunks.push(chunk),
    end: () => refuse(socket, code, headers, Buffer.concat(chunks)),
  };
}

function refuse(socket: Duplex, code: number, headers: Record<string, string | string[]>, body: Buffer): void {
  const type = headers["content-type"] ?? "application/json";
  const head = `HTTP/1.1 ${code} Refused\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\nConnection: close`;
  socket.end(Buffer.concat([Buffer.from(`${head}\r\n\r\n`), body]));
}
