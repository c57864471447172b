import type { Answer } from "../pipeline/call.ts";

/** One thing that must hold for the server to be well. */
export interface HealthCheck {
  readonly name: string;
  /** what is wrong; undefined: nothing */
  check(): string | undefined;
}

const text = (code: number, body: string): Answer => ({
  type: "raw",
  code,
  contentType: "text/plain; charset=utf-8",
  body,
  headers: { "x-content-type-options": "nosniff" },
});

/** /healthz, /livez and /readyz: all checks, or one by name; ?verbose lists them, ?exclude leaves some out. */
export function health(
  endpoint: "healthz" | "livez" | "readyz",
  checks: readonly HealthCheck[],
  name: string,
  query: URLSearchParams,
): Answer | undefined {
  if (name !== "") {
    const one = checks.find((check) => check.name === name);
    if (!one) return undefined;
    const wrong = one.check();
    return wrong === undefined ? text(200, "ok") : text(500, `internal server error: ${wrong}\n`);
  }
  const excluded = new Set(query.getAll("exclude"));
  let report = "";
  let failed = false;
  for (const { name, check } of checks) {
    if (excluded.has(name)) {
      report += `[+]${name} excluded: ok\n`;
      continue;
    }
    const wrong = check();
    failed ||= wrong !== undefined;
    report += wrong === undefined ? `[+]${name} ok\n` : `[-]${name} failed: reason withheld\n`;
  }
  if (failed) return text(500, `${report}${endpoint} check failed\n`);
  return query.has("verbose") ? text(200, `${report}${endpoint} check passed\n`) : text(200, "ok");
}
