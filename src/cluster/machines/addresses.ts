import { mkdir, readdir, readlink, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../errors.ts";

/**
 * Who has which address: in the folder, a symbolic link named by the address points at the machine's name. Making one
 * is a single step that fails when somebody else was first, so machines may be made side by side.
 */
export async function claimAddress(folder: string, prefix: string, machine: string): Promise<string> {
  const known = (await claimedAddresses(folder)).get(machine);
  if (known !== undefined) return known;
  await mkdir(folder, { recursive: true });
  for (let last = FIRST; last <= LAST; last++) {
    const address = `${prefix}${last}`;
    try {
      await symlink(machine, join(folder, address));
      return address;
    } catch (error) {
      if (errorCode(error) !== "EEXIST") throw error;
    }
  }
  throw new Error(`no address is left below ${prefix}0`);
}

/** the first is the host's own */
const FIRST = 2;
const LAST = 254;

/** Machine → address. */
export async function claimedAddresses(folder: string): Promise<Map<string, string>> {
  const addresses = await readdir(folder).catch(() => []); // none was claimed yet
  const claims = await Promise.all(
    // a claim may be given back meanwhile
    addresses.map(async (address) => [await readlink(join(folder, address)).catch(() => ""), address] as const),
  );
  return new Map(claims.filter(([machine]) => machine !== ""));
}

export async function releaseAddress(folder: string, machine: string): Promise<void> {
  const address = (await claimedAddresses(folder)).get(machine);
  if (address !== undefined) await rm(join(folder, address), { force: true });
}
