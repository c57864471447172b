import type { Job, PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyRule } from "../../api/batch/v1/index.ts";
import type { ContainerStatus, Pod } from "../../api/core/v1/index.ts";

export interface FailureVerdict {
  action: "FailJob" | "FailIndex" | "Ignore" | "Count";
  /** why the Job fails; with FailJob only */
  message?: string;
}

const COUNTED: FailureVerdict = { action: "Count" };

/** What a failed Pod means for its Job: the first rule that matches decides; without one it is counted. */
export function judgeFailure({ spec }: Job, pod: Pod): FailureVerdict {
  for (const [i, rule] of (spec.podFailurePolicy?.rules ?? []).entries()) {
    const what = matchOf(rule, pod);
    if (what === undefined) continue;
    const action = rule.action as FailureVerdict["action"];
    return action === "FailJob" ? { action, message: `${what} matching FailJob rule at index ${i}` } : { action };
  }
  return COUNTED;
}

/** What of the Pod matches the rule, in words. */
function matchOf({ onExitCodes, onPodConditions = [] }: PodFailurePolicyRule, pod: Pod): string | undefined {
  const name = `${pod.metadata.namespace}/${pod.metadata.name}`;
  if (onExitCodes) {
    const container = exitOf(pod, onExitCodes);
    if (!container) return undefined;
    return `Container ${container.name} for pod ${name} failed with exit code ${container.state?.terminated?.exitCode}`;
  }
  const condition = pod.status.conditions?.find(({ type, status }) =>
    onPodConditions.some((pattern) => pattern.type === type && (pattern.status ?? "True") === status),
  );
  return condition && `Pod ${name} has condition ${condition.type}`;
}

function exitOf({ status }: Pod, rule: PodFailurePolicyOnExitCodesRequirement): ContainerStatus | undefined {
  const { containerName, operator, values } = rule;
  return [...(status.containerStatuses ?? []), ...(status.initContainerStatuses ?? [])].find(({ name, state }) => {
    const code = state?.terminated?.exitCode ?? 0;
    if (code === 0 || (containerName !== undefined && containerName !== name)) return false;
    return (values ?? []).includes(code) === (operator === "In");
  });
}
