import { mkdir, open, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run, tryRun } from "./run.ts";

interface Attached {
  machine: string;
}

/**
 * Disks for the machines of one host: each is a sparse file, and attached it is a loop device. Which machine has it is
 * kept beside the file, so that whoever comes next knows, and two machines never have the same disk.
 */
export class LocalDisks {
  readonly #directory: string;
  readonly #devicesFolder: string;
  /** `devices` is a folder that does not outlive the host's start: loop devices do not, either. */
  constructor(directory: string, devices: string) {
    this.#directory = directory;
    this.#devicesFolder = devices;
  }
  #file(id: string): string {
    if (!/^[a-z0-9][a-z0-9.-]*$/.test(id)) throw new Error(`"${id}" is no name of a disk`);
    return join(this.#directory, `${id}.img`);
  }
  #note(id: string): string {
    return join(this.#directory, `${id}.attached`);
  }

  async create({ name, size }: { name: string; size: number }): Promise<{ id: string; size: number }> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const file = await open(this.#file(name), "a", 0o600);
    try {
      const has = (await file.stat()).size;
      if (has < size) await file.truncate(size);
      return { id: name, size: Math.max(has, size) };
    } finally {
      await file.close();
    }
  }

  async delete(id: string): Promise<void> {
    const attached = await this.#attached(id);
    if (attached) throw new Error(`disk ${id} is attached to ${attached.machine}`);
    await this.#drop(id);
    await rm(this.#file(id), { force: true });
  }

  async attach(id: string, machine: string): Promise<{ devicePath: string }> {
    const attached = await this.#attached(id);
    if (attached && attached.machine !== machine) throw new Error(`disk ${id} is attached to ${attached.machine}`);
    // noted before it is done: a disk that was attached is never taken for a free one
    await writeFile(`${this.#note(id)}.new`, JSON.stringify({ machine } satisfies Attached));
    await rename(`${this.#note(id)}.new`, this.#note(id));
    const [known] = await this.#devices(id);
    const device = known ?? (await run("losetup", ["--find", "--show", this.#file(id)])).trim();
    return { devicePath: await this.#link(id, device) };
  }

  async detach(id: string, machine: string): Promise<void> {
    const attached = await this.#attached(id);
    if (attached && attached.machine !== machine) return; // another's by now
    await this.#drop(id);
    await rm(this.#note(id), { force: true });
  }

  async resize(id: string, size: number): Promise<void> {
    await this.create({ name: id, size });
    for (const device of await this.#devices(id)) await run("losetup", ["--set-capacity", device]);
  }

  /** Lets go of all devices. For `cox down`. */
  async dropAll(): Promise<void> {
    const files = await readdir(this.#directory).catch(() => []);
    for (const file of files) if (file.endsWith(".img")) await this.#drop(file.slice(0, -".img".length));
  }

  async #attached(id: string): Promise<Attached | undefined> {
    const text = await readFile(this.#note(id), "utf8").catch(() => undefined);
    return text === undefined ? undefined : (JSON.parse(text) as Attached);
  }
  async #devices(id: string): Promise<string[]> {
    const { stdout } = await tryRun("losetup", ["--noheadings", "--output", "NAME", "--associated", this.#file(id)]);
    return stdout.split("\n").flatMap((line) => (line.trim() === "" ? [] : [line.trim()]));
  }
  /** A name that is gone with the device: numbers of loop devices are given to others. */
  async #link(id: string, device: string): Promise<string> {
    const path = join(this.#devicesFolder, id);
    await mkdir(this.#devicesFolder, { recursive: true, mode: 0o700 });
    await rm(`${path}.new`, { force: true });
    await symlink(device, `${path}.new`);
    await rename(`${path}.new`, path);
    return path;
  }
  async #drop(id: string): Promise<void> {
    await rm(join(this.#devicesFolder, id), { force: true });
    for (const device of await this.#devices(id)) await run("losetup", ["--detach", device]);
  }
}
