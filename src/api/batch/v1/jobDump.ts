/** Parts of a Job as error messages show them: with the names and order of Kubernetes' internal types. */
import type { LabelSelector } from "../../../apimachinery/meta.ts";
import type { PodFailurePolicy, SuccessPolicy } from "./jobPolicyMessages.ts";

const optional = <K extends string, V>(key: K, value: V | undefined) => ({ [key]: value ?? null });

export function shownPodFailurePolicy(policy: PodFailurePolicy | undefined): unknown {
  if (policy === undefined) return null;
  const rules = policy.rules?.map(({ action, onExitCodes, onPodConditions }) => ({
    Action: action,
    OnExitCodes: onExitCodes
      ? {
          ...optional("ContainerName", onExitCodes.containerName),
          Operator: onExitCodes.operator,
          ...optional("Values", onExitCodes.values),
        }
      : null,
    OnPodConditions: onPodConditions?.map(({ type, status = "" }) => ({ Type: type, Status: status })) ?? null,
  }));
  return optional("Rules", rules);
}

export function shownSuccessPolicy(policy: SuccessPolicy | undefined): unknown {
  if (policy === undefined) return null;
  const rules = policy.rules?.map(({ succeededIndexes, succeededCount }) => ({
    ...optional("SucceededIndexes", succeededIndexes),
    ...optional("SucceededCount", succeededCount),
  }));
  return optional("Rules", rules);
}

export function shownSelector(selector: LabelSelector | undefined): unknown {
  if (selector === undefined) return null;
  const matchExpressions = selector.matchExpressions?.map(({ key, operator, values }) => ({ key, operator, values }));
  return { matchLabels: selector.matchLabels, matchExpressions };
}
