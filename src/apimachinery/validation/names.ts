import { isIP, isIPv4, isIPv6 } from "node:net";

/**
 * Checks of names and small values. Each answers what is wrong, in Kubernetes' words; an empty list means nothing is.
 */
export type Check = (value: string) => string[];

export const maxLength = (most: number): string => `must be no more than ${most} characters`;
export const maxBytes = (most: number): string => `must be no more than ${most} bytes`;
export const EMPTY = "must be non-empty";
export const inclusiveRange = (least: number, most: number): string =>
  `must be between ${least} and ${most}, inclusive`;

/** A message that ends with examples and the expression that a value must match. */
export function regexError(message: string, expression: string, ...examples: string[]): string {
  if (examples.length === 0) return `${message} (regex used for validation is '${expression}')`;
  const list = examples.map((example) => `'${example}', `).join(" or ");
  return `${message} (e.g. ${list}regex used for validation is '${expression}')`;
}

const byteLength = (text: string) => Buffer.byteLength(text);

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const LABEL_RE = new RegExp(`^${LABEL}$`);
const LABEL_TEXT = regexError(
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character",
  LABEL,
  "my-name",
  "123-abc",
);
export function dns1123Label(value: string): string[] {
  const out: string[] = [];
  if (byteLength(value) > 63) out.push(maxLength(63));
  if (!LABEL_RE.test(value)) {
    // one that is a subdomain is told so, as its dots are what is wrong
    out.push(SUBDOMAIN_RE.test(value) ? "must not contain dots" : LABEL_TEXT);
  }
  return out;
}

const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const SUBDOMAIN_RE = new RegExp(`^${SUBDOMAIN}$`);
const SUBDOMAIN_TEXT = regexError(
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character",
  SUBDOMAIN,
  "example.com",
);
export function dns1123Subdomain(value: string): string[] {
  const out: string[] = [];
  if (byteLength(value) > 253) out.push(maxLength(253));
  if (!SUBDOMAIN_RE.test(value)) out.push(SUBDOMAIN_TEXT);
  return out;
}

const UNDERSCORE_LABEL = "_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?";
const UNDERSCORE = `${UNDERSCORE_LABEL}(\\.${UNDERSCORE_LABEL})*`;
const UNDERSCORE_RE = new RegExp(`^${UNDERSCORE}$`);
export function dns1123SubdomainWithUnderscore(value: string): string[] {
  const out: string[] = [];
  if (byteLength(value) > 253) out.push(maxLength(253));
  if (!UNDERSCORE_RE.test(value)) {
    out.push(
      regexError(
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character",
        UNDERSCORE,
        "example.com",
      ),
    );
  }
  return out;
}

const WILDCARD = `\\*\\.${SUBDOMAIN}`;
const WILDCARD_RE = new RegExp(`^${WILDCARD}$`);
export function wildcardDns1123Subdomain(value: string): string[] {
  const out: string[] = [];
  if (byteLength(value) > 253) out.push(maxLength(253));
  if (!WILDCARD_RE.test(value)) {
    out.push(
      regexError(
        "a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character",
        WILDCARD,
        "*.example.com",
      ),
    );
  }
  return out;
}

const LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";
const LABEL_1035_RE = new RegExp(`^${LABEL_1035}$`);
export function dns1035Label(value: string): string[] {
  const out: string[] = [];
  if (byteLength(value) > 63) out.push(maxLength(63));
  if (!LABEL_1035_RE.test(value)) {
    out.push(
      regexError(
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character",
        LABEL_1035,
        "my-name",
        "abc-123",
      ),
    );
  }
  return out;
}

const QUALIFIED = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const QUALIFIED_RE = new RegExp(`^${QUALIFIED}$`);
const QUALIFIED_TEXT = regexError(
  "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
  QUALIFIED,
  "MyName",
  "my.name",
  "123-abc",
);
/** A label key or the like: a name, with an optional DNS subdomain and "/" before it. */
export function qualifiedName(value: string): string[] {
  const parts = value.split("/");
  if (parts.length > 2) {
    return [
      `a qualified name ${QUALIFIED_TEXT} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const name = parts.at(-1)!;
  const out: string[] = [];
  if (parts.length === 2) {
    const prefix = parts[0]!;
    if (prefix === "") out.push(`prefix part ${EMPTY}`);
    else out.push(...dns1123Subdomain(prefix).map((text) => `prefix part ${text}`));
  }
  if (name === "") out.push(`name part ${EMPTY}`);
  else if (byteLength(name) > 63) out.push(`name part ${maxBytes(63)}`);
  if (!QUALIFIED_RE.test(name)) out.push(`name part ${QUALIFIED_TEXT}`);
  return out;
}
export const labelKey: Check = qualifiedName;

const LABEL_VALUE = `(${QUALIFIED})?`;
const LABEL_VALUE_RE = new RegExp(`^${LABEL_VALUE}$`);
export function labelValue(value: string): string[] {
  const out: string[] = [];
  if (byteLength(value) > 63) out.push(maxBytes(63));
  if (!LABEL_VALUE_RE.test(value)) {
    out.push(
      regexError(
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character",
        LABEL_VALUE,
        "MyValue",
        "my_value",
        "12345",
      ),
    );
  }
  return out;
}

const C_IDENTIFIER = "[A-Za-z_][A-Za-z0-9_]*";
export function cIdentifier(value: string): string[] {
  if (new RegExp(`^${C_IDENTIFIER}$`).test(value)) return [];
  return [
    regexError(
      "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'",
      C_IDENTIFIER,
      "my_name",
      "MY_NAME",
      "MyName",
    ),
  ];
}

export const portNumber = (port: number): string[] => (port >= 1 && port <= 65535 ? [] : [inclusiveRange(1, 65535)]);

/** The name of a container's or Service's port: an IANA service name. */
export function portName(value: string): string[] {
  const out: string[] = [];
  if (byteLength(value) > 15) out.push(maxLength(15));
  if (!/^[-a-z0-9]+$/.test(value)) out.push("must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)");
  if (!/[a-z]/.test(value)) out.push("must contain at least one letter (a-z)");
  if (value.includes("--")) out.push("must not contain consecutive hyphens");
  if (value.startsWith("-") || value.endsWith("-")) out.push("must not begin or end with a hyphen");
  return out;
}

const ID_MOST = 2147483647;
export const userID = (id: number): string[] => (id >= 0 && id <= ID_MOST ? [] : [inclusiveRange(0, ID_MOST)]);
export const groupID = userID;

/** An address as Kubernetes takes it: also IPv4 with leading zeros is refused, as net/netip does. */
export const ip: Check = (value) =>
  isIP(value) !== 0 && !value.includes("%") ? [] : ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"];
export const ipv4: Check = (value) => (isIPv4(value) ? [] : ["must be a valid IPv4 address"]);
export const ipv6: Check = (value) => (isIPv6(value) && !value.includes("%") ? [] : ["must be a valid IPv6 address"]);

export function cidr(value: string): string[] {
  const [address, bits, ...more] = value.split("/");
  const family = isIP(address ?? "");
  const fine =
    more.length === 0 &&
    family !== 0 &&
    /^(0|[1-9]\d{0,2})$/.test(bits ?? "") &&
    Number(bits) <= (family === 4 ? 32 : 128);
  return fine ? [] : ["must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)"];
}

/** The name of a header of an HTTP probe. */
export function httpHeaderName(value: string): string[] {
  if (/^[-A-Za-z0-9]+$/.test(value)) return [];
  return [
    regexError("a valid HTTP header must consist of alphanumeric characters or '-'", "[-A-Za-z0-9]+", "X-Header-Name"),
  ];
}

/** An environment variable's name: any printable ASCII but "=". */
export function envVarName(value: string): string[] {
  if (value === "") return [`environment variable name ${EMPTY}`];
  if (/^[\x20-\x3c\x3e-\x7e]+$/.test(value)) return [];
  return ["a valid environment variable name must consist only of printable ASCII characters other than '='"];
}

function dotDot(value: string): string[] {
  if (value === ".") return ["must not be '.'"];
  if (value === "..") return ["must not be '..'"];
  return value.startsWith("..") ? ["must not start with '..'"] : [];
}

/** A key of a ConfigMap or Secret: what may be a file's name. */
export function configMapKey(value: string): string[] {
  const out: string[] = [];
  if (byteLength(value) > 253) out.push(maxLength(253));
  if (/^[-._a-zA-Z0-9]+$/.test(value)) return [...out, ...dotDot(value)];
  out.push(
    regexError(
      "a valid config key must consist of alphanumeric characters, '-', '_' or '.'",
      "[-._a-zA-Z0-9]+",
      "key.name",
      "KEY_NAME",
      "key-name",
    ),
  );
  return out;
}

export function percent(value: string): string[] {
  if (/^[0-9]+%$/.test(value)) return [];
  return [
    regexError("a valid percent string must be a numeric string followed by an ending '%'", "[0-9]+%", "1%", "93%"),
  ];
}

/** What may stand as one segment of a URL's path, such as a Role's name. */
export function pathSegment(value: string): string[] {
  if (value === "." || value === "..") return [`may not be '${value}'`];
  return pathSegmentPrefix(value);
}
/** As `pathSegment`, for the beginning of a name. */
export const pathSegmentPrefix: Check = (value) =>
  ["/", "%"].filter((part) => value.includes(part)).map((part) => `may not contain '${part}'`);

/** A check for `metadata.name` and `metadata.generateName`: a prefix may end with a dash. */
export type NameCheck = (name: string, prefix: boolean) => string[];

const withoutTrailingDash = (name: string) => (name.length > 1 && name.endsWith("-") ? `${name.slice(0, -2)}a` : name);
const nameBy =
  (check: Check): NameCheck =>
  (name, prefix) =>
    check(prefix ? withoutTrailingDash(name) : name);

export const subdomainName: NameCheck = nameBy(dns1123Subdomain);
export const labelName: NameCheck = nameBy(dns1123Label);
export const dns1035Name: NameCheck = nameBy(dns1035Label);
export const pathSegmentName: NameCheck = (name, prefix) => (prefix ? pathSegmentPrefix(name) : pathSegment(name));
