/** Prints what a command answers: as JSON, or as the text that `text` makes of it. */
export function print(value: object, options: { output: "text" | "json" }, text: () => string): void {
  process.stdout.write(options.output === "json" ? `${JSON.stringify(value, undefined, 2)}\n` : text());
}
