import { createSocket } from "node:dgram";
import { createServer, get } from "node:http";
import { createInterface } from "node:readline";
import { realClock } from "../util/clock.ts";

/**
 * A Pod for tests in namespaces, run inside a network namespace with its name as argument. Answers over HTTP (8080) and UDP
 * (5300) with its name; `/call?url=…&count=…` calls from inside the namespace and answers what came back, how often.
 */
const name = process.argv[2]!;

function fetchText(url: string, timeout: number): Promise<string> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false, timeout }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => resolve(text));
      response.on("error", (error) => resolve(`error ${error.message}`));
    });
    request.on("timeout", () => request.destroy(new Error("timeout")));
    request.on("error", (error: NodeJS.ErrnoException) => resolve(`error ${error.code ?? error.message}`));
  });
}

/** A datagram to udp://address:port from a port of its own, and what came back. */
function askUdp(url: string, timeout: number): Promise<string> {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
    const end = (answer: string) => {
      timer.cancel();
      socket.close();
      resolve(answer);
    };
    const timer = realClock.setTimer(timeout, () => end("error timeout"));
    socket.on("message", (message) => end(message.toString()));
    socket.on("error", (error) => end(`error ${error.message}`));
    socket.send("?", Number(port), host);
  });
}

async function call(url: string, count: number, timeout = 2000): Promise<Record<string, number>> {
  const answers: Record<string, number> = {};
  for (let i = 0; i < count; i++) {
    const answer = url.startsWith("udp:") ? await askUdp(url, timeout) : await fetchText(url, timeout);
    answers[answer] = (answers[answer] ?? 0) + 1;
  }
  return answers;
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url!, "http://pod");
  if (url.pathname === "/call") {
    response.end(JSON.stringify(await call(url.searchParams.get("url")!, Number(url.searchParams.get("count") ?? 1))));
  } else if (url.pathname === "/client") {
    response.end(request.socket.remoteAddress?.replace(/^::ffff:/, ""));
  } else {
    response.end(name);
  }
});
// An HTTP server at a second port, for rules about ports.
createServer((_, response) => response.end(`${name} at 8081`)).listen(8081);
server.listen(8080, () => process.stdout.write("ready\n"));

for (const type of ["udp4", "udp6"] as const) {
  const udp = createSocket({ type, ipv6Only: type === "udp6" });
  udp.on("message", (_, from) => udp.send(name, from.port, from.address));
  udp.bind(5300);
}

// Asked to call from outside its network, so that no rule is in the way of the question.
createInterface({ input: process.stdin })
  .on("line", async (line) => {
    const { url, count, timeout } = JSON.parse(line) as { url: string; count: number; timeout: number };
    process.stdout.write(`${JSON.stringify(await call(url, count, timeout))}\n`);
  })
  .on("close", () => process.exit());
