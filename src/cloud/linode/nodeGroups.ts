import type { CreateLinodeRequest, LinodeType } from "@linode/api-v4";
import type { Node } from "../../api/core/v1/index.ts";
import { type Random, randomSuffix, secretBytes } from "../../util/random.ts";
import type { NodeGroup, NodeGroups } from "../provider.ts";
import type { LinodeAccount } from "./account.ts";
import type { LinodeConfig, LinodeGroup } from "./config.ts";

export interface GroupsOptions {
  region: string;
  cluster: string;
  groups: readonly LinodeGroup[];
  random: Random;
  vpc?: LinodeConfig["vpc"];
}

/** Groups of Linodes of one make. Which machines belong to one is told by a tag, so nothing is kept here. */
export function linodeNodeGroups(account: LinodeAccount, options: GroupsOptions): NodeGroups {
  const { cluster, groups, random, region } = options;
  const group = (id: string) => {
    const found = groups.find((one) => one.id === id);
    if (!found) throw new Error(`there is no node group "${id}"`);
    return found;
  };
  const membersOf = (id: string, label?: string) =>
    account.list("GET /linode/instances", (sdk) =>
      sdk.getLinodes({}, { tags: groupTag(cluster, id), ...(label === undefined ? {} : { label }) }),
    );
  return {
    list: () =>
      Promise.all(
        groups.map(async (one): Promise<NodeGroup> => {
          const [members, type] = await Promise.all([membersOf(one.id), typeOf(account, one)]);
          const names = members.filter(({ status }) => status !== "deleting").map(({ label }) => label);
          return { id: one.id, min: one.min, max: one.max, template: template(one, type, region), members: names };
        }),
      ),
    async grow(id, by) {
      const wanted = group(id);
      const there = (await membersOf(id)).length;
      if (there + by > wanted.max) throw new Error(`node group "${id}" has ${there} of at most ${wanted.max} machines`);
      for (let i = 0; i < by; i++) {
        const machine = newMachine(wanted, options, randomSuffix(random));
        await account.ask("POST /linode/instances", (sdk) => sdk.createLinode(machine));
      }
    },
    async giveBack(id, node) {
      group(id);
      // by tag as well: a machine that is not of the group is never deleted
      for (const { id: machine } of await membersOf(id, node)) {
        await account.delete(`DELETE /linode/instances/${machine}`, (sdk) => sdk.deleteLinode(machine));
      }
    },
  };
}

/** At most 50 characters; `config.ts` sees to it. */
export const groupTag = (cluster: string, id: string) => `group:${cluster}/${id}`;

function newMachine(group: LinodeGroup, { cluster, region, vpc }: GroupsOptions, suffix: string): CreateLinodeRequest {
  const { id, type, image, userData, authorizedKeys = [] } = group;
  return {
    region,
    type,
    image,
    // The API insists on one. Nobody is told it: who needs in has a key, or user data.
    root_pass: `${secretBytes(32).toString("base64url")}aA1!`,
    label: `${cluster}-${id}-${suffix}`,
    tags: [groupTag(cluster, id), `cluster:${cluster}`],
    private_ip: true,
    booted: true,
    ...(vpc ? { interfaces: [{ purpose: "public" }, { purpose: "vpc", vpc_id: vpc.id, subnet_id: vpc.subnet }] } : {}),
    ...(authorizedKeys.length > 0 ? { authorized_keys: [...authorizedKeys] } : {}),
    ...(userData === undefined ? {} : { metadata: { user_data: Buffer.from(userData).toString("base64") } }),
  };
}

async function typeOf(account: LinodeAccount, { id, type }: LinodeGroup): Promise<LinodeType> {
  const found = await account.find(`GET /linode/types/${type}`, (sdk) => sdk.getType(type));
  if (!found) throw new Error(`node group "${id}": Linode has no type "${type}"`);
  return found;
}

/** As a machine of the group would register; nothing is taken off for what its system needs. */
function template({ id, image, labels, taints }: LinodeGroup, type: LinodeType, region: string): Node {
  const amounts = {
    cpu: String(type.vcpus),
    memory: `${type.memory}Mi`,
    "ephemeral-storage": `${type.disk}Mi`,
    pods: "110",
  };
  return {
    metadata: {
      name: id,
      labels: {
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": type.id,
        "topology.kubernetes.io/region": region,
        ...labels,
      },
    },
    spec: { taints: taints?.map((taint) => ({ ...taint })) ?? [] },
    status: {
      capacity: amounts,
      allocatable: amounts,
      daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
      nodeInfo: {
        machineID: "",
        systemUUID: "",
        bootID: "",
        kernelVersion: "",
        osImage: image,
        containerRuntimeVersion: "",
        kubeletVersion: "",
        kubeProxyVersion: "",
        operatingSystem: "linux",
        architecture: "amd64",
      },
    },
  };
}
