import { container, type Json, pod } from "./podFixture.ts";

/** What a volume shows; its container's name may be part of it. */
export type VolumeSource = Json | ((container: string) => Json);

/** One container of a Pod, with volumes of its own, and what it is to say. */
export interface VolumeCase {
  title: string;
  script: string;
  /** by name: the volume is mounted at /etc/<name>, unless `mounts` says otherwise */
  volumes: Record<string, VolumeSource>;
  says: (string | RegExp)[];
  mounts?: Json[];
  /** more of the container, such as its resources */
  more?: Json;
  /** the Pod's security context: only cases with the same one share a Pod */
  context?: Json;
}

export interface PlacedCase extends VolumeCase {
  pod: string;
  container: string;
}

const CASES_PER_POD = 8;

/** Several cases to a Pod, each a container: what they share is the sandbox, whose start takes longest. */
export function placed(cases: readonly VolumeCase[]): { pods: Json[]; cases: PlacedCase[] } {
  const pods: Json[] = [];
  const all: PlacedCase[] = [];
  for (const alike of Map.groupBy(cases, ({ context }) => JSON.stringify(context)).values()) {
    for (let from = 0; from < alike.length; from += CASES_PER_POD) {
      const name = `volumes-${pods.length}`;
      const some = alike.slice(from, from + CASES_PER_POD);
      const here = some.map((it, i) => ({ ...it, pod: name, container: `case-${i}` }));
      pods.push(podOf(name, here));
      all.push(...here);
    }
  }
  return { pods, cases: all };
}

function podOf(name: string, cases: readonly PlacedCase[]): Json {
  const spec = {
    securityContext: cases[0]!.context,
    containers: cases.map((it) => container(it.script, { name: it.container, ...it.more, volumeMounts: mountsOf(it) })),
    volumes: cases.flatMap((it) =>
      Object.entries(it.volumes).map(([volume, source]) => ({
        name: `${it.container}-${volume}`,
        ...(typeof source === "function" ? source(it.container) : source),
      })),
    ),
  };
  return pod(name, spec, { labels: { app: "volumes" } });
}

function mountsOf({ container: owner, volumes, mounts }: PlacedCase): Json[] {
  const given = mounts ?? Object.keys(volumes).map((name) => ({ name, mountPath: `/etc/${name}` }));
  return given.map((mount) => ({ ...mount, name: `${owner}-${mount.name}` }));
}

/** A volume of one source, or a projected one of the same source: the mode belongs to the volume as a whole. */
export const plainConfigMap = (name: string, more: Json = {}): Json => ({ configMap: { name, ...more } });
export const plainSecret = (secretName: string, more: Json = {}): Json => ({ secret: { secretName, ...more } });
export const projectedConfigMap = (name: string, { defaultMode, ...more }: Json = {}): Json => ({
  projected: { sources: [{ configMap: { name, ...more } }], defaultMode },
});
export const projectedSecret = (name: string, { defaultMode, ...more }: Json = {}): Json => ({
  projected: { sources: [{ secret: { name, ...more } }], defaultMode },
});
export const plainDownward = (items: Json[], defaultMode?: number): Json => ({ downwardAPI: { items, defaultMode } });
export const projectedDownward = (items: Json[], defaultMode?: number): Json => ({
  projected: { sources: [{ downwardAPI: { items } }], defaultMode },
});
