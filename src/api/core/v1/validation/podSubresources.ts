/** What may change through a Pod's subresources. */
import { deepEqual } from "../../../../apimachinery/equal.ts";
import { type FieldError, fieldForbidden, fieldInvalid, root } from "../../../../apimachinery/fieldErrors.ts";
import type { Container } from "../container.ts";
import { podQOSClass } from "../podQOS.ts";
import type { PodSpec } from "../podSpec.ts";
import { type PodLike, validatePod } from "./pod.ts";

const spec = root.child("spec");

/** /ephemeralcontainers: containers for looking into a running Pod can be added, never changed or taken away. */
export function validatePodEphemeralContainersUpdate(pod: PodLike, old: PodLike): FieldError[] {
  const path = spec.child("ephemeralContainers");
  const now = pod.spec.ephemeralContainers ?? [];
  const errors = validatePod(pod);
  for (const one of old.spec.ephemeralContainers ?? []) {
    const i = now.findIndex(({ name }) => name === one.name);
    const quoted = JSON.stringify(one.name);
    if (i < 0) {
      errors.push(fieldForbidden(path, `existing ephemeral containers ${quoted} may not be removed\n`));
    } else if (!deepEqual(now[i], one)) {
      errors.push(fieldForbidden(path, `existing ephemeral containers ${quoted} may not be changed\n`));
    }
  }
  return errors;
}

/** Only these resources can change while a container runs. */
const RESIZABLE = new Set(["cpu", "memory"]);

function fixedResources(container: Container): Container {
  const fixed = (resources: Record<string, string> | undefined) =>
    Object.fromEntries(Object.entries(resources ?? {}).filter(([name]) => !RESIZABLE.has(name)));
  const { resources, resizePolicy: _, ...rest } = container;
  return {
    ...rest,
    resources: { ...resources, limits: fixed(resources?.limits), requests: fixed(resources?.requests) },
  } as Container;
}

function fixedPart(spec: PodSpec): PodSpec {
  const { resources: _, ...rest } = spec;
  return {
    ...rest,
    containers: (spec.containers ?? []).map(fixedResources),
    initContainers: spec.initContainers?.map((one) => (one.restartPolicy === "Always" ? fixedResources(one) : one)),
  };
}

/** What a running container cannot give back. */
function validateShrinking(now: readonly Container[], old: readonly Container[]): FieldError[] {
  return now.flatMap(({ resources }, i) =>
    (["limits", "requests"] as const).flatMap((which) => {
      const before = Object.keys(old[i]?.resources?.[which] ?? {}).filter((name) => RESIZABLE.has(name));
      const lost = before.filter((name) => resources?.[which]?.[name] === undefined);
      const path = spec.child("containers").index(i).child("resources", which);
      return lost.length === 0 ? [] : [fieldForbidden(path, `resource ${which} cannot be removed`)];
    }),
  );
}

/** /resize: CPU and memory of running containers, within the Pod's quality of service. */
export function validatePodResize(pod: PodLike, old: PodLike): FieldError[] {
  const errors = validatePod(pod);
  if (old.spec.os?.name === "windows") {
    errors.push(fieldForbidden(root, "windows pods cannot be resized"));
  }
  const qos = podQOSClass(pod.spec);
  if (qos !== (old.status.qosClass || podQOSClass(old.spec))) {
    errors.push(fieldInvalid(spec, qos, "Pod QOS Class may not change as a result of resizing"));
  }
  const containers = pod.spec.containers ?? [];
  if (containers.length !== old.spec.containers.length) {
    return [...errors, fieldForbidden(spec.child("containers"), "pod updates may not add or remove containers")];
  }
  errors.push(...validateShrinking(containers, old.spec.containers));
  if (!deepEqual(normal(fixedPart(pod.spec)), normal(fixedPart(old.spec)))) {
    errors.push(fieldForbidden(spec, "only cpu and memory resources are mutable"));
  }
  return errors;
}

/** Without what is merely spelled differently. */
const normal = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
