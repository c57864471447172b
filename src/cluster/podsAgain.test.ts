import assert from "node:assert/strict";
import { test } from "node:test";
import { notYetAgain, type PodObject } from "./podsAgain.ts";

const START = Date.parse("2026-01-01T00:00:10.500Z");

function pod(name: string, startedAt: string | undefined, spec = {}): PodObject {
  const state = startedAt === undefined ? {} : { running: { startedAt } };
  return {
    metadata: { name, namespace: "default" },
    spec: { nodeName: "a", ...spec },
    status: { phase: "Running", containerStatuses: [{ state }] },
  };
}

test("a Pod runs again when its containers were started since; one that is over, or elsewhere, is not waited for", () => {
  const pods = [
    pod("again", "2026-01-01T00:00:10Z"),
    pod("stale", "2026-01-01T00:00:09Z"),
    pod("waiting", undefined),
    pod("job", undefined, { restartPolicy: "OnFailure" }),
    pod("elsewhere", undefined, { nodeName: "stopped" }),
  ];
  assert.deepEqual(notYetAgain(pods, ["a"], START), ["default/stale", "default/waiting"]);
});
