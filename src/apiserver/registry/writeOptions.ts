import { invalid } from "../../apimachinery/errors.ts";
import {
  type FieldError,
  fieldInvalid,
  fieldNotSupported,
  fieldRequired,
  fieldTooLong,
  root,
} from "../../apimachinery/fieldErrors.ts";
import type { Call } from "../pipeline/call.ts";
import { flag } from "./listOptions.ts";

export type FieldValidation = "Strict" | "Warn" | "Ignore";

export interface WriteOptions {
  dryRun: boolean;
  fieldManager: string;
  fieldValidation: FieldValidation;
  force: boolean | undefined;
}

const LONGEST_MANAGER = 128;

/** The manager when none is named: the first word of the client's User-Agent. */
function defaultManager(userAgent: string): string {
  return (userAgent.split("/")[0] ?? "").slice(0, LONGEST_MANAGER);
}

function checkManager(manager: string): FieldError[] {
  const path = root.child("fieldManager");
  if (manager.length > LONGEST_MANAGER) return [fieldTooLong(path, manager, LONGEST_MANAGER)];
  for (let i = 0; i < manager.length; i++) {
    if (!/[\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(manager[i]!)) {
      return [fieldInvalid(path, manager, `should only contain printable characters`)];
    }
  }
  return [];
}

/** Reads and checks the query of a write; `options` is the name of its options kind, such as "CreateOptions". */
export function parseWriteOptions(call: Call, options: string, apply = false): WriteOptions {
  const { query, userAgent, direct } = call.incoming;
  if (query.size === 0 && !apply) {
    return {
      dryRun: false,
      fieldManager: defaultManager(userAgent),
      fieldValidation: direct ? "Ignore" : "Warn",
      force: undefined,
    };
  }
  const errors: FieldError[] = [];
  const dryRun = query.getAll("dryRun").filter((v) => v !== "");
  if (dryRun.some((v) => v !== "All")) errors.push(fieldNotSupported(root.child("dryRun"), dryRun, ["All"]));
  const manager = query.get("fieldManager") ?? "";
  if (apply && manager === "") errors.push(fieldRequired(root.child("fieldManager"), "is required for apply patch"));
  errors.push(...checkManager(manager));
  const force = flag(query, "force");
  if (options === "PatchOptions" && !apply && force !== undefined) {
    errors.push({
      type: "FieldValueForbidden",
      field: "force",
      message: "Forbidden: may not be specified for non-apply patch",
    });
  }
  const validation = query.get("fieldValidation") ?? "";
  if (!["", "Ignore", "Warn", "Strict"].includes(validation)) {
    errors.push(fieldNotSupported(root.child("fieldValidation"), validation, ["", "Ignore", "Strict", "Warn"]));
  }
  if (errors.length > 0) throw invalid({ group: "meta.k8s.io", kind: options, plural: "" }, "", errors);
  return {
    dryRun: dryRun.length > 0,
    fieldManager: manager || defaultManager(userAgent),
    fieldValidation: (validation || (direct ? "Ignore" : "Warn")) as FieldValidation,
    force,
  };
}
