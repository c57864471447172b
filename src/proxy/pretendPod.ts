import { createSocket } from "node:dgram";
import { createServer, get } from "node:http";

/**
 * A Pod for `kernel.test.ts`, run inside a network namespace with its name as argument. Answers over HTTP (8080) and UDP
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

async function call(url: string, count: number): Promise<Record<string, number>> {
  const answers: Record<string, number> = {};
  for (let i = 0; i < count; i++) {
    const answer = await fetchText(url, 2000);
    answers[answer] = (answers[answer] ?? 0) + 1;
  }
  return answers;
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url!, "http://pod");
  if (url.pathname === "/call") {
    response.end(JSON.stringify(await call(url.searchParams.get("url")!, Number(url.searchParams.get("count") ?? 1))));
  } else if (url.pathname === "/client") {
    response.end(request.socket.remoteAddress);
  } else {
    response.end(name);
  }
});
server.listen(8080, "0.0.0.0", () => process.stdout.write("ready\n"));

const udp = createSocket("udp4");
udp.on("message", (_, from) => udp.send(name, from.port, from.address));
udp.bind(5300);
process.stdin.resume().on("end", () => process.exit());
