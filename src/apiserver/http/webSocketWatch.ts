import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { Answer, Call } from "../pipeline/call.ts";
import { negotiate } from "./negotiate.ts";
import { frames } from "./watchStream.ts";

const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false });

/** A watch over a WebSocket: one message for each event. */
export function watchOverWebSocket(
  call: Call,
  answer: Answer & { type: "watch" },
  upgrade: { request: IncomingMessage; socket: Duplex; head: Buffer },
): void {
  const accepted = negotiate(call.incoming.header("accept"), { protobuf: true, shapes: true });
  sockets.handleUpgrade(upgrade.request, upgrade.socket, upgrade.head, (webSocket) => {
    webSocket.once("close", () => answer.watcher.close());
    webSocket.on("error", () => answer.watcher.close());
    const send = async () => {
      for await (const batch of frames(call, answer, accepted)) {
        for (const frame of batch) webSocket.send(frame, { binary: accepted.form === "protobuf" });
      }
      webSocket.close(1000);
    };
    send().catch(() => webSocket.terminate());
  });
}
