import { isIPv4, isIPv6 } from "node:net";
import {
  type FieldError,
  type FieldPath,
  fieldDuplicate,
  fieldInvalid,
  fieldInvalidEach,
  fieldNotSupported,
  fieldRequired,
  fieldTooMany,
  root,
} from "../../../apimachinery/fieldErrors.ts";
import { dns1123Label, dns1123Subdomain, labelValue, qualifiedName } from "../../../apimachinery/validation/names.ts";
import type { EndpointSlice } from "./endpointSlice.ts";
import type { Endpoint, EndpointHints, EndpointPort } from "./messages.ts";

const MAX_ENDPOINTS = 1000;
const MAX_ADDRESSES = 100;
const MAX_PORTS = 20_000;
const MAX_HINTS = 8;
const MAX_TOPOLOGY = 16;
const ADDRESS_TYPES = ["FQDN", "IPv4", "IPv6"];
const PROTOCOLS = ["SCTP", "TCP", "UDP"];

export function validateEndpointSlice({ addressType, ports, endpoints }: EndpointSlice): FieldError[] {
  return [
    ...validateAddressType(addressType),
    ...validatePorts(ports ?? [], root.child("ports")),
    ...validateEndpoints(endpoints ?? [], addressType, root.child("endpoints")),
  ];
}

export function validateEndpointSliceUpdate({ addressType }: EndpointSlice, old: EndpointSlice): FieldError[] {
  if (addressType === old.addressType) return [];
  return [fieldInvalid(root.child("addressType"), addressType, "field is immutable")];
}

function validateAddressType(addressType: string): FieldError[] {
  const at = root.child("addressType");
  if (addressType === "") return [fieldRequired(at)];
  return ADDRESS_TYPES.includes(addressType) ? [] : [fieldNotSupported(at, addressType, ADDRESS_TYPES)];
}

function validatePorts(ports: readonly EndpointPort[], path: FieldPath): FieldError[] {
  if (ports.length > MAX_PORTS) return [fieldTooMany(path, ports.length, MAX_PORTS)];
  const names = new Set<string>();
  return ports.flatMap((port, i) => {
    const errors = validatePort(port, path.index(i));
    const name = port.name ?? "";
    if (names.has(name)) errors.push(fieldDuplicate(path.index(i).child("name"), name));
    names.add(name);
    return errors;
  });
}

function validatePort({ name = "", protocol = "", appProtocol }: EndpointPort, path: FieldPath): FieldError[] {
  const errors = name === "" ? [] : fieldInvalidEach(path.child("name"), name, dns1123Label(name));
  if (!PROTOCOLS.includes(protocol)) errors.push(fieldNotSupported(path.child("protocol"), protocol, PROTOCOLS));
  if (appProtocol === undefined) return errors;
  return [...errors, ...fieldInvalidEach(path.child("appProtocol"), appProtocol, qualifiedName(appProtocol))];
}

function validateEndpoints(endpoints: readonly Endpoint[], addressType: string, path: FieldPath): FieldError[] {
  if (endpoints.length > MAX_ENDPOINTS) return [fieldTooMany(path, endpoints.length, MAX_ENDPOINTS)];
  return endpoints.flatMap((endpoint, i) => validateEndpoint(endpoint, addressType, path.index(i)));
}

function validateEndpoint(endpoint: Endpoint, addressType: string, path: FieldPath): FieldError[] {
  const { nodeName, hostname, hints, deprecatedTopology = {} } = endpoint;
  const errors = validateAddresses(endpoint.addresses ?? [], addressType, path.child("addresses"));
  if (nodeName !== undefined)
    errors.push(...fieldInvalidEach(path.child("nodeName"), nodeName, dns1123Subdomain(nodeName)));
  const topology = Object.keys(deprecatedTopology).length;
  if (topology > MAX_TOPOLOGY) errors.push(fieldTooMany(path.child("deprecatedTopology"), topology, MAX_TOPOLOGY));
  if (hostname !== undefined)
    errors.push(...fieldInvalidEach(path.child("hostname"), hostname, dns1123Label(hostname)));
  if (hints !== undefined) errors.push(...validateHints(hints, path.child("hints")));
  return errors;
}

function validateAddresses(addresses: readonly string[], addressType: string, path: FieldPath): FieldError[] {
  if (addresses.length === 0) return [fieldRequired(path, "must contain at least 1 address")];
  const errors = addresses.length > MAX_ADDRESSES ? [fieldTooMany(path, addresses.length, MAX_ADDRESSES)] : [];
  return [...errors, ...addresses.flatMap((address, i) => validateAddress(address, addressType, path.index(i)))];
}

function validateAddress(address: string, addressType: string, path: FieldPath): FieldError[] {
  switch (addressType) {
    case "IPv4":
      return validateIp(address, isIPv4(address), "must be a valid IPv4 address", path);
    case "IPv6":
      return validateIp(address, isIPv6(address), "must be a valid IPv6 address", path);
    case "FQDN":
      return validateFqdn(address, path);
    default:
      return [];
  }
}

function validateIp(address: string, isOfFamily: boolean, why: string, path: FieldPath): FieldError[] {
  if (!isIPv4(address) && !isIPv6(address)) {
    return [fieldInvalid(path, address, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)")];
  }
  const errors = isOfFamily ? [] : [fieldInvalid(path, address, why)];
  return [...errors, ...fieldInvalidEach(path, address, specialRange(address))];
}

/** Addresses that mean something else on each machine are nobody's endpoints. */
function specialRange(address: string): string[] {
  if (address === "0.0.0.0" || address === "::") return [`may not be unspecified (${address})`];
  if (/^127\./.test(address) || address === "::1") return ["may not be in the loopback range (127.0.0.0/8, ::1/128)"];
  if (/^169\.254\./.test(address) || /^fe[89ab]/i.test(address)) {
    return ["may not be in the link-local range (169.254.0.0/16, fe80::/10)"];
  }
  if (/^224\.0\.0\./.test(address) || /^ff.2/i.test(address)) {
    return ["may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"];
  }
  return [];
}

function validateFqdn(name: string, path: FieldPath): FieldError[] {
  if (name === "") return [fieldRequired(path)];
  const plain = name.replace(/\.$/, "");
  const errors = fieldInvalidEach(path, name, dns1123Subdomain(plain));
  if (errors.length > 0) return errors;
  const labels = plain.split(".");
  if (labels.length < 2)
    return [fieldInvalid(path, name, "should be a domain with at least two segments separated by dots")];
  return labels.flatMap((label) => fieldInvalidEach(path, label, dns1123Label(label)));
}

function validateHints({ forZones = [], forNodes = [] }: EndpointHints, path: FieldPath): FieldError[] {
  return [
    ...validateNames(forZones, labelValue, path.child("forZones")),
    ...validateNames(forNodes, dns1123Subdomain, path.child("forNodes")),
  ];
}

function validateNames(
  items: readonly { name: string }[],
  check: (name: string) => string[],
  path: FieldPath,
): FieldError[] {
  if (items.length > MAX_HINTS) return [fieldTooMany(path, items.length, MAX_HINTS)];
  const seen = new Set<string>();
  return items.flatMap(({ name }, i) => {
    const at = path.index(i).child("name");
    const twice = seen.has(name) ? [fieldDuplicate(at, name)] : [];
    seen.add(name);
    return [...twice, ...fieldInvalidEach(at, name, check(name))];
  });
}
