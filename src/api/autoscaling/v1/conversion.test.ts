import assert from "node:assert/strict";
import { test } from "node:test";
import type { HorizontalPodAutoscaler as Stored } from "../v2/horizontalPodAutoscaler.ts";
import { HorizontalPodAutoscaler as StoredKind } from "../v2/horizontalPodAutoscaler.ts";
import { fromV2, METRICS_ANNOTATION, toV2 } from "./conversion.ts";
import type { HorizontalPodAutoscaler } from "./horizontalPodAutoscaler.ts";
import { HorizontalPodAutoscaler as Kind } from "./horizontalPodAutoscaler.ts";

const target = { apiVersion: "apps/v1", kind: "Deployment", name: "web" };

function stored(spec: Partial<Stored["spec"]>, status: Partial<Stored["status"]> = {}): Stored {
  const autoscaler = {
    apiVersion: "autoscaling/v2",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "web" },
    spec: { scaleTargetRef: target, maxReplicas: 5, ...spec },
    status: { desiredReplicas: 0, ...status },
  } as Stored;
  StoredKind.defaults!(autoscaler);
  return autoscaler;
}

const cpu = {
  type: "Resource",
  resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } },
};

test("a target for CPU has a field of its own in v1", () => {
  const { metadata, spec } = fromV2(stored({ metrics: [cpu] }));
  assert.equal(spec.targetCPUUtilizationPercentage, 50);
  assert.equal(metadata.annotations, undefined);
});

test("everything else is carried in annotations, and comes back from them", () => {
  const before = stored(
    {
      metrics: [
        { type: "Pods", pods: { metric: { name: "qps" }, target: { type: "AverageValue", averageValue: "10" } } },
        { type: "External", external: { metric: { name: "jobs" }, target: { type: "Value", value: "30" } } },
        {
          type: "Object",
          object: {
            describedObject: { kind: "Service", name: "web", apiVersion: "v1" },
            metric: { name: "hits", selector: { matchLabels: { a: "b" } } },
            target: { type: "Value", value: "2k" },
          },
        },
        {
          type: "ContainerResource",
          containerResource: {
            name: "memory",
            container: "app",
            target: { type: "AverageValue", averageValue: "1Gi" },
          },
        },
        cpu,
      ],
      behavior: { scaleDown: { stabilizationWindowSeconds: 60, tolerance: "50m" } },
    },
    {
      currentReplicas: 2,
      desiredReplicas: 3,
      currentMetrics: [
        { type: "Resource", resource: { name: "cpu", current: { averageUtilization: 70, averageValue: "70m" } } },
      ],
      conditions: [
        {
          type: "AbleToScale",
          status: "True",
          lastTransitionTime: "2026-01-01T00:00:00Z",
          reason: "ReadyForNewScale",
          message: "m",
        },
      ],
    },
  );
  const shown = fromV2(before);
  assert.equal(shown.status.currentCPUUtilizationPercentage, 70);
  assert.deepEqual(JSON.parse(shown.metadata.annotations!["autoscaling.alpha.kubernetes.io/behavior"]!).ScaleDown, {
    StabilizationWindowSeconds: 60,
    SelectPolicy: "Max",
    Policies: [{ Type: "Percent", Value: 100, PeriodSeconds: 15 }],
    Tolerance: "50m",
  });
  assert.deepEqual(JSON.parse(shown.metadata.annotations![METRICS_ANNOTATION]!)[0], {
    type: "Pods",
    pods: { metricName: "qps", targetAverageValue: "10" },
  });
  assert.deepEqual(toV2(shown), before);
});

test("v1 alone asks for 80 percent of CPU, unless its annotation has other metrics", () => {
  const plain: HorizontalPodAutoscaler = {
    apiVersion: "autoscaling/v1",
    kind: "HorizontalPodAutoscaler",
    metadata: { name: "web" },
    spec: { scaleTargetRef: target, maxReplicas: 5 },
    status: { currentReplicas: 0, desiredReplicas: 0 },
  };
  const other = structuredClone(plain);
  other.metadata.annotations = {
    [METRICS_ANNOTATION]: '[{"type":"Pods","pods":{"metricName":"qps","targetAverageValue":"10"}}]',
  };
  for (const autoscaler of [plain, other]) Kind.defaults!(autoscaler);
  assert.equal(plain.spec.targetCPUUtilizationPercentage, 80);
  assert.equal(other.spec.targetCPUUtilizationPercentage, undefined);
  assert.deepEqual(
    toV2(other).spec.metrics?.map(({ type }) => type),
    ["Pods"],
  );
});
