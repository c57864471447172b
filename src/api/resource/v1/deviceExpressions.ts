import { CelError, type Expression, ExpressionLanguage } from "../../../apimachinery/cel/environment.ts";
import { SemanticVersion } from "../../../apimachinery/cel/semanticVersions.ts";
import { parseQuantity } from "../../../apimachinery/quantity.ts";
import type { DeviceSelector } from "./devices.ts";
import type { Device, DeviceAttribute } from "./slices.ts";

/** A device as selectors see it: attributes and capacity by domain, then by name. */
class SeenDevice {
  readonly driver: string;
  readonly attributes: Map<string, Map<string, unknown>>;
  readonly capacity: Map<string, Map<string, unknown>>;
  readonly allowMultipleAllocations: boolean;

  constructor(driver: string, { attributes = {}, capacity = {}, allowMultipleAllocations }: Device) {
    this.driver = driver;
    this.attributes = byDomain(driver, attributes, attributeValue);
    this.capacity = byDomain(driver, capacity, ({ value }) => parseQuantity(value));
    this.allowMultipleAllocations = allowMultipleAllocations === true;
  }
}

/** A domain of which nothing is known is there all the same, and empty: then only the name that is asked for is not there. */
function byDomain<T>(driver: string, values: Record<string, T>, see: (value: T) => unknown) {
  const domains = new Map<string, Map<string, unknown>>();
  for (const [qualified, value] of Object.entries(values)) {
    const { domain, name } = splitName(qualified, driver);
    const known = domains.get(domain);
    if (known) known.set(name, see(value));
    else domains.set(domain, new Map([[name, see(value)]]));
  }
  domains.get = (domain: string) => Map.prototype.get.call(domains, domain) ?? new Map();
  return domains;
}

/** "example.com/model" as domain and name; a name alone is in the driver's own domain. */
export function splitName(qualified: string, driver: string): { domain: string; name: string } {
  const slash = qualified.indexOf("/");
  return slash < 0
    ? { domain: driver, name: qualified }
    : { domain: qualified.slice(0, slash), name: qualified.slice(slash + 1) };
}

function attributeValue(it: DeviceAttribute): unknown {
  if (it.int !== undefined) return BigInt(it.int);
  if (it.version !== undefined) return new SemanticVersion(it.version);
  if (it.ints) return it.ints.map(BigInt);
  if (it.versions) return it.versions.map((version) => new SemanticVersion(version));
  return it.bool ?? it.string ?? it.bools ?? it.strings;
}

type Variables = { device: SeenDevice };

const language = new ExpressionLanguage<Variables>((environment) =>
  environment
    .registerType("Device", {
      ctor: SeenDevice,
      fields: {
        driver: "string",
        attributes: "map<string, map<string, dyn>>",
        capacity: "map<string, map<string, Quantity>>",
        allowMultipleAllocations: "bool",
      },
    })
    .registerVariable("device", "Device"),
);

/** Selectors and devices stay the same over many cycles: each pair is looked at once. */
const compiled = new Map<string, Expression<Variables>>();
const COMPILED = 1000;
const seen = new WeakMap<Device, { device: SeenDevice; verdicts: Map<string, boolean> }>();

function compile(text: string): Expression<Variables> {
  let expression = compiled.get(text);
  if (!expression) {
    expression = language.compile(text, "bool");
    if (compiled.size >= COMPILED) compiled.clear();
    compiled.set(text, expression);
  }
  return expression;
}

/** Throws CelError, which says why, unless the text is an expression about a device that is true or false. */
export function checkExpression(text: string): void {
  compile(text);
}

/** Whether all selectors hold for a device. Throws CelError that says which could not be decided. */
export function isSelected(
  driver: string,
  device: Device,
  selectors: readonly DeviceSelector[] = [],
  of: string,
): boolean {
  return selectors.every(({ cel }, i) => {
    try {
      return holds(driver, device, cel?.expression ?? "");
    } catch (error) {
      throw new CelError(`${of}: selector #${i}: CEL runtime error: ${(error as Error).message}`);
    }
  });
}

function holds(driver: string, device: Device, text: string): boolean {
  let about = seen.get(device);
  if (!about) {
    about = { device: new SeenDevice(driver, device), verdicts: new Map() };
    seen.set(device, about);
  }
  let verdict = about.verdicts.get(text);
  if (verdict === undefined) {
    verdict = compile(text).evaluate({ device: about.device }) === true;
    about.verdicts.set(text, verdict);
  }
  return verdict;
}
