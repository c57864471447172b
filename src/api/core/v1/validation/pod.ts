import { type FieldError, fieldForbidden, root } from "../../../../apimachinery/fieldErrors.ts";
import type { ObjectMeta } from "../../../../apimachinery/meta.ts";
import type { PodSpec } from "../podSpec.ts";
import type { PodStatus } from "../podStatus.ts";
import { validateImageText } from "./container.ts";
import { validatePodSpec } from "./podSpec.ts";

/** A Pod as its kind declares it; here without importing the kind, which imports this. */
export interface PodLike {
  metadata: ObjectMeta;
  spec: PodSpec;
  status: PodStatus;
}

const spec = root.child("spec");

/** What holds for every Pod, new or changed. */
export function validatePod(pod: PodLike): FieldError[] {
  const errors = validatePodSpec(pod.spec, pod.metadata, spec);
  if (!pod.spec.serviceAccountName) errors.push(...validateTokens(pod.spec));
  for (const list of ["containers", "initContainers"] as const) {
    errors.push(...(pod.spec[list] ?? []).flatMap((one, i) => validateImageText(one, spec.child(list).index(i))));
  }
  return errors;
}

/** Without an account there is nobody to give a token to. */
function validateTokens({ volumes = [] }: PodSpec): FieldError[] {
  return volumes.flatMap(({ projected }, v) =>
    (projected?.sources ?? []).flatMap(({ serviceAccountToken }, s) => {
      if (serviceAccountToken === undefined) return [];
      const at = spec.child("volumes").index(v).child("projected", "sources").index(s).child("serviceAccountToken");
      return [fieldForbidden(at, "must not be specified when serviceAccountName is not set")];
    }),
  );
}

/** What holds only for a Pod that is being created; the registry calls it besides `validatePod`. */
export function validatePodCreate(pod: PodLike): FieldError[] {
  const errors: FieldError[] = [];
  if (pod.spec.ephemeralContainers?.length) {
    errors.push(fieldForbidden(spec.child("ephemeralContainers"), "cannot be set on create"));
  }
  if (pod.spec.schedulingGates?.length && pod.spec.nodeName) {
    const text = "cannot be set until all schedulingGates have been cleared";
    errors.push(fieldForbidden(spec.child("nodeName"), text));
  }
  return errors;
}
