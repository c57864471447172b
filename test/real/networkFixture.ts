import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Pod, Service } from "../../src/api/core/v1/index.ts";
import { isReady, type Json, PodCluster, pod } from "./podFixture.ts";
import { until } from "./realCluster.ts";

/**
 * Answers over HTTP at 80 and 8080 and over UDP at 8081, in both IP families, with the Pod's name; at /client with the
 * address of who asks, at paths with "echo" with method and path. `perl /ask-udp.pl HOST PORT` is UDP's counterpart.
 */
const IMAGE = "coxswain.local/network:1";
const SERVER = `use strict; use IO::Socket::IP; use IO::Select;
open(my $file, "<", "/proc/sys/kernel/hostname"); chomp(my $name = <$file>); $name =~ s/\\..*//; $SIG{PIPE} = "IGNORE"; my $select = IO::Select->new(); my %tcp;
for my $port (split /,/, ($ENV{TCP_PORTS} // "8080,80")) {
  my $s = IO::Socket::IP->new(LocalHost => "::", LocalPort => $port, V6Only => 0, Proto => "tcp", Listen => 64, ReuseAddr => 1) or die "$port: $@";
  $select->add($s); $tcp{$s} = 1;
}
my $udp = IO::Socket::IP->new(LocalHost => "::", LocalPort => ($ENV{UDP_PORT} // 8081), V6Only => 0, Proto => "udp") or die "udp: $@";
$select->add($udp);
while (1) { for my $s ($select->can_read()) {
  if ($tcp{$s}) {
    my $c = $s->accept() or next; my $method = ""; my $path = ""; my $client = $c->peerhost; $client =~ s/^::ffff://;
    while (my $line = <$c>) { ($method, $path) = ($1, $2) if $line =~ m{^(\\w+) (\\S+) HTTP}; last if $line =~ /^\\r?\\n$/; }
    my $body = $path =~ /echo/ ? "$method $path" : $path eq "/client" ? $client : $name;
    my $redirect = $path eq "/redirect" ? "Location: /elsewhere\\r\\n" : "";
    my $status = $redirect ? "301 Moved Permanently" : "200 OK";
    print $c "HTTP/1.1 $status\\r\\nContent-Type: text/plain\\r\\n\${redirect}Connection: close\\r\\nContent-Length: " . length($body) . "\\r\\n\\r\\n" . ($method eq "HEAD" ? "" : $body); close $c;
  } else { my $got; my $from = $udp->recv($got, 1500); $udp->send($name, 0, $from); }
} }
`;
const ASK_UDP = `use IO::Socket::IP; use IO::Select;
my $s = IO::Socket::IP->new(PeerHost => $ARGV[0], PeerPort => $ARGV[1], Proto => "udp") or exit 1;
$s->send("hostname"); exit 1 unless IO::Select->new($s)->can_read(1); my $got; defined $s->recv($got, 1500) or exit 1; print "$got\\n";
`;
const APPLETS = "sh cat ls echo sleep hostname wget nslookup grep sed head tail timeout true false seq sort uniq nc ip";
const DESCRIPTION = `name: ${IMAGE}
root: root
packages: [perl-base]
copy: [{ from: /bin/busybox, to: /bin/busybox, package: busybox-static }]
links: { ${APPLETS.split(" ")
  .map((applet) => `/bin/${applet}: busybox`)
  .join(", ")} }
entrypoint: [/usr/bin/perl, /serve.pl]
env: { PATH: "/bin:/usr/bin" }
`;

const SERVICES = "/api/v1/namespaces/default/services";
const MERGE = "application/merge-patch+json";

/** A port 80 that leads to the servers' 8080, and their UDP. */
export const http = { name: "http", protocol: "TCP", port: 80, targetPort: 8080 };
export const udp = { name: "udp", protocol: "UDP", port: 80, targetPort: 8081 };

/** A real cluster with Pods that answer with their names, and the words to ask them with. */
export class NetworkCluster {
  readonly at: PodCluster;
  private constructor(at: PodCluster) {
    this.at = at;
  }

  /** `more` goes to `cox up`, such as `--nodes 2`. */
  static async start(name: string, ...more: string[]): Promise<NetworkCluster> {
    const at = await PodCluster.start(name, ...more);
    const folder = join(at.cluster.scratch, "network");
    await mkdir(join(folder, "root"), { recursive: true });
    await writeFile(join(folder, "root", "serve.pl"), SERVER);
    await writeFile(join(folder, "root", "ask-udp.pl"), ASK_UDP);
    await writeFile(join(folder, "image.yaml"), DESCRIPTION);
    await at.cluster.coxOk("image", "build", "-f", join(folder, "image.yaml"));
    return new NetworkCluster(at);
  }
  remove(): Promise<void> {
    return this.at.remove();
  }

  /** Makes a Pod of the server's image, and answers it once it is ready. */
  async serve(name: string, labels: Json = {}, spec: Json = {}, container: Json = {}): Promise<Pod> {
    const containers = [{ name: "main", image: IMAGE, imagePullPolicy: "IfNotPresent", ...container }];
    await this.at.create(pod(name, { restartPolicy: "Always", ...spec, containers }, { labels }));
    return this.at.podWhen(name, isReady, 60_000);
  }
  async service(name: string, spec: Json): Promise<Service> {
    const body = { apiVersion: "v1", kind: "Service", metadata: { name }, spec };
    return (await this.at.request("POST", SERVICES, body)) as unknown as Service;
  }
  async patch(name: string, spec: Json): Promise<Service> {
    return (await this.at.request("PATCH", `${SERVICES}/${name}`, { spec }, MERGE)) as unknown as Service;
  }

  says(from: string, script: string, wanted: RegExp): Promise<true> {
    const what = `${from}: ${script} → ${wanted}`;
    const ask = async (): Promise<true> => {
      const said = await this.at.sh(from, `${script} 2>&1 || true`);
      if (wanted.test(said)) return true;
      throw new Error(`it said: ${said}`);
    };
    return until(what, ask, 30_000);
  }
  fetches(from: string, url: string, wanted: RegExp): Promise<true> {
    return this.says(from, `timeout 3 wget -q -O - http://${url}${url.includes("/") ? "" : "/"}`, wanted);
  }
  asksUdp(from: string, host: string, port: number, wanted: RegExp): Promise<true> {
    return this.says(from, `timeout 3 perl /ask-udp.pl ${host} ${port} || echo none`, wanted);
  }
  resolves(from: string, type: string, name: string, wanted: RegExp): Promise<true> {
    return this.says(from, `nslookup -type=${type} ${name}`, wanted);
  }
  /** Who answered `count` questions. */
  async answersTo(from: string, url: string, count: number): Promise<Set<string>> {
    const script = `for i in $(seq ${count}); do timeout 3 wget -q -O - http://${url}/; echo; done`;
    return new Set((await this.at.sh(from, script)).split("\n").filter(Boolean));
  }
}
