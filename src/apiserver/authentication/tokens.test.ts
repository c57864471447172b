import assert from "node:assert/strict";
import { generateKeyPairSync } from "node:crypto";
import { type TestContext, test } from "node:test";
import { ServiceAccount } from "../../api/core/v1/index.ts";
import { allKinds } from "../../api/index.ts";
import { createMemoryBackend } from "../../store/memory.ts";
import { VirtualClock } from "../../util/clock.ts";
import { silentLogger } from "../../util/logger.ts";
import { seededRandom } from "../../util/random.ts";
import { encodeStored } from "../cache/entry.ts";
import { prefixOf, WatchCache } from "../cache/watchCache.ts";
import { TokenIssuer } from "./tokens.ts";

const account = { name: "robot", namespace: "default", uid: "u1" };

async function issuer(t: TestContext, type: "rsa" | "ec", uid = account.uid) {
  const clock = new VirtualClock();
  const backend = createMemoryBackend();
  const metadata = { name: account.name, namespace: account.namespace, uid };
  const stored = encodeStored(ServiceAccount as never, { apiVersion: "v1", kind: "ServiceAccount", metadata });
  await backend.create(`${prefixOf(ServiceAccount as never)}default/robot`, stored);
  const cache = new WatchCache({ backend, kinds: allKinds, clock, logger: silentLogger });
  await cache.start();
  t.after(async () => {
    await cache.stop();
    await backend.close();
  });
  const encoding = {
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  } as const;
  const { privateKey } =
    type === "rsa"
      ? generateKeyPairSync("rsa", { modulusLength: 2048, ...encoding })
      : generateKeyPairSync("ec", { namedCurve: "P-256", ...encoding });
  const random = seededRandom(1);
  const tokens = new TokenIssuer({
    issuer: "https://us",
    signingKey: privateKey,
    publicKeys: [],
    clock,
    random,
    cache,
  });
  return { tokens, clock };
}

for (const type of ["rsa", "ec"] as const) {
  test(`a token signed with a ${type} key stands for its account until it expires`, async (t) => {
    const { tokens, clock } = await issuer(t, type);
    const { token, expires } = tokens.issue({ account, audiences: tokens.audiences, seconds: 600, binding: {} });
    assert.equal(expires, clock.now() + 600_000);
    const found = tokens.verify(token);
    assert.equal(found?.user.name, "system:serviceaccount:default:robot");
    assert.deepEqual(found?.user.groups, [
      "system:serviceaccounts",
      "system:serviceaccounts:default",
      "system:authenticated",
    ]);
    const later = clock.now() + 601_000;
    while (clock.step(later));
    assert.equal(tokens.verify(token), undefined);
  });
}

test("a token is for its audiences only", async (t) => {
  const { tokens } = await issuer(t, "ec");
  const { token } = tokens.issue({ account, audiences: ["vault"], seconds: 600, binding: {} });
  assert.equal(tokens.verify(token), undefined);
  assert.deepEqual(tokens.verify(token, ["vault", "other"])?.audiences, ["vault"]);
});

test("a token does not outlive its account, or the pod it is bound to", async (t) => {
  const { tokens } = await issuer(t, "ec", "another");
  const { token } = tokens.issue({ account, audiences: tokens.audiences, seconds: 600, binding: {} });
  assert.equal(tokens.verify(token), undefined);
  const { tokens: others } = await issuer(t, "ec");
  const bound = others.issue({
    account,
    audiences: others.audiences,
    seconds: 600,
    binding: { pod: { name: "p", uid: "x" } },
  });
  assert.equal(others.verify(bound.token), undefined);
});

test("a token that was changed, or signed by someone else, is none", async (t) => {
  const { tokens } = await issuer(t, "ec");
  const { tokens: others } = await issuer(t, "ec");
  const { token } = others.issue({ account, audiences: tokens.audiences, seconds: 600, binding: {} });
  assert.equal(tokens.verify(token), undefined);
  const own = tokens.issue({ account, audiences: tokens.audiences, seconds: 600, binding: {} }).token.split(".");
  const claims = JSON.parse(Buffer.from(own[1]!, "base64url").toString());
  own[1] = Buffer.from(JSON.stringify({ ...claims, sub: "system:serviceaccount:kube-system:admin" })).toString(
    "base64url",
  );
  assert.equal(tokens.verify(own.join(".")), undefined);
  assert.equal(tokens.verify("nonsense"), undefined);
});
