import { type FieldError, type FieldPath, fieldRequired, root } from "../../../../apimachinery/fieldErrors.ts";
import { dns1123Label, dns1123Subdomain, qualifiedName } from "../../../../apimachinery/validation/names.ts";
import type { EndpointAddress, EndpointPort, EndpointSubset } from "../endpointSubset.ts";
import { validateIP, validateNonSpecialIP } from "./addresses.ts";
import { checked, oneOf, validatePortNumber } from "./fields.ts";

export function validateEndpoints({ subsets = [] }: { subsets?: readonly EndpointSubset[] }): FieldError[] {
  return subsets.flatMap(({ addresses = [], notReadyAddresses = [], ports = [] }, i) => {
    const at = root.child("subsets").index(i);
    const none = addresses.length === 0 && notReadyAddresses.length === 0;
    return [
      ...(none ? [fieldRequired(at, "must specify `addresses` or `notReadyAddresses`")] : []),
      ...addresses.flatMap((one, a) => validateAddress(one, at.child("addresses").index(a))),
      ...notReadyAddresses.flatMap((one, a) => validateAddress(one, at.child("notReadyAddresses").index(a))),
      ...ports.flatMap((port, p) => validateEndpointPort(port, ports.length > 1, at.child("ports").index(p))),
    ];
  });
}

function validateAddress({ ip, hostname, nodeName }: EndpointAddress, path: FieldPath): FieldError[] {
  return [
    ...validateIP(ip, path.child("ip")),
    ...(hostname ? checked(dns1123Label, hostname, path.child("hostname")) : []),
    ...(nodeName === undefined ? [] : checked(dns1123Subdomain, nodeName, path.child("nodeName"))),
    ...validateNonSpecialIP(ip, path.child("ip")),
  ];
}

function validateEndpointPort(port: EndpointPort, named: boolean, path: FieldPath): FieldError[] {
  const { name = "", protocol, appProtocol } = port;
  const errors = name === "" ? [] : checked(dns1123Label, name, path.child("name"));
  if (named && name === "") errors.push(fieldRequired(path.child("name")));
  return [
    ...errors,
    ...validatePortNumber(port.port, path.child("port")),
    ...oneOf(protocol, ["SCTP", "TCP", "UDP"], path.child("protocol")),
    ...(appProtocol === undefined ? [] : checked(qualifiedName, appProtocol, path.child("appProtocol"))),
  ];
}
