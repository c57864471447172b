import { UserError } from "../cli/errors.ts";
import { duration, table } from "../cli/print.ts";
import type { Operations } from "../cli/program.ts";
import { HOST_REQUIREMENTS, hostAddresses } from "../cluster/host.ts";
import { authorityHash, serverUrl } from "../cluster/joining/discovery.ts";
import { acceptInvitation, type JoinOptions, joinCluster } from "../cluster/joining/join.ts";
import { checkChoices } from "../cluster/joining/options.ts";
import { createToken, deleteToken, listTokens, parseToken } from "../cluster/joining/tokens.ts";
import { clusterNetwork } from "../cluster/layout.ts";
import { adminAccess, existingCluster, withAdmin } from "../cluster/lifecycle.ts";
import { installRequirements } from "../cluster/packages.ts";
import { checkHost } from "../cluster/prepare.ts";
import { realClock as clock } from "../util/clock.ts";
import { locked, progressOf } from "./alone.ts";
import { labelsOf } from "./nodeOperations.ts";
import { print } from "./output.ts";

const MINUTES = 60_000;

/** What is typed on a machine to make it a node. */
async function joinCommand(name: string, token: string): Promise<string> {
  const config = await existingCluster(name);
  const { ca } = await adminAccess(name);
  const server = `${config.nodeIP}:${clusterNetwork(name, config.index).apiPort}`;
  return `cox join ${server} --token ${token} --ca-cert-hash ${authorityHash(String(ca))}`;
}

export const joinOperations: Pick<Operations, "join" | "tokenCreate" | "tokenList" | "tokenDelete"> = {
  async join(server, options) {
    await checkHost();
    const { token, caCertHash, name, nodeName, nodeIp: nodeIP } = options;
    const labels = labelsOf(options.label);
    checkChoices({ caCertHash, nodeName, nodeIP }, hostAddresses());
    parseToken(token);
    serverUrl(server);
    const progress = progressOf({ ...options, name: name ?? "joined" });
    await progress.step("Host", { timeout: 15 * MINUTES }, async ({ note, signal }) => {
      const confirm = () => Promise.resolve(options.install !== false);
      await installRequirements(HOST_REQUIREMENTS, { confirm, note, signal });
    });
    const wanted: JoinOptions = { steps: progress, clock, server, token, caCertHash, name, nodeName, nodeIP, labels };
    const invitation = await progress.step("Cluster", { timeout: 30_000 }, () => acceptInvitation(wanted));
    const local = name ?? invitation.settings.cluster;
    const config = await locked(local, () => joinCluster(wanted, invitation));
    const joined = {
      name: local,
      cluster: invitation.settings.cluster,
      node: config.nodeName,
      elapsed: progress.elapsed,
    };
    print(joined, options, () => `${config.nodeName} is a node of cluster ${joined.cluster}.\n`);
    return 0;
  },
  async tokenCreate(options) {
    const config = await existingCluster(options.name);
    if (config.joined) throw new UserError("tokens are made on a machine of the cluster's control plane");
    const { ttl, description } = options;
    const token = await withAdmin(options.name, (api) => createToken(api, { ttl, description, now: clock.now() }));
    const command = await joinCommand(options.name, token);
    print({ token, command }, options, () => `${token}\n\nOn the machine that is to join:\n  ${command}\n`);
    return 0;
  },
  async tokenList(options) {
    await existingCluster(options.name);
    const tokens = (await withAdmin(options.name, listTokens)).map(({ secret: _, ...token }) => token);
    print({ tokens }, options, () =>
      table(
        ["TOKEN", "EXPIRES IN", "DESCRIPTION"],
        tokens.map(({ id, expires, description }) => [
          `${id}.…`,
          expires === undefined ? "never" : duration(Math.max(0, Math.floor((expires - clock.now()) / 1000))),
          description,
        ]),
      ),
    );
    return 0;
  },
  async tokenDelete(tokens, options) {
    await existingCluster(options.name);
    for (const token of tokens) await withAdmin(options.name, (api) => deleteToken(api, token));
    print({ deleted: tokens }, options, () => tokens.map((token) => `Deleted ${token.split(".")[0]}\n`).join(""));
    return 0;
  },
};
