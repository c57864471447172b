import assert from "node:assert/strict";
import { test } from "node:test";
import type { PodFacts } from "./podFacts.ts";
import { PodsByLabel } from "./podsByLabel.ts";

const placed = (labels: Record<string, string>) => ({ facts: { labels } as unknown as PodFacts });

test("finds Pods by any of their labels, until they are gone", () => {
  const pods = new PodsByLabel<ReturnType<typeof placed>>();
  const web = placed({ app: "web", tier: "front" });
  const api = placed({ app: "api", tier: "front" });
  pods.add(web);
  pods.add(api);
  assert.deepEqual([...pods.with("tier=front")], [web, api]);
  assert.deepEqual([...pods.with("app=web")], [web]);
  pods.remove(web);
  assert.deepEqual([...pods.with("tier=front")], [api]);
  assert.deepEqual([...pods.with("app=web")], []);
});
