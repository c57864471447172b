import type { APIError } from "@linode/api-v4";

/** Answered with this status and `{"errors": [{field, reason}]}`. */
export class Refusal extends Error {
  readonly status: number;
  readonly problems: APIError[];
  constructor(status: number, reason: string, field?: string) {
    super(reason);
    this.status = status;
    this.problems = [field === undefined ? { reason } : { field, reason }];
  }
}

export const REGIONS = ["us-east", "eu-central", "nl-ams"];

export function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Refusal(404, "Not found");
  return value;
}

export function check(isRight: boolean, field: string, reason: string): void {
  if (!isRight) throw new Refusal(400, reason, field);
}

export function checkLabel(label: unknown, longest: number, others: readonly { label: string }[]): void {
  const text = String(label ?? "");
  check(text.length >= 3 && text.length <= longest, "label", `Length must be 3-${longest} characters`);
  check(/^[a-zA-Z0-9][\w.-]*[a-zA-Z0-9]$/.test(text) && !/--|__|\.\./.test(text), "label", "Invalid characters");
  check(!others.some((one) => one.label === text), "label", "Label must be unique among your resources");
}

export function checkTags(tags: unknown): void {
  const right = Array.isArray(tags) && tags.every((tag) => typeof tag === "string" && /^.{3,50}$/.test(tag));
  check(right, "tags", "Length must be 3-50 characters");
}
