/** For tests only: the server of a further API, registered with an API server. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { TestContext } from "node:test";
import type { APIService } from "../../api/apiregistration/v1/index.ts";
import { Namespace, type Service } from "../../api/core/v1/index.ts";
import { createClient, httpsTransport } from "../../client/index.ts";
import { realClock } from "../../util/clock.ts";
import { type DevServer, startDevServer } from "../devserver.ts";

export const GROUP = "wardle.example.com";

async function listen(t: TestContext, { pki }: DevServer, answer: RequestListener) {
  const read = (file: string) => readFile(join(pki, file));
  const [cert, key, ca] = await Promise.all([read("apiserver.crt"), read("apiserver.key"), read("front-proxy-ca.crt")]);
  const server = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: false }, answer);
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => new Promise((closed) => server.close(closed).closeAllConnections()));
  return { port: (server.address() as AddressInfo).port };
}

/** An API server on this machine, an administrator's client of it, and the server of a further API beside it. */
export async function withServer(t: TestContext, answer: RequestListener) {
  const dev = await startDevServer();
  t.after(() => dev.close());
  const file = async (name: string) => readFile(join(dev.pki, name));
  const [ca, cert, key] = await Promise.all([file("ca.crt"), file("admin.crt"), file("admin.key")]);
  const transport = httpsTransport({ server: dev.url, ca, cert, key } as never);
  t.after(() => transport.close());
  const { port } = await listen(t, dev, answer);
  const client = createClient(transport);
  await client.create(Namespace, { metadata: { name: "wardle" } } as Namespace);
  const service = { namespace: "wardle", name: "api", port };
  return { dev, transport, client, service };
}

/** Leads to this machine, as no endpoint may. */
export const outside = () =>
  ({
    metadata: { name: "api", namespace: "wardle" },
    spec: { type: "ExternalName", externalName: "localhost" },
  }) as unknown as Service;

export const registration = (spec: Partial<APIService["spec"]>) =>
  ({
    metadata: { name: `v1alpha1.${GROUP}` },
    spec: {
      group: GROUP,
      version: "v1alpha1",
      groupPriorityMinimum: 2000,
      versionPriority: 200,
      insecureSkipTLSVerify: true,
      ...spec,
    },
  }) as APIService;

/** Waits for what happens by itself. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const end = realClock.now() + 60_000;
  while (!(await holds())) {
    assert.ok(realClock.now() < end, what);
    await realClock.sleep(20);
  }
}
