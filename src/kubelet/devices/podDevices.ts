import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { type Container, type Pod, resourceClaimName } from "../../api/core/v1/index.ts";
import { isFor, isReservedFor, ResourceClaim } from "../../api/resource/v1/index.ts";
import type { Client } from "../../client/index.ts";
import { Turns } from "../../util/turns.ts";
import { CDI_DIRECTORIES, type ContainerEdits, editsOf, NOTHING } from "./cdi.ts";
import type { ClaimName, PreparedDevice } from "./messages.ts";
import { claimName, type DevicePlugin } from "./plugin.ts";

/** A claim whose devices were made ready on this node, or are being. */
interface PreparedClaim extends ClaimName {
  /** UIDs of the Pods that use it here */
  pods: string[];
  /** by driver; one that has not answered yet has none */
  drivers: Record<string, PreparedDevice[] | null>;
}

export interface PodDevicesOptions {
  client: Client;
  /** where this is kept over the kubelet's own end */
  file: string;
  plugin(driver: string): DevicePlugin | undefined;
  /** whether the runtime looks up devices itself */
  knowsCdi(): Promise<boolean>;
  /** where devices are described; default: the usual folders */
  cdiDirectories?: readonly string[];
}

/** The devices of this node's Pods. What was begun is on disk before a driver hears of it, so that it can be undone. */
export class PodDevices {
  readonly #options: PodDevicesOptions;
  #claims = new Map<string, PreparedClaim>();
  /** one after another: two Pods may share a claim */
  readonly #turns = new Turns(1);

  constructor(options: PodDevicesOptions) {
    this.#options = options;
  }

  /** Learns what an earlier kubelet had made ready. */
  async recall(): Promise<void> {
    const text = await readFile(this.#options.file, "utf8").catch(() => "[]"); // there was none
    this.#claims = new Map((JSON.parse(text) as PreparedClaim[]).map((claim) => [claim.uid, claim]));
  }

  /** Makes the devices of all the Pod's claims ready. Rejects with what is missing. */
  async prepare(pod: Pod): Promise<void> {
    if (!pod.spec.resourceClaims?.length) return;
    await this.#turns.take(async () => {
      for (const claim of await this.#claimsOf(pod)) await this.#prepareClaim(claim, pod);
    });
  }

  /** What a container needs to use the devices that it asks for. Rejects when they cannot be described. */
  async editsFor(pod: Pod, container: Pick<Container, "resources">): Promise<ContainerEdits> {
    if (!container.resources?.claims?.length) return NOTHING;
    const names = new Set<string>();
    for (const { name, request } of container.resources?.claims ?? []) {
      const entry = pod.spec.resourceClaims?.find((one) => one.name === name);
      const claim = entry && resourceClaimName(pod, entry);
      const prepared = [...this.#claims.values()].find(
        (one) => one.name === claim && one.namespace === pod.metadata.namespace && one.pods.includes(pod.metadata.uid!),
      );
      for (const devices of Object.values(prepared?.drivers ?? {})) {
        for (const one of devices ?? []) if (serves(one, request)) for (const id of one.cdiDeviceIds) names.add(id);
      }
    }
    if (names.size > 0 && (await this.#options.knowsCdi())) {
      return { ...NOTHING, cdiDevices: [...names].map((name) => ({ name })) };
    }
    return editsOf([...names], this.#options.cdiDirectories ?? CDI_DIRECTORIES);
  }

  /** The Pod is over: what nobody else uses here is undone. Rejects while a driver cannot do that. */
  async release(uid: string): Promise<void> {
    if (![...this.#claims.values()].some(({ pods }) => pods.includes(uid))) return;
    await this.#turns.take(async () => {
      for (const claim of [...this.#claims.values()]) {
        if (!claim.pods.includes(uid)) continue;
        if (claim.pods.length === 1) await this.#unprepare(claim);
        claim.pods = claim.pods.filter((one) => one !== uid);
        if (claim.pods.length === 0) this.#claims.delete(claim.uid);
        await this.#keep();
      }
    });
  }

  async #claimsOf(pod: Pod): Promise<ResourceClaim[]> {
    const { namespace } = pod.metadata;
    const claims: ResourceClaim[] = [];
    for (const entry of pod.spec.resourceClaims ?? []) {
      const name = resourceClaimName(pod, entry);
      if (name === null) continue;
      if (name === undefined) throw new Error(`claim ${entry.name}: no ResourceClaim was made for it yet`);
      const claim = await this.#options.client.get(ResourceClaim, { namespace, name });
      if (!isFor(claim, pod, entry.resourceClaimTemplateName !== undefined)) {
        throw new Error(`ResourceClaim ${name} was not created for pod ${pod.metadata.name}`);
      }
      if (!isReservedFor(claim, pod)) {
        throw new Error(
          `pod ${pod.metadata.name} is not allowed to use ResourceClaim ${name} (not in status.reservedFor)`,
        );
      }
      claims.push(claim);
    }
    return claims;
  }

  async #prepareClaim(claim: ResourceClaim, pod: Pod): Promise<void> {
    const name = claimName(claim);
    const drivers = [...new Set(claim.status.allocation?.devices.results?.map(({ driver }) => driver) ?? [])];
    const known = this.#claims.get(name.uid) ?? { ...name, pods: [], drivers: {} };
    if (!known.pods.includes(pod.metadata.uid!)) known.pods.push(pod.metadata.uid!);
    for (const driver of drivers) known.drivers[driver] ??= null;
    this.#claims.set(name.uid, known);
    await this.#keep();
    for (const driver of drivers) {
      known.drivers[driver] ??= await this.#need(driver).prepare(name);
    }
    await this.#keep();
  }

  async #unprepare(claim: PreparedClaim): Promise<void> {
    const { uid, name, namespace } = claim;
    for (const driver of Object.keys(claim.drivers)) {
      await this.#need(driver).unprepare({ uid, name, namespace });
      delete claim.drivers[driver];
      await this.#keep();
    }
  }

  #need(driver: string): DevicePlugin {
    const plugin = this.#options.plugin(driver);
    if (!plugin) throw new Error(`DRA driver ${driver} is not registered`);
    return plugin;
  }

  async #keep(): Promise<void> {
    const { file } = this.#options;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(`${file}.new`, JSON.stringify([...this.#claims.values()]), { flush: true });
    await rename(`${file}.new`, file);
  }
}

/** A request, or one of its alternatives; a device that names none serves all. */
const serves = ({ requestNames }: PreparedDevice, request: string | undefined): boolean =>
  !request || requestNames.length === 0 || requestNames.some((one) => one === request || one.startsWith(`${request}/`));
