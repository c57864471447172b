import type { Container, Pod, Secret } from "../../api/core/v1/index.ts";
import type { EventRecorder } from "../../client/index.ts";
import type { AuthConfig, CriClient, PodSandboxConfig } from "../../cri/index.ts";
import { Backoff } from "../../util/backoff.ts";
import type { Clock } from "../../util/clock.ts";
import { credentialsFor } from "./credentials.ts";
import { parseImageReference } from "./reference.ts";

export type ImageOutcome =
  | { is: "ready"; id: string; user: { uid?: number; username?: string } }
  /** being pulled; `done` settles (never rejects) when it is worth asking again */
  | { is: "pulling"; done: Promise<void> }
  | { is: "failed"; reason: string; message: string; retryAt: number };

interface Failure {
  reason: string;
  message: string;
}

export interface ImagePullerOptions {
  cri: CriClient;
  clock: Clock;
  recorder: EventRecorder;
}

/** Brings images to the node, as each container's pull policy says. One pull at a time per pod and image. */
export class ImagePuller {
  readonly #options: ImagePullerOptions;
  readonly #backoff: Backoff;
  readonly #pulls = new Map<string, Promise<void>>();
  /** the last outcome of a pull, until the container has taken note of it */
  readonly #pulled = new Map<string, string>();
  readonly #failures = new Map<string, Failure>();
  /** when each image was last wanted, for garbage collection */
  readonly lastUsed = new Map<string, number>();

  constructor(options: ImagePullerOptions) {
    this.#options = options;
    this.#backoff = new Backoff({ clock: options.clock, initial: 10_000, max: 300_000 });
  }

  async ensure(
    pod: Pod,
    container: Container,
    secrets: readonly Secret[],
    sandbox?: PodSandboxConfig,
  ): Promise<ImageOutcome> {
    const image = container.image ?? "";
    const reference = parseImageReference(image);
    if (!reference) return this.#refuse(pod, container, INVALID(image), Number.POSITIVE_INFINITY);
    const key = `${pod.metadata.uid}/${reference.text}`;
    const pulling = this.#pulls.get(key);
    if (pulling) return { is: "pulling", done: pulling };
    const fresh = this.#pulled.get(key);
    const present = await this.#options.cri.imageStatus(fresh ?? reference.text);
    if (present && (fresh || container.imagePullPolicy !== "Always")) {
      return this.#ready(pod, container, key, present, fresh !== undefined);
    }
    if (container.imagePullPolicy === "Never") return this.#refuse(pod, container, NEVER(image), 0);
    const left = this.#backoff.remaining(key);
    if (left > 0) return this.#waitingOut(pod, container, key, left);
    const again = this.#pulls.get(key);
    if (again) return { is: "pulling", done: again };
    const done = this.#pull(pod, container, key, reference.text, credentialsFor(image, secrets), sandbox);
    this.#pulls.set(key, done);
    return { is: "pulling", done };
  }

  /** For a volume: waits for the image, which then stays until the pod is forgotten. Answers its id; throws. */
  async hold(pod: Pod, name: string, image: string, policy: string, secrets: readonly Secret[]): Promise<string> {
    const wanted = { name, image, imagePullPolicy: policy } as Container;
    for (;;) {
      const outcome = await this.ensure(pod, wanted, secrets);
      if (outcome.is === "failed") throw new Error(`${outcome.reason}: ${outcome.message}`);
      if (outcome.is === "pulling") {
        await outcome.done;
        continue;
      }
      const uid = pod.metadata.uid!;
      this.#held.set(uid, (this.#held.get(uid) ?? new Set()).add(outcome.id));
      return outcome.id;
    }
  }
  /** Images that volumes show. */
  held(): string[] {
    return [...this.#held.values()].flatMap((it) => [...it]);
  }
  readonly #held = new Map<string, Set<string>>();

  /** The failure of the last pull, for a container's status while it is not asked for again. */
  forget(podUid: string): void {
    for (const map of [this.#failures, this.#pulled]) {
      for (const key of map.keys()) if (key.startsWith(`${podUid}/`)) map.delete(key);
    }
    this.#held.delete(podUid);
  }

  #ready(
    pod: Pod,
    container: Container,
    key: string,
    image: { id: string; uid?: number; username: string },
    fresh: boolean,
  ): ImageOutcome {
    if (!fresh) {
      const message = `Container image "${container.image}" already present on machine and can be accessed by the pod`;
      this.#event(pod, container, "Normal", "Pulled", message);
    }
    this.#pulled.delete(key);
    this.#failures.delete(key);
    this.#backoff.reset(key);
    this.lastUsed.set(image.id, this.#options.clock.now());
    return {
      is: "ready",
      id: image.id,
      user: { uid: image.uid, ...(image.username ? { username: image.username } : {}) },
    };
  }

  #waitingOut(pod: Pod, container: Container, key: string, left: number): ImageOutcome {
    const { clock } = this.#options;
    const failure = this.#failures.get(key);
    const retryAt = clock.now() + left;
    if (failure?.reason === "ErrImagePull" && !this.#told.has(key)) {
      this.#told.add(key);
      return { is: "failed", ...failure, retryAt: clock.now() + Math.min(left, SHOW_ERROR) };
    }
    const cause = failure ? `: ${failure.reason}: ${failure.message}` : "";
    const message = `Back-off pulling image "${container.image}"${cause}`;
    this.#event(pod, container, "Normal", "BackOff", message);
    this.#event(pod, container, "Warning", "Failed", "Error: ImagePullBackOff");
    return { is: "failed", reason: "ImagePullBackOff", message, retryAt };
  }
  /** keys whose last failure has been shown as such, before it becomes a back-off */
  readonly #told = new Set<string>();

  async #pull(
    pod: Pod,
    container: Container,
    key: string,
    image: string,
    credentials: readonly AuthConfig[],
    sandbox: PodSandboxConfig | undefined,
  ): Promise<void> {
    const { cri, clock } = this.#options;
    const started = clock.now();
    this.#event(pod, container, "Normal", "Pulling", `Pulling image "${container.image}"`);
    try {
      const id = await this.#tryAll(image, credentials, sandbox);
      const size = (await cri.imageStatus(id))?.size ?? 0;
      const took = duration(clock.now() - started);
      const message = `Successfully pulled image "${container.image}" in ${took} (${took} including waiting). Image size: ${size} bytes.`;
      this.#event(pod, container, "Normal", "Pulled", message);
      this.#pulled.set(key, id);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.#backoff.next(key);
      this.#told.delete(key);
      const code = (error as { code?: string }).code ?? "UNKNOWN";
      this.#failures.set(key, { reason: "ErrImagePull", message: `rpc error: code = ${goCode(code)} desc = ${text}` });
      const shown = this.#failures.get(key)!.message;
      this.#event(pod, container, "Warning", "Failed", `Failed to pull image "${container.image}": ${shown}`);
      this.#event(pod, container, "Warning", "Failed", "Error: ErrImagePull");
    } finally {
      this.#pulls.delete(key);
    }
  }

  async #tryAll(
    image: string,
    credentials: readonly AuthConfig[],
    sandbox: PodSandboxConfig | undefined,
  ): Promise<string> {
    const { cri } = this.#options;
    const options = sandbox ? { sandbox } : {};
    if (credentials.length === 0) return cri.pullImage(image, options);
    let failure: unknown;
    for (const auth of credentials) {
      try {
        return await cri.pullImage(image, { ...options, auth });
      } catch (error) {
        failure = error;
      }
    }
    throw failure;
  }

  #refuse(pod: Pod, container: Container, failure: Failure, _retry: number): ImageOutcome {
    const reason = failure.reason === "InvalidImageName" ? "InspectFailed" : failure.reason;
    this.#event(pod, container, "Warning", reason, failure.message);
    this.#event(pod, container, "Warning", "Failed", `Error: ${failure.reason}`);
    return { is: "failed", ...failure, retryAt: this.#options.clock.now() + REFUSED_AGAIN };
  }

  #event(pod: Pod, container: Container, type: "Normal" | "Warning", reason: string, message: string): void {
    this.#options.recorder.event(pod, type, reason, message, { fieldPath: `spec.containers{${container.name}}` });
  }
}

/** How long ErrImagePull, with the runtime's own words, stands in the status before it becomes ImagePullBackOff. */
const SHOW_ERROR = 5000;
/** What cannot be pulled by definition is looked at again now and then: someone may have loaded the image by hand. */
const REFUSED_AGAIN = 10_000;

const INVALID = (image: string): Failure => ({
  reason: "InvalidImageName",
  message: `Failed to apply default image tag "${image}": couldn't parse image name "${image}": invalid reference format`,
});
const NEVER = (image: string): Failure => ({
  reason: "ErrImageNeverPull",
  message: `Container image "${image}" is not present with pull policy of Never`,
});

/** "NOT_FOUND" as Go's gRPC names it: "NotFound". */
export function goCode(code: string): string {
  return code
    .toLowerCase()
    .split("_")
    .map((word) => word[0]!.toUpperCase() + word.slice(1))
    .join("");
}

/** As Go prints a duration rounded to milliseconds. */
function duration(ms: number): string {
  const rounded = Math.round(ms);
  return rounded < 1000 ? `${rounded}ms` : `${rounded / 1000}s`;
}
