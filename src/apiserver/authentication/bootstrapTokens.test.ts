import assert from "node:assert/strict";
import { test } from "node:test";
import { TokenReview } from "../../api/authentication/v1/index.ts";
import { Secret } from "../../api/core/v1/index.ts";
import { formatTime } from "../../apimachinery/time.ts";
import { testServer } from "../testServer.ts";

test("a bootstrap token stands for its bootstrapper until it expires", async (t) => {
  const { client, clock, advance } = await testServer(t);
  const stringData = {
    "token-id": "abcdef",
    "token-secret": "0123456789abcdef",
    "usage-bootstrap-authentication": "true",
    "auth-extra-groups": "system:bootstrappers:workers",
    expiration: formatTime(clock.now() + 60_000),
  };
  const metadata = { name: "bootstrap-token-abcdef", namespace: "kube-system" };
  const type = "bootstrap.kubernetes.io/token";
  await client.create(Secret, { apiVersion: "v1", kind: "Secret", metadata, type, stringData } as never);
  const review = (token: string) => client.create(TokenReview, { metadata: {}, spec: { token } } as TokenReview);

  const { status } = await review("abcdef.0123456789abcdef");

  assert.equal(status.user?.username, "system:bootstrap:abcdef");
  assert.deepEqual(status.user?.groups, [
    "system:bootstrappers",
    "system:bootstrappers:workers",
    "system:authenticated",
  ]);
  assert.ok(!(await review("abcdef.0123456789abcdee")).status.authenticated, "another secret");
  assert.ok(!(await review("abcdeg.0123456789abcdef")).status.authenticated, "another token");
  await advance(61_000);
  assert.ok(!(await review("abcdef.0123456789abcdef")).status.authenticated, "it has expired");
});
