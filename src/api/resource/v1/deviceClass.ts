import { fieldInvalidEach, root } from "../../../apimachinery/fieldErrors.ts";
import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, list, message, string, struct } from "../../../apimachinery/schema.ts";
import { dns1123Subdomain } from "../../../apimachinery/validation/names.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { atMost, validateConfiguration, validateSelectors } from "./claimValidation.ts";
import { DeviceClassConfiguration, DeviceSelector } from "./devices.ts";

const MOST = 32;

export const DeviceClassSpec = message(
  "io.k8s.api.resource.v1.DeviceClassSpec",
  {
    selectors: list(1, DeviceSelector).atomicList.doc("All must hold for a device of the class."),
    config: list(2, DeviceClassConfiguration).atomicList.doc("Settings that such devices get when they are claimed."),
    extendedResourceName: string(4).optional.doc(
      "A resource by whose name containers may ask for devices of the class without a claim.",
    ),
  },
  { doc: "Which devices belong to a class, and how they are set up." },
);
export interface DeviceClassSpec extends Infer<typeof DeviceClassSpec> {}

export const DeviceClassSchema = message(
  "io.k8s.api.resource.v1.DeviceClass",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    spec: struct(2, DeviceClassSpec).required.doc("Which devices belong to it."),
  },
  { doc: "Devices of a kind, which claims ask for by the class's name." },
);
export interface DeviceClass extends Infer<typeof DeviceClassSchema> {}

export const DeviceClass = defineKind<DeviceClass>({
  group: "resource.k8s.io",
  version: "v1",
  kind: "DeviceClass",
  plural: "deviceclasses",
  scope: "Cluster",
  schema: DeviceClassSchema,
  generation: ["spec"],
  validate: validateClass,
  columns: [nameColumn(), ageColumn()],
});

function validateClass({ spec: { selectors, config, extendedResourceName: name } }: DeviceClass) {
  const path = root.child("spec");
  return [
    ...validateSelectors(selectors, path.child("selectors")),
    ...atMost(config, MOST, path.child("config")),
    ...(config ?? []).flatMap((one, i) => validateConfiguration(one, path.child("config").index(i))),
    ...(name === undefined ? [] : fieldInvalidEach(path.child("extendedResourceName"), name, resourceName(name))),
  ];
}

/** An extended resource is named `domain/name`. */
function resourceName(name: string): string[] {
  const [domain, rest, ...more] = name.split("/");
  if (!domain || !rest || more.length > 0) return ["must be a domain-prefixed name (e.g. example.com/my-prop)"];
  return dns1123Subdomain(domain);
}
