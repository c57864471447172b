/** One line of Prometheus' text format. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** ms since the epoch, where the line says */
  readonly time?: number;
}

const LINE = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+(-?\d+))?$/;
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n" };

/** Reads Prometheus' text format; what is no sample (comments, nonsense) is passed over. */
export function parseExposition(text: string): Sample[] {
  return text.split("\n").flatMap((line) => {
    if (line.startsWith("#")) return [];
    const match = LINE.exec(line);
    if (!match) return [];
    const [, name = "", labels = "", value, time] = match;
    return [{ name, labels: parseLabels(labels), value: Number(value), ...(time && { time: Number(time) }) }];
  });
}

function parseLabels(text: string): Record<string, string> {
  const plain = (value: string) => value.replace(/\\(.)/g, (_all, char: string) => ESCAPES[char] ?? char);
  return Object.fromEntries([...text.matchAll(LABEL)].map(([, name, value]) => [name, plain(value!)]));
}
