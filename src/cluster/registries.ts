import { mkdir, readFile, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { replaceFile } from "./config.ts";
import { quote } from "./containerd.ts";
import { ClusterError } from "./errors.ts";

export type RegistryAuth = Partial<Record<"username" | "password" | "auth" | "identitytoken", string>>;

interface Tls {
  ca_file?: string;
  cert_file?: string;
  key_file?: string;
  insecure_skip_verify?: boolean;
}

/** `--registry-config`: the same file that k3s reads as registries.yaml. */
export interface RegistryConfig {
  /** per registry, where to ask instead, in this order; the registry itself comes last */
  mirrors: Record<string, { endpoint: string[] }>;
  configs: Record<string, { auth?: RegistryAuth; tls?: Tls }>;
}

const KNOWN = { top: ["mirrors", "configs"], mirror: ["endpoint"], config: ["auth", "tls"] };

export async function readRegistryConfig(file: string): Promise<RegistryConfig> {
  const text = await readFile(file, "utf8").catch((error: Error) => {
    throw new ClusterError(`--registry-config: ${error.message}`);
  });
  return parseRegistryConfig(text, file);
}

export function parseRegistryConfig(text: string, file: string): RegistryConfig {
  const problem = (path: string, what: string) => new ClusterError(`${file}: ${path}: ${what}`);
  let value: unknown;
  try {
    value = parse(text) ?? {};
  } catch (error) {
    throw new ClusterError(`${file}: ${(error as Error).message.split("\n")[0]}`);
  }
  const section = (at: unknown, path: string, known?: string[]): Record<string, unknown> => {
    if (at === undefined || at === null) return {};
    if (typeof at !== "object" || Array.isArray(at)) throw problem(path, "must be a mapping");
    const unknown = known && Object.keys(at).find((key) => !known.includes(key));
    if (unknown !== undefined)
      throw problem(`${path}${path && "."}${unknown}`, `unknown; known are ${known?.join(", ")}`);
    return at as Record<string, unknown>;
  };
  const top = section(value, "", KNOWN.top);
  const config: RegistryConfig = { mirrors: {}, configs: {} };
  for (const [host, mirror] of Object.entries(section(top.mirrors, "mirrors"))) {
    const { endpoint } = section(mirror, `mirrors.${host}`, KNOWN.mirror) as { endpoint?: unknown };
    if (!Array.isArray(endpoint) || !endpoint.every(isUrl)) {
      throw problem(`mirrors.${host}.endpoint`, 'must be a list of URLs such as "http://127.0.0.1:5000"');
    }
    config.mirrors[host] = { endpoint: endpoint.map(String) };
  }
  for (const [host, entry] of Object.entries(section(top.configs, "configs"))) {
    const { auth, tls } = section(entry, `configs.${host}`, KNOWN.config);
    const folder = dirname(resolve(file));
    config.configs[host] = {
      auth:
        auth === undefined
          ? undefined
          : (section(auth, `configs.${host}.auth`, ["username", "password", "auth", "identitytoken"]) as RegistryAuth),
      tls:
        tls === undefined
          ? undefined
          : absolute(
              section(tls, `configs.${host}.tls`, ["ca_file", "cert_file", "key_file", "insecure_skip_verify"]),
              folder,
            ),
    };
  }
  return config;
}

function isUrl(value: unknown): boolean {
  return typeof value === "string" && /^https?:\/\//.test(value) && URL.canParse(value);
}

function absolute(tls: Tls, folder: string): Tls {
  const path = (file: string | undefined) => file && resolve(folder, file);
  return { ...tls, ca_file: path(tls.ca_file), cert_file: path(tls.cert_file), key_file: path(tls.key_file) };
}

export function registryAuths(config: RegistryConfig | undefined): Record<string, RegistryAuth> {
  const auths: Record<string, RegistryAuth> = {};
  for (const [host, { auth }] of Object.entries(config?.configs ?? {})) if (auth) auths[host] = auth;
  return auths;
}

/** Writes one folder per registry with containerd's hosts.toml, which it reads anew for each pull. */
export async function writeRegistryHosts(folder: string, config: RegistryConfig | undefined): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const hosts = new Set([...Object.keys(config?.mirrors ?? {}), ...Object.keys(config?.configs ?? {})]);
  for (const host of hosts) {
    await replaceFile(join(folder, host === "*" ? "_default" : host, "hosts.toml"), hostsToml(host, config!));
  }
}

export function hostsToml(host: string, config: RegistryConfig): string {
  const server = host === "docker.io" ? "https://registry-1.docker.io" : `https://${host}`;
  const endpoints = config.mirrors[host]?.endpoint ?? [];
  const all = host === "*" || endpoints.includes(server) ? endpoints : [...endpoints, server];
  const lines =
    host === "*" ? [] : [`server = ${quote(endpoints.find((url) => new URL(url).host === host) ?? server)}`];
  for (const url of all)
    lines.push("", `[host.${quote(url)}]`, 'capabilities = ["pull", "resolve"]', ...tlsLines(url, config));
  return `${lines.join("\n")}\n`;
}

function tlsLines(url: string, config: RegistryConfig): string[] {
  const tls = config.configs[new URL(url).host]?.tls;
  if (!tls) return [];
  const lines: string[] = [];
  if (tls.insecure_skip_verify) lines.push("skip_verify = true");
  if (tls.ca_file) lines.push(`ca = ${quote(tls.ca_file)}`);
  if (tls.cert_file && tls.key_file) lines.push(`client = [[${quote(tls.cert_file)}, ${quote(tls.key_file)}]]`);
  return lines;
}
