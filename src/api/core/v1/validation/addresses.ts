import { isIPv4 } from "node:net";
import {
  type FieldError,
  type FieldPath,
  fieldInvalid,
  fieldInvalidEach,
} from "../../../../apimachinery/fieldErrors.ts";
import { ip } from "../../../../apimachinery/validation/names.ts";

export const validateIP = (address: string, path: FieldPath): FieldError[] =>
  fieldInvalidEach(path, address, ip(address));

export const familyOf = (address: string): "IPv4" | "IPv6" => (isIPv4(address) ? "IPv4" : "IPv6");
export const areDualStack = (addresses: readonly string[]): boolean => new Set(addresses.map(familyOf)).size === 2;

const SPECIAL: readonly { is(address: string): boolean; text: string }[] = [
  {
    is: (a) => a.startsWith("127.") || a === "::1",
    text: "may not be in the loopback range (127.0.0.0/8, ::1/128)",
  },
  {
    is: (a) => a.startsWith("169.254.") || /^fe[89ab][0-9a-f]:/i.test(a),
    text: "may not be in the link-local range (169.254.0.0/16, fe80::/10)",
  },
  {
    is: (a) => a.startsWith("224.0.0.") || /^ff02:/i.test(a),
    text: "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
  },
];

/** An address that others can send to: not a host's own, and not one of a single link. */
export function validateNonSpecialIP(address: string, path: FieldPath): FieldError[] {
  if (ip(address).length > 0) return [fieldInvalid(path, address, "must be a valid IP address")];
  if (address === "0.0.0.0" || /^[0:]+$/.test(address)) {
    return [fieldInvalid(path, address, `may not be unspecified (${address})`)];
  }
  return SPECIAL.filter((range) => range.is(address)).map(({ text }) => fieldInvalid(path, address, text));
}
