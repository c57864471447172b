import { parse as parseYaml } from "yaml";
import { decodeValue } from "../../apimachinery/decode.ts";
import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldForbidden,
  fieldInvalid,
  fieldNotFound,
  fieldRequired,
  root,
} from "../../apimachinery/fieldErrors.ts";
import { PLUGIN_NAMES, pluginsAt } from "./pluginSets.ts";
import { ARGS_SCHEMAS, type ConfigurationFile, ConfigurationSchema } from "./schema.ts";
import {
  DEFAULT_SCHEDULER,
  EXTENSION_POINTS,
  type PluginArgs,
  type PluginSets,
  type ProfileConfiguration,
  type SchedulerConfiguration,
} from "./types.ts";
import { validators } from "./validateArgs.ts";

const API_VERSION = "kubescheduler.config.k8s.io/v1";
const KIND = "KubeSchedulerConfiguration";

/** A configuration that cannot be used; the message lists what is wrong where. */
export class ConfigurationError extends Error {}

type ProfileFile = NonNullable<ConfigurationFile["profiles"]>[number];

/** Reads a KubeSchedulerConfiguration (YAML or JSON). Throws ConfigurationError with all that is wrong, by field. */
export function parseConfiguration(text: string): SchedulerConfiguration {
  const file = decode(text);
  const errors: FieldError[] = [];
  const { podInitialBackoffSeconds = 1, podMaxBackoffSeconds = 10, percentageOfNodesToScore = 0 } = file;
  const files = file.profiles?.length ? file.profiles : [{ schedulerName: DEFAULT_SCHEDULER }];
  const profiles = files.map((profile, i) => {
    const named = files.length === 1 ? { schedulerName: DEFAULT_SCHEDULER, ...profile } : profile;
    return readProfile(named, percentageOfNodesToScore, root.child("profiles").index(i), errors);
  });
  errors.push(...validateWhole(file), ...validateProfiles(profiles));
  if (errors.length > 0) {
    throw new ConfigurationError(errors.map(({ field, message }) => `${field}: ${message}`).join("\n"));
  }
  return { profiles, podInitialBackoffSeconds, podMaxBackoffSeconds };
}

function decode(text: string): ConfigurationFile {
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch (error) {
    throw new ConfigurationError((error as Error).message);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new ConfigurationError(`not a ${KIND}: an object is expected`);
  }
  const { apiVersion, kind } = value as Record<string, unknown>;
  if (apiVersion !== API_VERSION || kind !== KIND) {
    throw new ConfigurationError(
      `no kind "${kind ?? ""}" is registered for version "${apiVersion ?? ""}"; ${API_VERSION} ${KIND} is`,
    );
  }
  return strict(ConfigurationSchema, value, "");
}

function strict<T>(schema: Parameters<typeof decodeValue<T>>[0], value: unknown, at: string): T {
  const where = at === "" ? "" : `${at}: `;
  try {
    const { value: decoded, strictErrors } = decodeValue(schema, value, true);
    if (strictErrors.length === 0) return decoded;
    throw new ConfigurationError(`${where}strict decoding error: ${strictErrors.join(", ")}`);
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    throw new ConfigurationError(`${where}${(error as Error).message}`);
  }
}

function readProfile(
  file: ProfileFile,
  percentage: number,
  path: FieldPath,
  errors: FieldError[],
): ProfileConfiguration {
  const { schedulerName = "", plugins = {}, pluginConfig = [], percentageOfNodesToScore = percentage } = file;
  if (schedulerName === "") errors.push(fieldRequired(path.child("schedulerName")));
  errors.push(...validatePercentage(file.percentageOfNodesToScore, path.child("percentageOfNodesToScore")));
  errors.push(...validatePlugins(plugins as PluginSets, path.child("plugins")));
  const args = readArgs(pluginConfig, path.child("pluginConfig"), errors);
  return { schedulerName, plugins: plugins as PluginSets, args, percentageOfNodesToScore };
}

function readArgs(
  configs: readonly { name: string; args?: unknown }[],
  path: FieldPath,
  errors: FieldError[],
): PluginArgs {
  const read: Record<string, unknown> = {};
  configs.forEach(({ name, args = {} }, i) => {
    const at = path.index(i);
    if (name in read) errors.push(fieldDuplicate(at, name));
    else if (!PLUGIN_NAMES.has(name)) errors.push(fieldNotFound(at.child("name"), name));
    else if (!Object.hasOwn(ARGS_SCHEMAS, name)) errors.push(fieldForbidden(at.child("args"), `${name} takes none`));
    else {
      const known = name as keyof typeof ARGS_SCHEMAS;
      const decoded = strict<object>(ARGS_SCHEMAS[known], args, at.child("args").toString());
      read[name] = decoded;
      errors.push(...(validators[known] as (args: object, path: FieldPath) => FieldError[])(decoded, at.child("args")));
    }
  });
  return read as PluginArgs;
}

/** What is switched off may be unknown: other versions have other plug-ins. */
function validatePlugins(sets: PluginSets, path: FieldPath): FieldError[] {
  return (["multiPoint", ...EXTENSION_POINTS] as const).flatMap((point) =>
    (sets[point]?.enabled ?? []).flatMap(({ name, weight = 0 }, i, all) => {
      const at = path.child(point, "enabled").index(i);
      if (!PLUGIN_NAMES.has(name)) return [fieldNotFound(at.child("name"), name)];
      if (all.slice(0, i).some((other) => other.name === name)) return [fieldDuplicate(at.child("name"), name)];
      return weight < 0 ? [fieldInvalid(at.child("weight"), weight, "must be greater than or equal to 0")] : [];
    }),
  );
}

function validatePercentage(value: number | undefined, path: FieldPath): FieldError[] {
  const isRight = value === undefined || (value >= 0 && value <= 100);
  return isRight ? [] : [fieldInvalid(path, value, "not in valid range [0-100]")];
}

function validateWhole(file: ConfigurationFile): FieldError[] {
  const { parallelism = 16, podInitialBackoffSeconds: initial = 1, podMaxBackoffSeconds: most = 10 } = file;
  const errors = validatePercentage(file.percentageOfNodesToScore, root.child("percentageOfNodesToScore"));
  if (parallelism <= 0) {
    errors.push(fieldInvalid(root.child("parallelism"), parallelism, "should be an integer value greater than zero"));
  }
  if (initial <= 0)
    errors.push(fieldInvalid(root.child("podInitialBackoffSeconds"), initial, "must be greater than 0"));
  if (most < initial) {
    const why = "must be greater than or equal to PodInitialBackoffSeconds";
    errors.push(fieldInvalid(root.child("podMaxBackoffSeconds"), most, why));
  }
  if (file.extenders?.length) errors.push(fieldForbidden(root.child("extenders"), "extenders are not supported"));
  return errors;
}

/** Each Pod has one profile; a queue has one order; and each profile needs someone to bind. */
function validateProfiles(profiles: readonly ProfileConfiguration[]): FieldError[] {
  return profiles.flatMap(({ schedulerName, plugins }, i) => {
    const path = root.child("profiles").index(i);
    const errors: FieldError[] = [];
    if (profiles.slice(0, i).some((other) => other.schedulerName === schedulerName)) {
      errors.push(fieldDuplicate(path.child("schedulerName"), schedulerName));
    }
    const needs = (point: "queueSort" | "bind", name: string) => {
      if (pluginsAt(point, plugins).some((ref) => ref.name === name)) return;
      errors.push(fieldRequired(path.child("plugins", point), `at least one ${point} plugin is needed: ${name}`));
    };
    needs("queueSort", "PrioritySort");
    needs("bind", "DefaultBinder");
    return errors;
  });
}
