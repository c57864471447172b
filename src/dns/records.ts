/** A question as the answers depend on it; `name` is lower case and has no final dot. */
export interface DnsQuestion {
  readonly name: string;
  readonly type: string;
}

export interface SoaData {
  mname: string;
  rname: string;
  serial: number;
  refresh: number;
  retry: number;
  expire: number;
  minimum: number;
}

/** A record in the form in which dns-packet writes it. `ttl` in seconds. */
export type DnsRecord =
  | { type: "A" | "AAAA" | "CNAME" | "PTR" | "NS"; name: string; ttl: number; data: string }
  | { type: "TXT"; name: string; ttl: number; data: string[] }
  | { type: "SOA"; name: string; ttl: number; data: SoaData }
  | {
      type: "SRV";
      name: string;
      ttl: number;
      data: { priority: number; weight: number; port: number; target: string };
    };

/** What is said about a name of the cluster. */
export interface DnsAnswer {
  readonly exists: boolean;
  readonly records: readonly DnsRecord[];
  readonly additional: readonly DnsRecord[];
  /** the name behind an alias that leaves the cluster: its addresses are asked for upstream */
  readonly chase?: string;
}

/** Seconds for which an answer about the cluster may be kept. */
export const TTL = 5;

/** A or AAAA records for those of the addresses that are of the asked family. */
export function addressRecords(name: string, type: string, addresses: readonly string[]): DnsRecord[] {
  if (type !== "A" && type !== "AAAA") return [];
  const wanted = addresses.filter((address) => address.includes(":") === (type === "AAAA"));
  return wanted.map((data) => ({ type, name, ttl: TTL, data }));
}

/** The address that a reverse name (in-addr.arpa or ip6.arpa) stands for, or undefined when it is none. */
export function addressOfReverseName(name: string): string | undefined {
  const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.in-addr\.arpa$/.exec(name);
  if (v4) return v4.slice(1).reverse().join(".");
  const v6 = /^((?:[0-9a-f]\.){32})ip6\.arpa$/.exec(name);
  if (!v6) return undefined;
  const digits = v6[1]!.replaceAll(".", "").split("").reverse().join("");
  return canonicalAddress(digits.replace(/(.{4})(?!$)/g, "$1:"));
}

/** One spelling for each address, so that addresses can be compared as text. */
export function canonicalAddress(address: string): string {
  return address.includes(":") ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address;
}
