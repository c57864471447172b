import { adviceOf } from "../cli/errors.ts";
import { ETCD_REQUIREMENTS, HOST_REQUIREMENTS, type Requirement } from "../cluster/host.ts";
import { installRequirements } from "../cluster/packages.ts";

/** What the tests need beyond what a cluster needs: images are made of busybox, and pulled from a registry of our own. */
const TEST_REQUIREMENTS: readonly Requirement[] = [
  ...HOST_REQUIREMENTS,
  ...ETCD_REQUIREMENTS,
  { files: ["/bin/busybox"], package: "busybox-static", why: "is in the images of tests and examples" },
  { program: "docker-registry", package: "docker-registry", why: "serves images that tests pull" },
];

/** Installs what ./check needs of the host, or says why it cannot. */
const say = (text: string) => void process.stderr.write(`${text}\n`);
try {
  const confirm = async (missing: readonly Requirement[]) => {
    say("This machine lacks:");
    for (const { package: name, why } of missing) say(`  ${name.padEnd(28)} ${why}`);
    return true;
  };
  await installRequirements(TEST_REQUIREMENTS, { confirm, note: say });
} catch (error) {
  say(`check: ${(error as Error).message}\n  ${adviceOf(error).hint ?? ""}`);
  process.exitCode = 1;
}
