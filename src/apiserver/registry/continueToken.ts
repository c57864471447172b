import { badRequest } from "../../apimachinery/errors.ts";

/** Where a paged list goes on: at which revision, behind which key. */
export interface ContinueToken {
  /** -1: whatever is current; the pages then do not show one moment */
  readonly revision: number;
  readonly after: string;
}

/** Opaque to clients. */
export function encodeContinue({ revision, after }: ContinueToken): string {
  return Buffer.from(JSON.stringify({ v: "meta.k8s.io/v1", rv: revision, start: `${after}\u0000` })).toString(
    "base64url",
  );
}

export function decodeContinue(text: string): ContinueToken {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, "base64url").toString());
  } catch {
    throw badRequest("continue key is not valid: it is not one that this server gave");
  }
  const { v, rv, start } = (value ?? {}) as { v?: unknown; rv?: unknown; start?: unknown };
  if (v !== "meta.k8s.io/v1" || typeof rv !== "number" || rv === 0 || typeof start !== "string") {
    throw badRequest("continue key is not valid: server does not recognize this encoded version");
  }
  return { revision: rv, after: start.replace(/\0$/, "") };
}
