import type { Service } from "../../api/core/v1/index.ts";
import { internalError, invalid } from "../../apimachinery/errors.ts";
import { type FieldError, fieldInvalid, root } from "../../apimachinery/fieldErrors.ts";
import type { StatusError } from "../../apimachinery/status.ts";
import type { Reservation, Write } from "./resource.ts";
import type { Family, Holder } from "./serviceAddresses.ts";

const spec = root.child("spec");

export function refuse(write: Write, service: Service, errors: readonly FieldError[]): StatusError {
  return invalid(write.resource.kind, service.metadata.name ?? "", errors);
}

/** What one write of a Service takes, and what it no longer needs once it is stored. */
export class ServiceClaims implements Reservation {
  readonly #write: Write;
  readonly #service: Service;
  readonly #holder: Holder;
  #addresses: string[] = [];
  #ports: number[] = [];
  #unneeded: { addresses: readonly string[]; ports: readonly number[] } = { addresses: [], ports: [] };

  constructor(write: Write, service: Service) {
    this.#write = write;
    this.#service = service;
    this.#holder = { namespace: service.metadata.namespace ?? write.namespace, name: service.metadata.name ?? "" };
  }
  async anyAddress(family: Family): Promise<string> {
    const { registry, dryRun } = this.#write;
    const address = await registry.allocators.addresses.takeAny(registry, family, this.#holder, dryRun);
    if (address === undefined) throw internalError("failed to allocate a serviceIP: range is full");
    this.#addresses.push(address);
    return address;
  }
  async address(wanted: string): Promise<void> {
    const { registry, dryRun } = this.#write;
    const { addresses } = registry.allocators;
    if (!addresses.rangeOf(registry, wanted)) {
      const ranges = addresses.own.map(({ text }) => text).join(",");
      throw this.#refused(wanted, `the provided network does not match the current range: ${ranges}`);
    }
    const free = dryRun ? addresses.isFree(registry, wanted) : await addresses.take(registry, wanted, this.#holder);
    if (!free) throw this.#refused(wanted, "provided IP is already allocated");
    this.#addresses.push(wanted);
  }
  #refused(wanted: string, why: string): StatusError {
    const error = fieldInvalid(spec.child("clusterIPs"), [wanted], `failed to allocate IP ${wanted}: ${why}`);
    return refuse(this.#write, this.#service, [error]);
  }
  async port(wanted: number | undefined, field: string): Promise<number> {
    const { registry, dryRun } = this.#write;
    const { ports } = registry.allocators;
    const port = wanted || (await ports.takeAny(registry, this.#holder, dryRun));
    if (port === undefined) throw internalError("failed to allocate a nodePort: range is full");
    if (wanted) await this.#certainPort(wanted, field);
    this.#ports.push(port);
    return port;
  }
  async #certainPort(wanted: number, field: string): Promise<void> {
    const { registry, dryRun } = this.#write;
    const { ports } = registry.allocators;
    const refused = (why: string) => refuse(this.#write, this.#service, [fieldInvalid(spec.child(field), wanted, why)]);
    if (!ports.includes(wanted)) {
      throw refused(`provided port is not in the valid range. The range of valid ports is ${ports.from}-${ports.to}`);
    }
    const free = dryRun ? await ports.isFree(registry, wanted) : await ports.take(registry, wanted, this.#holder);
    if (!free) throw refused("provided port is already allocated");
  }
  /** What the Service had before and will not have any more. */
  giveBackWhenStored(addresses: readonly string[], ports: readonly number[]): void {
    this.#unneeded = { addresses, ports };
  }
  commit(): Promise<void> {
    return this.#free(this.#unneeded.addresses, this.#unneeded.ports);
  }
  async release(): Promise<void> {
    if (!this.#write.dryRun) await this.#free(this.#addresses, this.#ports);
  }
  #free(addresses: readonly string[], ports: readonly number[]): Promise<void> {
    return freeAll(this.#write.registry, this.#holder, addresses, ports);
  }
}

export async function freeAll(
  registry: Write["registry"],
  holder: Holder,
  addresses: readonly string[],
  ports: Iterable<number>,
): Promise<void> {
  const { allocators } = registry;
  for (const address of addresses) await allocators.addresses.free(registry, address, holder);
  for (const port of ports) await allocators.ports.free(registry, port, holder);
}
