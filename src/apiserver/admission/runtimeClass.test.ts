import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Pod, ServiceAccount } from "../../api/core/v1/index.ts";
import { RuntimeClass } from "../../api/node/v1/index.ts";
import type { Client } from "../../client/client.ts";
import { testServer } from "../testServer.ts";

async function server(t: TestContext): Promise<Client> {
  const { client } = await testServer(t);
  await client.create(ServiceAccount, { metadata: { name: "default", namespace: "default" } } as ServiceAccount);
  const more = {
    overhead: { podFixed: { cpu: "250m", memory: "120Mi" } },
    scheduling: { nodeSelector: { sandbox: "yes" }, tolerations: [{ key: "sandbox", operator: "Exists" }] },
  };
  await client.create(RuntimeClass, { metadata: { name: "gvisor" }, handler: "runsc", ...more } as RuntimeClass);
  return client;
}

const podWith = (spec: object) =>
  ({
    metadata: { name: "p", namespace: "default" },
    spec: { containers: [{ name: "c", image: "i" }], ...spec },
  }) as unknown as Pod;

test("a Pod takes its class's overhead, selector and tolerations", async (t) => {
  const client = await server(t);
  const tolerations = [{ key: "sandbox", operator: "Equal", value: "x" }];
  const pod = podWith({ runtimeClassName: "gvisor", nodeSelector: { disk: "ssd" }, tolerations });
  const { spec } = await client.create(Pod, pod);
  assert.deepEqual(spec.overhead, { cpu: "250m", memory: "120Mi" });
  assert.deepEqual(spec.nodeSelector, { disk: "ssd", sandbox: "yes" });
  const keys = spec.tolerations?.map(({ key, operator }) => `${key} ${operator}`);
  assert.deepEqual(keys, [
    "node.kubernetes.io/not-ready Exists",
    "node.kubernetes.io/unreachable Exists",
    "sandbox Exists",
  ]);
});

test("a Pod of an unknown class is refused", async (t) => {
  const client = await server(t);
  await assert.rejects(client.create(Pod, podWith({ runtimeClassName: "none" })), {
    message: 'pods "p" is forbidden: pod rejected: RuntimeClass "none" not found',
  });
});

test("a Pod that contradicts its class is refused", async (t) => {
  const client = await server(t);
  const refused = (spec: object, why: string) =>
    assert.rejects(client.create(Pod, podWith(spec)), { message: `pods "p" is forbidden: ${why}` });
  await refused(
    { runtimeClassName: "gvisor", nodeSelector: { sandbox: "no" } },
    "conflict: runtimeClass.scheduling.nodeSelector[sandbox] = yes; pod.spec.nodeSelector[sandbox] = no",
  );
  await refused(
    { runtimeClassName: "gvisor", overhead: { cpu: "1" } },
    "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
  );
  await refused(
    { overhead: { cpu: "1" } },
    "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead",
  );
});

test("the same overhead may be written otherwise", async (t) => {
  const client = await server(t);
  const overhead = { cpu: "0.25", memory: "122880Ki" };
  const { spec } = await client.create(Pod, podWith({ runtimeClassName: "gvisor", overhead }));
  assert.deepEqual(spec.overhead, { cpu: "250m", memory: "120Mi" });
});

test("a class's handler cannot be changed", async (t) => {
  const client = await server(t);
  const change = client.patch(RuntimeClass, { name: "gvisor" }, "merge", { handler: "kata" });
  await assert.rejects(change, {
    message: `RuntimeClass.node.k8s.io "gvisor" is invalid: handler: Invalid value: "kata": field is immutable`,
  });
});
