import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigMap, readBootstrapToken, Secret } from "../../api/core/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import { formatTime } from "../../apimachinery/time.ts";
import { detachedSignature } from "../../pki/index.ts";
import { testCluster } from "../../testing/index.ts";

function token(id: string, more: Record<string, string> = {}): Secret {
  const stringData = {
    "token-id": id,
    "token-secret": "0123456789abcdef",
    "usage-bootstrap-authentication": "true",
    "usage-bootstrap-signing": "true",
    ...more,
  };
  const metadata = { name: `bootstrap-token-${id}`, namespace: "kube-system" };
  return { apiVersion: "v1", kind: "Secret", metadata, type: "bootstrap.kubernetes.io/token", stringData } as never;
}

const info = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "cluster-info", namespace: "kube-public" } };

test("cluster-info carries a signature of each token that signs, and of no other", async (t) => {
  const cluster = await testCluster(t, {});
  await cluster.create(token("abcdef"));
  await cluster.create(token("silent", { "usage-bootstrap-signing": "false" }));
  await cluster.create({ ...info, data: { kubeconfig: "content", "jws-kubeconfig-gone00": "x" } } as never);
  await cluster.settle();

  const { data } = await cluster.get(ConfigMap, "cluster-info", "kube-public");
  assert.deepEqual(Object.keys(data ?? {}).toSorted(), ["jws-kubeconfig-abcdef", "kubeconfig"]);
  assert.equal(
    data!["jws-kubeconfig-abcdef"],
    detachedSignature("content", { id: "abcdef", secret: "0123456789abcdef" }),
  );

  await cluster.delete(Secret, "bootstrap-token-abcdef", { namespace: "kube-system" });
  await cluster.settle();
  const { data: after } = await cluster.get(ConfigMap, "cluster-info", "kube-public");
  assert.deepEqual(Object.keys(after ?? {}), ["kubeconfig"]);
});

test("a token goes when it expires", async (t) => {
  const cluster = await testCluster(t, {});
  await cluster.create(token("abcdef", { expiration: formatTime(cluster.clock.now() + 600_000) }));
  await cluster.advance("9m");
  await cluster.get(Secret, "bootstrap-token-abcdef", "kube-system");
  await cluster.advance("2m");
  await assert.rejects(cluster.get(Secret, "bootstrap-token-abcdef", "kube-system"), isNotFound);
});

test("a Secret is a token only when all of it is well formed", () => {
  const stored = (secret: Secret) => {
    const { stringData, ...rest } = secret as Secret & { stringData: Record<string, string> };
    const data = Object.fromEntries(
      Object.entries(stringData).map(([key, text]) => [key, Buffer.from(text).toString("base64")]),
    );
    return { ...rest, data } as Secret;
  };
  const found = readBootstrapToken(stored(token("abcdef", { "auth-extra-groups": "system:bootstrappers:a" })));
  assert.deepEqual(found?.groups, ["system:bootstrappers:a"]);
  assert.equal(readBootstrapToken(stored(token("ABCDEF"))), undefined);
  assert.equal(readBootstrapToken(stored(token("abcdef", { "token-secret": "short" }))), undefined);
  assert.equal(readBootstrapToken(stored(token("abcdef", { "auth-extra-groups": "system:masters" }))), undefined);
  assert.equal(readBootstrapToken({ ...stored(token("abcdef")), type: "Opaque" }), undefined);
});
