/** What the tests of kubectl make, after the conformance suite's own manifests, and the namespaces they make it in. */
import assert from "node:assert/strict";
import { container, FOREVER, type Json } from "./podFixture.ts";
import { type RealCluster, until } from "./realCluster.ts";

export const SELECTOR = "app=agnhost";
export const labelled = (labels: Record<string, string>, spec: Json) => ({ metadata: { labels }, spec });
export const quickly = { terminationGracePeriodSeconds: 1 };

/** A program that waits, behind the port that the suite's own image serves. */
export const primary = {
  apiVersion: "v1",
  kind: "ReplicationController",
  metadata: { name: "agnhost-primary", labels: { app: "agnhost", role: "primary" } },
  spec: {
    replicas: 1,
    selector: { app: "agnhost", role: "primary" },
    template: labelled(
      { app: "agnhost", role: "primary" },
      {
        ...quickly,
        containers: [
          container(`echo Paused; ${FOREVER}`, {
            name: "agnhost-primary",
            ports: [{ name: "agnhost-server", containerPort: 6379 }],
          }),
        ],
      },
    ),
  },
};
export const primaryService = {
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "agnhost-primary", labels: { app: "agnhost", role: "primary" } },
  spec: { ports: [{ port: 6379, targetPort: "agnhost-server" }], selector: { app: "agnhost", role: "primary" } },
};

export const nautilus = {
  apiVersion: "v1",
  kind: "ReplicationController",
  metadata: { name: "update-demo-nautilus" },
  spec: {
    replicas: 2,
    selector: { name: "update-demo", version: "nautilus" },
    template: labelled(
      { name: "update-demo", version: "nautilus" },
      {
        ...quickly,
        containers: [
          container(`mkdir /www; echo '{"image": "nautilus.jpg"}' > /www/data.json; exec httpd -f -p 80 -h /www`, {
            name: "update-demo",
            ports: [{ containerPort: 80 }],
          }),
        ],
      },
    ),
  },
};
export const RUNNING =
  '{{if (exists . "status" "containerStatuses")}}{{range .status.containerStatuses}}{{if (and (eq .name "update-demo") (exists . "state" "running"))}}true{{end}}{{end}}{{end}}';
export const IMAGE =
  '{{if (exists . "spec" "containers")}}{{range .spec.containers}}{{if eq .name "update-demo"}}{{.image}}{{end}}{{end}}{{end}}';
const LEFT = '{{range .items}}{{if not .metadata.deletionTimestamp}}{{.metadata.name}}{{"\\n"}}{{end}}{{end}}';

/** One tier of the guestbook: a web server whose pages are shell scripts. */
function tier(name: string, replicas: number, port: number, script: string): Json[] {
  const labels = name === "frontend" ? { app: "guestbook", tier: "frontend" } : { app: "agnhost", tier: name };
  const page = `mkdir -p /www/cgi-bin; cd /www/cgi-bin; printf '%s\\n' '#!/bin/sh' 'echo Content-Type: application/json; echo' "$SCRIPT" > guestbook; chmod 755 guestbook; exec httpd -f -p ${port} -h /www`;
  const box = container(page, { env: [{ name: "SCRIPT", value: script }], ports: [{ containerPort: port }] });
  const template = labelled(labels, { ...quickly, containers: [box] });
  const metadata = { name, labels };
  return [
    { apiVersion: "v1", kind: "Service", metadata, spec: { ports: [{ port }], selector: labels } },
    {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: { replicas, selector: { matchLabels: labels }, template },
    },
  ];
}
const ask = (host: string, query: string) => `wget -q -O - "http://${host}:6379/cgi-bin/guestbook?${query}"`;
/** What is written goes to the primary; what is read comes from a replica, which has it from the primary. */
export const guestbook = [
  ...tier(
    "agnhost-primary",
    1,
    6379,
    "case $QUERY_STRING in set=*) echo $QUERY_STRING | cut -c5- > /v;; *) cat /v;; esac",
  ),
  ...tier("agnhost-replica", 2, 6379, ask("agnhost-primary", "get")),
  ...tier(
    "frontend",
    3,
    80,
    `case $QUERY_STRING in cmd=set*) ${ask("agnhost-primary", "set=$(echo $QUERY_STRING | sed s/.*value=//)")} >/dev/null && echo '{"message": "Updated"}';; *) echo "{\\"data\\":\\"$(${ask("agnhost-replica", "get")})\\"}";; esac`,
  ),
];

const list = (objects: readonly Json[]) => JSON.stringify({ apiVersion: "v1", kind: "List", items: objects });

/** A namespace of a test's own. */
export class Space {
  readonly cluster: RealCluster;
  readonly name: string;
  constructor(cluster: RealCluster, name: string) {
    this.cluster = cluster;
    this.name = name;
  }
  readonly k = (...args: string[]) => this.cluster.kubectl("-n", this.name, ...args);
  create(...objects: Json[]): Promise<string> {
    return this.cluster.kubectlInput(list(objects), "-n", this.name, "create", "-f", "-");
  }
  /** Removes them at once, and sees that nothing is left. */
  async cleanUp(objects: readonly Json[], selector: string): Promise<void> {
    const now = ["--grace-period=0", "--force", "-f", "-"];
    await this.cluster.kubectlInput(list(objects), "-n", this.name, "delete", ...now);
    assert.equal(await this.k("get", "rc,svc", "-l", selector, "--no-headers"), "");
    const left = () => this.k("get", "pods", "-l", selector, "-o", `go-template=${LEFT}`);
    await until("no Pod is left", async () => (await left()) === "");
  }
  ready(selector: string): Promise<string> {
    return this.k("wait", "--for=condition=Ready", "pod", "-l", selector, "--timeout=60s");
  }
  /** The names of the Pods once there are so many, all ready. */
  started(selector: string, count: number): Promise<string[]> {
    const path =
      'jsonpath={range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}';
    return until(`${count} Pods of ${selector} are ready`, async () => {
      const lines = (await this.k("get", "pods", "-l", selector, "-o", path)).trim().split("\n");
      return (
        lines.length === count &&
        lines.every((line) => line.endsWith(" True")) &&
        lines.map((line) => line.split(" ")[0]!)
      );
    });
  }
}

export function contains(output: string, ...lines: string[][]): void {
  for (const words of lines) {
    const line = output.split("\n").find((one) => words.every((word) => one.includes(word)));
    assert.ok(line !== undefined, `no line has ${words.join(", ")}:\n${output}`);
  }
}
