import assert from "node:assert/strict";
import { test } from "node:test";
import { CelError, ExpressionLanguage } from "./environment.ts";
import { SemanticVersion } from "./semanticVersions.ts";

const language = new ExpressionLanguage<{ boat: Map<string, unknown> }>((environment) =>
  environment.registerVariable("boat", "map<string, dyn>"),
);
const boat = new Map<string, unknown>([
  ["name", "swift"],
  ["parts", new Map<string, unknown>([["oars", 4n]])],
]);
const holds = (text: string) => language.compile(text, "bool").evaluate({ boat });

test("expressions are true, false, or fail", () => {
  assert.equal(holds('boat.name == "swift" && boat.parts.oars > 3'), true);
  assert.equal(holds('boat.name.startsWith("s") ? boat.parts.oars in [1, 2] : true'), false);
  assert.throws(() => holds("boat.colour == 'red'"), CelError);
  assert.equal(holds("boat.colour == 'red' || true"), true);
  assert.equal(holds("cel.bind(oars, boat.parts.oars, oars > 1 && oars < 9)"), true);
});

test("presence can be asked for within what is indexed", () => {
  assert.equal(holds('has(boat["parts"].oars) && !has(boat["parts"].sails)'), true);
  assert.equal(holds("has(boat.parts.oars) && !has(boat.colour)"), true);
  assert.equal(holds('boat.?colour.orValue("none") == "none"'), true);
});

test("what is no expression, or of another type, is said in one line", () => {
  for (const [text, why] of [
    ["boat.name ==", /EOF|token/],
    ["ship.name == 'x'", /ship/],
    ["1 + 1", /must evaluate to bool, not to int/],
    ["", /./],
  ] as const) {
    assert.throws(
      () => language.compile(text, "bool"),
      (error: unknown) => error instanceof CelError && why.test(error.message) && !error.message.includes("\n"),
      text,
    );
  }
});

test("amounts and versions", () => {
  assert.equal(holds('quantity("1Gi").isGreaterThan(quantity("1G")) && quantity("2").asInteger() == 2'), true);
  assert.equal(holds('quantity("1Gi").add(quantity("1Gi")) == quantity("2Gi") && isQuantity("3m")'), true);
  assert.equal(holds('quantity("50M").compareTo(quantity("50Mi")) == -1 && !isQuantity("much")'), true);
  assert.equal(holds('semver("1.10.0").isGreaterThan(semver("1.9.0")) && semver("1.2.3").minor() == 2'), true);
  assert.equal(holds('isSemver("v1.2", true) && !isSemver("v1.2") && semver("v1.02", true) == semver("1.2.0")'), true);
});

test("versions have the order that semver.org gives them", () => {
  const order = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0", "2.1.0"];
  for (const [i, text] of order.entries()) {
    for (const [j, other] of order.entries()) {
      const compared = Math.sign(new SemanticVersion(text).compare(new SemanticVersion(other)));
      assert.equal(compared, Math.sign(i - j), `${text} and ${other}`);
    }
  }
  assert.equal(new SemanticVersion("1.0.0+a").compare(new SemanticVersion("1.0.0+b")), 0);
});
