import { createPrivateKey, createPublicKey, X509Certificate } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { dirname, join } from "node:path";
import type { Clock } from "../util/clock.ts";
import { createCertificate, type Issuer, type Subject, type Usages } from "./certificate.ts";
import { ecKeyPair, privateKeyPem, publicKeyPem, rsaKeyPair } from "./keys.ts";

const DAY = 86_400_000;
const AUTHORITY_LIFE = 3650 * DAY;
const CERTIFICATE_LIFE = 365 * DAY;
/** A certificate is renewed when less than this is left of its life. */
const RENEW_BEFORE = CERTIFICATE_LIFE / 4;
/** Clocks differ a little: certificates are good from a few minutes before they are made. */
const BACKDATE = 5 * 60_000;

export interface ClusterPkiOptions {
  /** the folder of kubeadm's file names, e.g. /etc/kubernetes/pki */
  directory: string;
  clock: Clock;
  /** names and addresses under which the API server is reached, besides the standard ones */
  apiserverNames: readonly string[];
  clusterDomain: string;
  nodeName: string;
  /** names and addresses under which the kubelet is reached */
  nodeAddresses: readonly string[];
  /** the other nodes whose keys are made here; theirs are in folders of their own, `nodes/<name>/` */
  nodes?: readonly { name: string; addresses: readonly string[] }[];
  /** the members of an etcd of the cluster's own; it has an authority of its own, in `etcd/` */
  etcdMembers?: readonly { name: string; addresses: readonly string[] }[];
}

/** One certificate of the cluster: `<file>.crt` and `<file>.key` in the folder. */
interface Wanted {
  file: string;
  authority: "ca" | "front-proxy-ca" | "etcd/ca";
  subject: Subject;
  usage: "server" | "client" | Usages;
  alternativeNames?: readonly string[];
}

/** Who there is, with the names that RBAC's default bindings know. */
function certificates(options: ClusterPkiOptions): Wanted[] {
  const { clusterDomain, nodeName } = options;
  const service = [
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    `kubernetes.default.svc.${clusterDomain}`,
  ];
  const client = (file: string, commonName: string, ...organizations: string[]): Wanted => ({
    file,
    authority: "ca",
    subject: { commonName, organizations },
    usage: "client",
  });
  const kubelet = (folder: string, name: string, addresses: readonly string[]): Wanted[] => [
    {
      file: `${folder}kubelet`,
      authority: "ca",
      subject: { commonName: `system:node:${name}`, organizations: ["system:nodes"] },
      usage: "server",
      alternativeNames: unique([name, ...addresses]),
    },
    client(`${folder}kubelet-client`, `system:node:${name}`, "system:nodes"),
  ];
  return [
    {
      file: "apiserver",
      authority: "ca",
      subject: { commonName: "kube-apiserver" },
      usage: "server",
      alternativeNames: unique([...service, ...options.apiserverNames]),
    },
    ...kubelet("", nodeName, options.nodeAddresses),
    ...(options.nodes ?? []).flatMap(({ name, addresses }) => kubelet(`nodes/${name}/`, name, addresses)),
    client("apiserver-kubelet-client", "kube-apiserver-kubelet-client", "kubeadm:cluster-admins"),
    client("admin", "kubernetes-admin", "system:masters"),
    client("controller-manager", "system:kube-controller-manager"),
    client("scheduler", "system:kube-scheduler"),
    client("kube-proxy", "system:kube-proxy"),
    // a service account of its own, as where it runs in a Pod; by certificate, for no token is brought to it
    client("cluster-autoscaler", "system:serviceaccount:kube-system:cluster-autoscaler", "system:serviceaccounts"),
    {
      file: "front-proxy-client",
      authority: "front-proxy-ca",
      subject: { commonName: "front-proxy-client" },
      usage: "client",
    },
    ...etcdCertificates(options.etcdMembers ?? []),
  ];
}

/** Members show the same kind of certificate whether they are asked or ask. */
const MEMBER: Usages = ["digital signature", "key encipherment", "server auth", "client auth"];

function etcdCertificates(members: NonNullable<ClusterPkiOptions["etcdMembers"]>): Wanted[] {
  if (members.length === 0) return [];
  const of = (
    file: string,
    commonName: string,
    usage: Wanted["usage"],
    alternativeNames?: readonly string[],
  ): Wanted => ({
    file,
    authority: "etcd/ca",
    subject: { commonName },
    usage,
    ...(alternativeNames && { alternativeNames }),
  });
  return [
    of("apiserver-etcd-client", "kube-apiserver-etcd-client", "client"),
    of("etcd/healthcheck-client", "kube-etcd-healthcheck-client", "client"),
    ...members.flatMap(({ name, addresses }) =>
      ["server", "peer"].map((role) => of(`etcd/${role}-${name}`, name, MEMBER, unique([name, ...addresses]))),
    ),
  ];
}

/**
 * Makes what is missing of a cluster's keys and certificates, and renews what is near its end or no longer names
 * what it should. Answers the files that were written.
 */
export async function ensureClusterPki(options: ClusterPkiOptions): Promise<string[]> {
  await mkdir(options.directory, { recursive: true, mode: 0o755 });
  const written: string[] = [];
  const files = new PkiFolder(options.directory, written);
  const [ca, frontProxy] = await Promise.all([
    ensureAuthority(files, "ca", "kubernetes", options.clock),
    ensureAuthority(files, "front-proxy-ca", "front-proxy-ca", options.clock),
    ensureServiceAccountKeys(files),
  ]);
  // Nobody needs the authority of an etcd that is not there.
  const etcd =
    (options.etcdMembers ?? []).length > 0 ? await ensureAuthority(files, "etcd/ca", "etcd-ca", options.clock) : ca;
  const authorities = { ca, "front-proxy-ca": frontProxy, "etcd/ca": etcd };
  await Promise.all(
    certificates(options).map((c) => ensureCertificate(files, c, authorities[c.authority], options.clock)),
  );
  return written;
}

async function ensureAuthority(files: PkiFolder, file: string, commonName: string, clock: Clock): Promise<Issuer> {
  const subject = { commonName };
  const [key, certificate] = await Promise.all([files.read(`${file}.key`), files.read(`${file}.crt`)]);
  if (key && certificate) {
    const privateKey = createPrivateKey(key);
    return { subject, privateKey, publicKey: createPublicKey(privateKey) };
  }
  const issuer = { subject, ...(await ecKeyPair()) };
  const now = clock.now();
  const usage = "authority";
  const validity = { notBefore: now - BACKDATE, notAfter: now + AUTHORITY_LIFE };
  const pem = createCertificate({ subject, publicKey: issuer.publicKey, issuer, usage, ...validity });
  await Promise.all([files.write(`${file}.key`, privateKeyPem(issuer.privateKey)), files.write(`${file}.crt`, pem)]);
  return issuer;
}

async function ensureCertificate(files: PkiFolder, wanted: Wanted, issuer: Issuer, clock: Clock): Promise<void> {
  const now = clock.now();
  if (isGood(await files.read(`${wanted.file}.crt`), wanted, now) && (await files.read(`${wanted.file}.key`))) return;
  const { privateKey, publicKey } = await ecKeyPair();
  const { subject, usage, alternativeNames } = wanted;
  const validity = { notBefore: now - BACKDATE, notAfter: now + CERTIFICATE_LIFE };
  const pem = createCertificate({ subject, publicKey, issuer, usage, alternativeNames, ...validity });
  await Promise.all([
    files.write(`${wanted.file}.key`, privateKeyPem(privateKey)),
    files.write(`${wanted.file}.crt`, pem),
  ]);
}

function isGood(pem: string | undefined, wanted: Wanted, now: number): boolean {
  if (!pem) return false;
  const certificate = new X509Certificate(pem);
  const named = (name: string) => (isIP(name) ? certificate.checkIP(name) : certificate.checkHost(name)) !== undefined;
  return certificate.validToDate.getTime() - now > RENEW_BEFORE && (wanted.alternativeNames ?? []).every(named);
}

async function ensureServiceAccountKeys(files: PkiFolder): Promise<void> {
  if ((await files.read("sa.key")) && (await files.read("sa.pub"))) return;
  const { privateKey, publicKey } = await rsaKeyPair();
  await Promise.all([files.write("sa.key", privateKeyPem(privateKey)), files.write("sa.pub", publicKeyPem(publicKey))]);
}

class PkiFolder {
  readonly #directory: string;
  readonly #written: string[];
  constructor(directory: string, written: string[]) {
    this.#directory = directory;
    this.#written = written;
  }
  async read(file: string): Promise<string | undefined> {
    try {
      return await readFile(join(this.#directory, file), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw error;
    }
  }
  /** Whole or not at all: a crash leaves the old file. */
  async write(file: string, content: string): Promise<void> {
    const path = join(this.#directory, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(`${path}.new`, content, { mode: file.endsWith(".key") ? 0o600 : 0o644 });
    await rename(`${path}.new`, path);
    this.#written.push(file);
  }
}

function unique(names: readonly string[]): string[] {
  return [...new Set(names)];
}
