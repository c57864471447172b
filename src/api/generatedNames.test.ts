import assert from "node:assert/strict";
import { test } from "node:test";
import { subdomainName } from "../apimachinery/validation/names.ts";
import { allKinds } from "./index.ts";

test("every kind takes a name's beginning that ends with a dash", () => {
  const refusing = allKinds.filter(({ validateName = subdomainName }) => validateName("my-name-", true).length > 0);
  assert.deepEqual(
    [...new Set(refusing.map(({ kind }) => kind))],
    ["IPAddress"], // its name is an address, of which no beginning is one
  );
});
