import { readFileSync } from "node:fs";
import { parse as parseYaml } from "yaml";

/** Machines that the autoscaler may ask for. */
export interface LinodeGroup {
  id: string;
  min: number;
  max: number;
  /** "g6-standard-2" */
  type: string;
  /** "linode/debian13", "private/123" */
  image: string;
  /** for cloud-init: what makes the machine join */
  userData?: string | undefined;
  authorizedKeys?: readonly string[] | undefined;
  labels?: Record<string, string> | undefined;
  taints?: readonly { key: string; value?: string; effect: string }[] | undefined;
}
export interface LinodeConfig {
  token: string;
  region: string;
  cluster: string;
  apiUrl?: string | undefined;
  /** where machines of groups get an interface, by which the Pods of each node are reached */
  vpc?: { id: number; subnet: number } | undefined;
  nodeGroups: readonly LinodeGroup[];
}

const NAME = /^[a-z0-9]+(-[a-z0-9]+)*$/;

/**
 * Reads the configuration (YAML or JSON): `region`, `cluster`, and if wanted `tokenFile` (else the environment's
 * LINODE_TOKEN), `apiUrl`, `vpc` and `nodeGroups`. The token itself has no place in it. Throws with one line that says what is wrong.
 */
export function parseLinodeConfig(text: string, env: Record<string, string | undefined>): LinodeConfig {
  const fields = new Fields(readYaml(text), "");
  const tokenFile = fields.text("tokenFile", false);
  const config = {
    region: fields.text("region"),
    cluster: fields.name("cluster"),
    apiUrl: apiUrlOf(fields.text("apiUrl", false)),
    vpc: readVPC(fields.object("vpc")),
    nodeGroups: fields.objects("nodeGroups").map(readGroup),
  };
  fields.nothingElse();
  const ids = config.nodeGroups.map(({ id }) => id);
  for (const id of ids) {
    if (ids.indexOf(id) !== ids.lastIndexOf(id)) throw wrong("nodeGroups", `two are named "${id}"`);
    // a tag has at most 50 characters; a label 64, which is more
    if (config.cluster.length + id.length > 43)
      throw wrong("nodeGroups", `"${id}" and the cluster's name are too long`);
  }
  return { ...config, token: readToken(tokenFile, env) };
}

function readToken(file: string | undefined, env: Record<string, string | undefined>): string {
  if (file === undefined && !env.LINODE_TOKEN) throw wrong("tokenFile", "absent, and LINODE_TOKEN is not set");
  let token = env.LINODE_TOKEN ?? "";
  if (file !== undefined) {
    try {
      token = readFileSync(file, "utf8");
    } catch (error) {
      throw wrong("tokenFile", (error as Error).message);
    }
  }
  if (!/^\S+$/.test(token.trim())) throw wrong("tokenFile", "no token in it: one word is expected");
  return token.trim();
}

function readYaml(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = parseYaml(text);
  } catch (error) {
    throw new Error(`Linode configuration: ${(error as Error).message.split("\n")[0]}`);
  }
  if (!isObject(value)) throw new Error("Linode configuration: an object is expected");
  return value;
}

function apiUrlOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  if (!URL.canParse(text) || !/^https?:/.test(text)) throw wrong("apiUrl", `"${text}" is no http address`);
  return text.replace(/\/+$/, "");
}

function readVPC(fields: Fields | undefined): LinodeConfig["vpc"] {
  if (!fields) return undefined;
  const vpc = { id: fields.count("id"), subnet: fields.count("subnet") };
  fields.nothingElse();
  return vpc;
}

function readGroup(fields: Fields): LinodeGroup {
  const group = {
    id: fields.name("id"),
    min: fields.count("min"),
    max: fields.count("max"),
    type: fields.text("type"),
    image: fields.text("image"),
    userData: fields.text("userData", false),
    authorizedKeys: fields.texts("authorizedKeys"),
    labels: fields.labels("labels"),
    taints: fields.objects("taints").map((taint) => {
      const read = { key: taint.text("key"), value: taint.text("value", false) ?? "", effect: taint.text("effect") };
      taint.nothingElse();
      return read;
    }),
  };
  fields.nothingElse();
  if (group.max < group.min) throw wrong(fields.path("max"), "smaller than min");
  return group;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const wrong = (path: string, why: string) => new Error(`Linode configuration: ${path}: ${why}`);

/** Takes fields out of an object, and says where what is wrong. */
class Fields {
  readonly #object: Record<string, unknown>;
  readonly #at: string;
  readonly #taken = new Set<string>();

  constructor(object: Record<string, unknown>, at: string) {
    this.#object = object;
    this.#at = at;
  }
  path(key: string): string {
    return this.#at === "" ? key : `${this.#at}.${key}`;
  }
  #take(key: string): unknown {
    this.#taken.add(key);
    return this.#object[key] ?? undefined;
  }
  text(key: string): string;
  text(key: string, required: false): string | undefined;
  text(key: string, required = true): string | undefined {
    const value = this.#take(key);
    if (value === undefined && !required) return undefined;
    if (typeof value !== "string" || value === "") throw wrong(this.path(key), "a text is expected");
    return value;
  }
  name(key: string): string {
    const value = this.text(key);
    if (!NAME.test(value))
      throw wrong(
        this.path(key),
        `"${value}": lower case letters and digits, with single dashes between them, are expected`,
      );
    return value;
  }
  count(key: string): number {
    const value = this.#take(key);
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0) {
      throw wrong(this.path(key), "a whole number is expected");
    }
    return value;
  }
  texts(key: string): string[] {
    const value = this.#take(key) ?? [];
    if (!Array.isArray(value) || !value.every((one) => typeof one === "string")) {
      throw wrong(this.path(key), "a list of texts is expected");
    }
    return value;
  }
  labels(key: string): Record<string, string> {
    const value = this.#take(key) ?? {};
    if (!isObject(value) || !Object.values(value).every((one) => typeof one === "string")) {
      throw wrong(this.path(key), "labels with texts as values are expected");
    }
    return value as Record<string, string>;
  }
  object(key: string): Fields | undefined {
    const value = this.#take(key);
    if (value === undefined) return undefined;
    if (!isObject(value)) throw wrong(this.path(key), "an object is expected");
    return new Fields(value, this.path(key));
  }
  objects(key: string): Fields[] {
    const value = this.#take(key) ?? [];
    if (!Array.isArray(value) || !value.every(isObject)) throw wrong(this.path(key), "a list of objects is expected");
    return value.map((one, i) => new Fields(one, `${this.path(key)}[${i}]`));
  }
  nothingElse(): void {
    const unknown = Object.keys(this.#object).find((key) => !this.#taken.has(key));
    if (unknown !== undefined) throw wrong(this.path(unknown), "unknown field");
  }
}
