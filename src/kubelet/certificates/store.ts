import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Credential } from "./rotation.ts";

/** Where a certificate outlives its process. */
export interface CredentialStore {
  read(): Promise<Credential | undefined>;
  write(credential: Credential): Promise<void>;
}

const KEY = /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?-----END [A-Z ]*PRIVATE KEY-----\n?/;

/** Keeps certificate and key together in `<folder>/<name>-current.pem`, as kubelets do, so that they always match. */
export function fileStore(folder: string, name: string): CredentialStore {
  const path = join(folder, `${name}-current.pem`);
  return {
    async read() {
      const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
        if (error.code === "ENOENT") return "";
        throw error;
      });
      const [key] = KEY.exec(text) ?? [];
      return key === undefined ? undefined : { cert: text.replace(KEY, ""), key };
    },
    async write({ cert, key }) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeFile(`${path}.new`, `${cert.trimEnd()}\n${key}`, { mode: 0o600 });
      await rename(`${path}.new`, path);
    },
  };
}
