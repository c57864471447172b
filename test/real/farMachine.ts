import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { run, tryRun } from "../../src/cluster/run.ts";
import { realClock } from "../../src/util/clock.ts";
import { type Ran, ran } from "./realCluster.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const ENTER = join(ROOT, "src/cluster/nodes/enter.sh");

/**
 * A machine that shares nothing with this one but a router: its own network, mounts, host name and empty state folders.
 * Its two networks are 10.(200+n).1.0/30 (to us) and 10.(200+n).2.0/30 (behind the router).
 */
export class FarMachine {
  readonly name: string;
  readonly address: string;
  readonly #folder: string;
  readonly #prefix: string;
  readonly #link: string;

  private constructor(name: string, scratch: string, number: number) {
    this.name = name;
    this.#folder = join(scratch, name);
    this.#prefix = `10.${200 + number}`;
    this.address = `${this.#prefix}.2.2`;
    this.#link = `far${number}-${process.pid}`.slice(0, 15);
  }

  static async create(name: string, scratch: string, number = 0): Promise<FarMachine> {
    const machine = new FarMachine(name, scratch, number);
    try {
      await machine.#build();
    } catch (error) {
      await machine.remove();
      throw error;
    }
    return machine;
  }

  async #build(): Promise<void> {
    const folder = this.#folder;
    for (const part of ["own", "state", "run", "spaces"]) await mkdir(join(folder, part), { recursive: true });
    await run("mount", ["--bind", this.#space(""), this.#space("")]);
    await run("mount", ["--make-private", this.#space("")]);
    for (const space of ["router", "net", "mount", "uts"]) await writeFile(this.#space(space), "");
    for (const space of ["router", "net"]) await run("unshare", [`--net=${this.#space(space)}`, "true"]);
    await this.#wire();
    await writeFile(join(folder, "own", "machine-id"), "0123456789abcdef0123456789abcdef\n");
    const script = `
      /bin/sh ${ENTER} ${this.name} ${folder}/own /var/lib/coxswain /run/coxswain ""
      for pair in state:/var/lib/coxswain run:/run/coxswain; do
        mkdir -p \${pair#*:}; mount --bind ${folder}/\${pair%%:*} \${pair#*:}
      done`;
    const unshare = [`--mount=${this.#space("mount")}`, `--uts=${this.#space("uts")}`, "--propagation", "private"];
    await run("nsenter", [`--net=${this.#space("net")}`, "unshare", ...unshare, "/bin/sh", "-e", "-c", script]);
  }

  async #wire(): Promise<void> {
    const [link, prefix] = [this.#link, this.#prefix];
    const batch = (lines: string[], space?: string) => {
      const args = ["-batch", "-"];
      const input = `${lines.join("\n")}\n`;
      return space
        ? run("nsenter", [`--net=${this.#space(space)}`, "ip", ...args], { input })
        : run("ip", args, { input });
    };
    await batch([
      `link add ${link} type veth peer name near netns ${this.#space("router")}`,
      `address add ${prefix}.1.1/30 dev ${link}`,
      `link set ${link} up`,
    ]);
    await batch(
      [
        `link add deep type veth peer name eth0 netns ${this.#space("net")}`,
        `address add ${prefix}.1.2/30 dev near`,
        `address add ${prefix}.2.1/30 dev deep`,
        "link set lo up",
        "link set near up",
        "link set deep up",
        `route add default via ${prefix}.1.1`,
      ],
      "router",
    );
    await run("nsenter", [`--net=${this.#space("router")}`, "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward"]);
    await batch(
      [
        "link set lo up",
        `address add ${this.address}/30 dev eth0`,
        "link set eth0 up",
        `route add default via ${prefix}.2.1`,
      ],
      "net",
    );
    await batch([`route add ${prefix}.2.0/30 via ${prefix}.1.2`]);
  }

  #space(name: string): string {
    return join(this.#folder, "spaces", name);
  }

  /** Runs a program there. */
  run(command: readonly string[]): Promise<Ran> {
    const enter = [`--net=${this.#space("net")}`, `--mount=${this.#space("mount")}`, `--uts=${this.#space("uts")}`];
    const env = {
      ...process.env,
      NODE_OPTIONS: "",
      NODE_TEST_CONTEXT: "",
      KUBECONFIG: join(this.#folder, "kubeconfig"),
    };
    return ran("nsenter", [...enter, "--", ...command], env);
  }
  cox(...args: string[]): Promise<Ran> {
    return this.run([join(ROOT, "cox"), ...args]);
  }

  async remove(): Promise<void> {
    for (const name of ["mount", "uts", "net", "router", ""]) await tryRun("umount", ["--lazy", this.#space(name)]);
    await tryRun("ip", ["link", "delete", this.#link]);
    // the last processes inside let go of their files
    await realClock.sleep(100);
    await rm(this.#folder, { recursive: true, force: true });
  }
}
