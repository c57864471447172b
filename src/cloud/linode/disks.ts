import type { Volume } from "@linode/api-v4";
import type { Clock } from "../../util/clock.ts";
import type { Disks } from "../provider.ts";
import type { LinodeAccount } from "./account.ts";
import { machineOf } from "./instances.ts";

export interface DisksOptions {
  region: string;
  cluster: string;
  clock: Clock;
}

const GIB = 2 ** 30;
/** the smallest that there is, in GiB */
const SMALLEST = 10;
/** To attach and to detach take some seconds; whoever asked asks again later (ms). */
const LONGEST_WAIT = 60_000;
const LOOK_AGAIN = 2_000;

/** Volumes of Block Storage: each is at one machine of its region at a time. */
export function linodeDisks(account: LinodeAccount, { region, cluster, clock }: DisksOptions): Disks {
  const volume = (id: string) => account.find(`GET /volumes/${id}`, (sdk) => sdk.getVolume(idOf(id)));
  const until = async (id: string, isSo: (volume: Volume | undefined) => boolean, what: string) => {
    for (let waited = 0; !isSo(await volume(id)); waited += LOOK_AGAIN) {
      if (waited >= LONGEST_WAIT) throw new Error(`volume ${id} is still not ${what}`);
      await clock.sleep(LOOK_AGAIN);
    }
  };
  return {
    async create({ name, size }) {
      const label = labelOf(name);
      const [known] = await account.list("GET /volumes", (sdk) => sdk.getVolumes({}, { label }));
      const data = { label, region, size: sizeOf(size), tags: [`cluster:${cluster}`] };
      const made = known ?? (await account.ask("POST /volumes", (sdk) => sdk.createVolume(data)));
      return { id: String(made.id), size: made.size * GIB };
    },
    async delete(id) {
      // Linode refuses while it is attached
      await account.delete(`DELETE /volumes/${id}`, (sdk) => sdk.deleteVolume(idOf(id)));
    },
    async attach(id, name) {
      const [disk, machine] = await Promise.all([volume(id), machineOf(account, name)]);
      if (!disk) throw new Error(`there is no volume ${id}`);
      if (!machine) throw new Error(`there is no machine "${name}"`);
      if (disk.linode_id !== null && disk.linode_id !== machine.id)
        throw new Error(`volume ${id} is attached to machine ${disk.linode_id}`);
      if (disk.linode_id === null)
        await account.ask(`POST /volumes/${id}/attach`, (sdk) => sdk.attachVolume(disk.id, { linode_id: machine.id }));
      await until(id, (it) => it?.linode_id === machine.id && it.status === "active", `attached to "${name}"`);
      return { devicePath: disk.filesystem_path };
    },
    async detach(id, name) {
      const [disk, machine] = await Promise.all([volume(id), machineOf(account, name)]);
      // a machine that is gone holds nothing any more
      if (!disk || !machine || disk.linode_id !== machine.id) return;
      await account.ask(`POST /volumes/${id}/detach`, (sdk) => sdk.detachVolume(disk.id));
      await until(id, (it) => it?.linode_id !== machine.id, `detached from "${name}"`);
    },
    async resize(id, size) {
      const disk = await volume(id);
      if (!disk) throw new Error(`there is no volume ${id}`);
      if (disk.size >= sizeOf(size)) return;
      await account.ask(`POST /volumes/${id}/resize`, (sdk) => sdk.resizeVolume(disk.id, { size: sizeOf(size) }));
    },
  };
}

/** Unique in an account, at most 32 characters, and the same for the same disk: made twice, it is found again. */
export const labelOf = (name: string): string => name.replaceAll("-", "").slice(0, 32);

const sizeOf = (bytes: number): number => Math.max(SMALLEST, Math.ceil(bytes / GIB));

function idOf(handle: string): number {
  if (!/^[1-9]\d*$/.test(handle)) throw new Error(`volume handle "${handle}" is no number of a volume`);
  return Number(handle);
}
