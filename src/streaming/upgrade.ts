import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";

/** Which carrier the client asks for. */
export function carrierOf(request: IncomingMessage): "websocket" | "spdy" | undefined {
  const upgrade = (request.headers.upgrade ?? "").toLowerCase();
  if (upgrade === "websocket") return "websocket";
  return upgrade === "spdy/3.1" ? "spdy" : undefined;
}

/** Answers an upgrade that cannot be served and ends the connection. */
export function refuseUpgrade(socket: Duplex, code: number, phrase: string, message: string): void {
  const body = `${message}\n`;
  socket.end(
    `HTTP/1.1 ${code} ${phrase}\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(body)}\r\n` +
      `Connection: close\r\n\r\n${body}`,
  );
}

/** Switches to SPDY with the first of our protocols that the client offers; undefined (and refused) when it offers none. */
export function acceptSpdy(request: IncomingMessage, socket: Duplex, protocols: readonly string[]): string | undefined {
  const offered = [request.headers["x-stream-protocol-version"] ?? []]
    .flat()
    .flatMap((line) => line.split(",").map((name) => name.trim()));
  const chosen = protocols.find((protocol) => offered.includes(protocol));
  if (!chosen) {
    refuseUpgrade(socket, 403, "Forbidden", `unable to upgrade: protocols ${offered.join(", ")} are not spoken here`);
    return undefined;
  }
  socket.write(
    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\n" +
      `X-Stream-Protocol-Version: ${chosen}\r\n\r\n`,
  );
  return chosen;
}

/** Switches to WebSocket with the first of our subprotocols that the client offers. */
export function acceptWebSocket(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  protocols: readonly string[],
): Promise<WebSocket> {
  const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
  const chosen = protocols.find((protocol) => offered.includes(protocol));
  if (offered[0] !== "" && !chosen) {
    const message = `unable to upgrade: subprotocols ${offered.join(", ")} are not spoken here`;
    refuseUpgrade(socket, 403, "Forbidden", message);
    return Promise.reject(new Error(message));
  }
  const server = new WebSocketServer({
    noServer: true,
    handleProtocols: () => chosen ?? false,
    perMessageDeflate: false,
  });
  return new Promise((resolve, reject) => {
    socket.once("close", () => reject(new Error("the client went away during the upgrade")));
    server.handleUpgrade(request, socket, head, resolve);
  });
}
