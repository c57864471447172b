import assert from "node:assert/strict";
import { test } from "node:test";
import * as errors from "./errors.ts";
import {
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  fieldTooLong,
  fieldTooMany,
  root,
} from "./fieldErrors.ts";
import { isConflict, isGone, isNotFound, StatusError } from "./status.ts";

const Pod = { group: "", kind: "Pod", plural: "pods" };
const Deployment = { group: "apps", kind: "Deployment", plural: "deployments" };

test("words failures as Kubernetes does", () => {
  const cases: [StatusError, number, string][] = [
    [errors.notFound(Pod, "a"), 404, 'pods "a" not found'],
    [errors.alreadyExists(Deployment, "a"), 409, 'deployments.apps "a" already exists'],
    [errors.conflict(Pod, "a", errors.STALE), 409, `Operation cannot be fulfilled on pods "a": ${errors.STALE}`],
    [errors.forbidden(Pod, "a", "because"), 403, 'pods "a" is forbidden: because'],
    [errors.forbidden(Deployment, "", "because"), 403, "deployments.apps is forbidden: because"],
    [errors.forbidden(undefined, "", "because"), 403, "forbidden: because"],
    [errors.unauthorized(), 401, "Unauthorized"],
    [errors.pathNotFound(), 404, "the server could not find the requested resource"],
    [errors.tooLargeRevision(9, 5), 504, "Timeout: Too large resource version: 9, current: 5"],
    [errors.methodNotSupported(Pod, "patch"), 405, 'patch is not supported on resources of kind "pods"'],
    [errors.internalError("x"), 500, "Internal error occurred: x"],
  ];
  for (const [error, code, message] of cases) assert.deepEqual([error.code, error.message], [code, message]);
  assert.ok(isNotFound(cases[0]![0]) && isConflict(cases[2]![0]) && isGone(errors.expired("x")));
  assert.deepEqual(errors.notFound(Deployment, "a").status.details, { name: "a", group: "apps", kind: "deployments" });
});

test("lists what is wrong, each cause once in the message", () => {
  const error = fieldRequired(root.child("spec", "x"), "why not");
  const one = errors.invalid(Pod, "a", [error]);
  assert.equal(one.message, 'Pod "a" is invalid: spec.x: Required value: why not');
  const two = errors.invalid(Deployment, "a", [error, error, fieldForbidden("b", "no")]);
  assert.equal(two.message, 'Deployment.apps "a" is invalid: [spec.x: Required value: why not, b: Forbidden: no]');
  assert.equal(two.status.details?.causes?.length, 3);
  assert.equal(two.status.details?.kind, "Deployment");
});

test("words field errors as Kubernetes does", () => {
  const at = root.child("spec").index(1).key("k");
  const cases: [{ message: string; field: string }, string][] = [
    [fieldInvalid(at, 'a"b\n', "bad"), 'Invalid value: "a\\"b\\n": bad'],
    [fieldInvalid(at, 5, "bad"), "Invalid value: 5: bad"],
    [fieldInvalid(at, null, "bad"), "Invalid value: null: bad"],
    [fieldInvalid(at, { a: "<" }, "bad"), 'Invalid value: {"a":"\\u003c"}: bad'],
    [fieldNotSupported(at, "x", ["a", "b"]), 'Unsupported value: "x": supported values: "a", "b"'],
    [fieldDuplicate(at, "x"), 'Duplicate value: "x"'],
    [fieldRequired(at), "Required value"],
    [fieldTooLong(at, "x", 63), "Too long: may not be more than 63 bytes"],
    [fieldTooMany(at, 3, 2), "Too many: 3: must have at most 2 items"],
  ];
  for (const [error, message] of cases) assert.equal(error.message, message);
  assert.equal(cases[0]![0].field, "spec[1][k]");
});

test("makes any thrown value a StatusError", () => {
  assert.equal(StatusError.from(new Error("x")).message, "Internal error occurred: x");
  const error = errors.badRequest("y");
  assert.equal(StatusError.from(error), error);
});
