import assert from "node:assert/strict";
import { test } from "node:test";
import { SelfSubjectAccessReview } from "../../api/authorization/v1/index.ts";
import { Pod } from "../../api/core/v1/index.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import { StatusError } from "../../apimachinery/status.ts";
import type { Call } from "../pipeline/call.ts";
import { negotiateFor } from "./negotiate.ts";

const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io";
const asking = (kind: unknown, accept: string) =>
  ({ incoming: { header: () => accept }, resource: { kind: kind as Kind } }) as unknown as Call;

test("an object can be had as a row of a table", () => {
  assert.equal(negotiateFor(asking(Pod, TABLE), { protobuf: true }).shape, "Table");
});

test("a review has no rows: 406, or the next thing that is accepted", () => {
  const only = () => negotiateFor(asking(SelfSubjectAccessReview, TABLE), { protobuf: true });
  assert.throws(only, (error) => error instanceof StatusError && error.code === 406);
  const either = negotiateFor(asking(SelfSubjectAccessReview, `${TABLE},application/json`), { protobuf: true });
  assert.equal(either.shape, "object");
});
