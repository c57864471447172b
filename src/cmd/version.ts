import { readFileSync } from "node:fs";

const own = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string };

/** As the API server reports it: the Kubernetes version that is spoken, and ours. */
export const version = `v1.36.2+coxswain.${own.version}`;
