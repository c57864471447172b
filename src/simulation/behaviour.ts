import type { Pod } from "../api/core/v1/index.ts";

/** How a simulated Pod behaves; durations in ms. */
export interface PodBehaviour {
  /** from being bound to its containers running */
  startDelay: number;
  /** from running to ready; Infinity: never ready */
  readyDelay: number;
  /** from being deleted to being gone, within the Pod's grace period */
  stopDelay: number;
  /** from running to its containers' end; Infinity: they run on */
  exitAfter: number;
  exitCode: number;
  /** its image cannot be had: it never runs */
  imageMissing: boolean;
}

export const DEFAULT_BEHAVIOUR: PodBehaviour = {
  startDelay: 0,
  readyDelay: 0,
  stopDelay: 0,
  exitAfter: Number.POSITIVE_INFINITY,
  exitCode: 1,
  imageMissing: false,
};

/** Annotations of a Pod that tell a simulated node how it behaves, such as `simulation.coxswain.dev/ready-delay: 30s`. */
export const ANNOTATION_PREFIX = "simulation.coxswain.dev/";

const UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** "1m30s" in ms; "never" is Infinity. */
export function parseDelay(text: string): number {
  if (text === "never") return Number.POSITIVE_INFINITY;
  let ms = 0;
  let rest = text;
  for (let part = nextPart(rest); part; part = nextPart(rest)) {
    ms += Number(part[1]) * UNITS[part[2]!]!;
    rest = rest.slice(part[0].length);
  }
  if (rest !== "" || text === "") throw new Error(`not a duration: "${text}"`);
  return ms;
}

const nextPart = (text: string) => /^(\d+(?:\.\d+)?)(ms|s|m|h)/.exec(text);

const DELAYS: Record<string, "startDelay" | "readyDelay" | "stopDelay" | "exitAfter"> = {
  "start-delay": "startDelay",
  "ready-delay": "readyDelay",
  "stop-delay": "stopDelay",
  "exit-after": "exitAfter",
};

/** The behaviour of a Pod: what its annotations say, else what `general` says. */
export function behaviourOf(pod: Pod, general: Partial<PodBehaviour>): PodBehaviour {
  const behaviour = { ...DEFAULT_BEHAVIOUR, ...general };
  for (const [key, value] of Object.entries(pod.metadata.annotations ?? {})) {
    if (!key.startsWith(ANNOTATION_PREFIX)) continue;
    const name = key.slice(ANNOTATION_PREFIX.length);
    const delay = DELAYS[name];
    if (delay) behaviour[delay] = parseDelay(value);
    else if (name === "exit-code") behaviour.exitCode = Number(value);
    else if (name === "image-missing") behaviour.imageMissing = value === "true";
  }
  return behaviour;
}
