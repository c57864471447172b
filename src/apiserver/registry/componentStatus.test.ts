import assert from "node:assert/strict";
import { test } from "node:test";
import { Lease } from "../../api/coordination/v1/index.ts";
import { ComponentStatus } from "../../api/core/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { formatMicroTime } from "../../apimachinery/time.ts";
import { testServer } from "../testServer.ts";

test("a part of the control plane is well while its leader renews its Lease, and unknown where it has none", async (t) => {
  const { client, clock, advance } = await testServer(t);
  const renewTime = formatMicroTime(clock.now());
  await client.create(Lease, {
    metadata: { name: "kube-scheduler", namespace: "kube-system" },
    spec: { holderIdentity: "cp-1", leaseDurationSeconds: 15, renewTime },
  } as Lease);
  const shown = async () =>
    (await client.list(ComponentStatus)).items.map(
      (one) =>
        `${one.metadata.name} ${ComponentStatus.columns
          .slice(1)
          .map((column) => column.value(one, 0))
          .join()}`,
    );
  assert.deepEqual(await shown(), ["scheduler Healthy,ok,", "controller-manager Unknown,,", "etcd-0 Healthy,ok,"]);
  await advance(16_000);
  assert.equal((await shown())[0], `scheduler Unhealthy,,cp-1 led last, at ${renewTime}`);
  const one = await client.get(ComponentStatus, { name: "etcd-0" });
  assert.deepEqual(one.conditions, [{ type: "Healthy", status: "True", message: "ok" }]);
  await assert.rejects(client.get(ComponentStatus, { name: "nobody" }), isNotFound);
});
