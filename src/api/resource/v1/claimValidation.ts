import { CelError } from "../../../apimachinery/cel/environment.ts";
import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldInvalid,
  fieldInvalidEach,
  fieldNotSupported,
  fieldRequired,
  fieldTooMany,
} from "../../../apimachinery/fieldErrors.ts";
import { dns1123Label, dns1123Subdomain, qualifiedName } from "../../../apimachinery/validation/names.ts";
import { validateCsiDriverName } from "../../core/v1/validation/storageVolumes.ts";
import type { DeviceClaim, DeviceConstraint, DeviceRequest, DeviceSubRequest, ExactDeviceRequest } from "./claims.ts";
import { checkExpression } from "./deviceExpressions.ts";
import type { DeviceConfiguration, DeviceSelector, DeviceToleration, OpaqueDeviceConfiguration } from "./devices.ts";

const MOST = 32;
const MOST_SUBREQUESTS = 8;
const MOST_TOLERATIONS = 16;

/** What the CEL compiler of Kubernetes says of nothing at all; of other mistakes ours has its own words. */
const EMPTY_EXPRESSION =
  "compilation failed: ERROR: <input>:1:0: Syntax error: mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}";

export const atMost = (many: readonly unknown[] | undefined, most: number, path: FieldPath): FieldError[] =>
  many && many.length > most ? [fieldTooMany(path, many.length, most)] : [];

export function distinct(names: readonly string[], path: FieldPath, field = ""): FieldError[] {
  return names.flatMap((name, i) =>
    names.indexOf(name) < i ? [fieldDuplicate(path.index(i).child(field), name)] : [],
  );
}

export function validateSelectors(selectors: readonly DeviceSelector[] | undefined, path: FieldPath): FieldError[] {
  const each = (selectors ?? []).flatMap(({ cel }, i) => {
    const at = path.index(i).child("cel");
    return cel ? validateExpression(cel.expression, at.child("expression")) : [fieldRequired(at)];
  });
  return [...atMost(selectors, MOST, path), ...each];
}

function validateExpression(text: string, path: FieldPath): FieldError[] {
  if (text === "") return [fieldInvalid(path, text, EMPTY_EXPRESSION)];
  try {
    checkExpression(text);
    return [];
  } catch (error) {
    if (!(error instanceof CelError)) throw error;
    return [fieldInvalid(path, text, `compilation failed: ERROR: ${error.message}`)];
  }
}

export function validateConfiguration({ opaque }: DeviceConfiguration, path: FieldPath): FieldError[] {
  if (!opaque) return [fieldRequired(path, "exactly one of the config types must be set")];
  const at = path.child("opaque");
  return [...validateCsiDriverName(opaque.driver, at.child("driver")), ...validateParameters(opaque, at)];
}

function validateParameters({ parameters }: OpaqueDeviceConfiguration, path: FieldPath): FieldError[] {
  return parameters === undefined || parameters === null ? [fieldRequired(path.child("parameters"))] : [];
}

function validateClassName(name: string, path: FieldPath): FieldError[] {
  return name === "" ? [fieldRequired(path)] : fieldInvalidEach(path, name, dns1123Subdomain(name));
}

const MODES = ["All", "ExactCount"];

/** What a request and one of its alternatives have in common. */
function validateRequested(request: ExactDeviceRequest | DeviceSubRequest, path: FieldPath): FieldError[] {
  const { allocationMode: mode = "", count = 0 } = request;
  const errors = [
    ...validateClassName(request.deviceClassName, path.child("deviceClassName")),
    ...validateSelectors(request.selectors, path.child("selectors")),
    ...validateTolerations(request.tolerations, path.child("tolerations")),
  ];
  if (mode === "ExactCount" && count <= 0) {
    errors.push(fieldInvalid(path.child("count"), count, "must be greater than zero"));
  } else if (mode === "All" && count !== 0) {
    errors.push(fieldInvalid(path.child("count"), count, `must not be specified when allocationMode is 'All'`));
  } else if (!MODES.includes(mode)) {
    errors.push(fieldNotSupported(path.child("allocationMode"), mode, MODES));
  }
  return errors;
}

const OPERATORS = ["Equal", "Exists"];
const EFFECTS = ["NoExecute", "NoSchedule", "None"];

function validateTolerations(tolerations: readonly DeviceToleration[] | undefined, path: FieldPath): FieldError[] {
  const each = (tolerations ?? []).flatMap(({ key = "", operator = "Equal", effect = "", value = "" }, i) => {
    const at = path.index(i);
    const errors = key === "" ? [] : fieldInvalidEach(at.child("key"), key, qualifiedName(key));
    if (!OPERATORS.includes(operator)) errors.push(fieldNotSupported(at.child("operator"), operator, OPERATORS));
    if (operator === "Equal" && key === "")
      errors.push(fieldRequired(at.child("key"), "must be set for operator Equal"));
    if (operator === "Exists" && value !== "") {
      errors.push(fieldInvalid(at.child("value"), value, "must be empty for operator Exists"));
    }
    if (effect !== "" && !EFFECTS.includes(effect)) {
      errors.push(fieldNotSupported(at.child("effect"), effect, EFFECTS));
    }
    return errors;
  });
  return [...atMost(tolerations, MOST_TOLERATIONS, path), ...each];
}

const label = (name: string, path: FieldPath) => fieldInvalidEach(path, name, dns1123Label(name));

function validateRequest({ name, exactly, firstAvailable = [] }: DeviceRequest, path: FieldPath): FieldError[] {
  const errors = label(name, path.child("name"));
  if (!exactly && firstAvailable.length === 0) {
    return [...errors, fieldRequired(path, "exactly one of `exactly` or `firstAvailable` is required")];
  }
  if (exactly && firstAvailable.length > 0) {
    return [
      ...errors,
      fieldInvalid(path, null, "exactly one of `exactly` or `firstAvailable` is required, but multiple fields are set"),
    ];
  }
  if (exactly) return [...errors, ...validateRequested(exactly, path.child("exactly"))];
  const at = path.child("firstAvailable");
  const subs = firstAvailable.flatMap((one, i) => [
    ...label(one.name, at.index(i).child("name")),
    ...validateRequested(one, at.index(i)),
  ]);
  return [
    ...errors,
    ...atMost(firstAvailable, MOST_SUBREQUESTS, at),
    ...subs,
    ...distinct(
      firstAvailable.map((it) => it.name),
      at,
    ),
  ];
}

/** A request by its name, or one of its alternatives by both names. */
function validateNamed(requests: readonly string[] | undefined, known: ReadonlySet<string>, path: FieldPath) {
  const errors = (requests ?? []).flatMap((name, i) =>
    known.has(name)
      ? []
      : [
          fieldInvalid(
            path.index(i),
            name,
            "must be the name of a request in the claim or the name of a request and a subrequest separated by '/'",
          ),
        ],
  );
  return [...atMost(requests, MOST, path), ...errors, ...distinct(requests ?? [], path)];
}

function validateConstraint(constraint: DeviceConstraint, known: ReadonlySet<string>, path: FieldPath): FieldError[] {
  const { matchAttribute, distinctAttribute, requests } = constraint;
  const errors = validateNamed(requests, known, path.child("requests"));
  if (matchAttribute === undefined && distinctAttribute === undefined) {
    errors.push(fieldRequired(path, "exactly one of matchAttribute or distinctAttribute is required"));
  }
  for (const [field, name] of Object.entries({ matchAttribute, distinctAttribute })) {
    if (name === undefined) continue;
    const at = path.child(field);
    if (!name.includes("/")) errors.push(fieldInvalid(at, name, "must include a domain"));
    else errors.push(...fieldInvalidEach(at, name, qualifiedName(name)));
  }
  return errors;
}

function requestNames(requests: readonly DeviceRequest[]): Set<string> {
  return new Set(
    requests.flatMap(({ name, firstAvailable = [] }) => [name, ...firstAvailable.map((sub) => `${name}/${sub.name}`)]),
  );
}

export function validateDeviceClaim(claim: DeviceClaim, path: FieldPath): FieldError[] {
  const { constraints, config } = claim;
  const requests = claim.requests ?? [];
  const known = requestNames(requests);
  const at = path.child("requests");
  return [
    ...atMost(requests, MOST, at),
    ...requests.flatMap((request, i) => validateRequest(request, at.index(i))),
    ...distinct(
      requests.map(({ name }) => name),
      at,
    ),
    ...atMost(constraints, MOST, path.child("constraints")),
    ...(constraints ?? []).flatMap((one, i) => validateConstraint(one, known, path.child("constraints").index(i))),
    ...atMost(config, MOST, path.child("config")),
    ...(config ?? []).flatMap((one, i) => {
      const place = path.child("config").index(i);
      return [...validateNamed(one.requests, known, place.child("requests")), ...validateConfiguration(one, place)];
    }),
  ];
}
