import { Lease } from "../../api/coordination/v1/index.ts";
import { type ComponentCondition, ComponentStatus } from "../../api/core/v1/index.ts";
import { notFound } from "../../apimachinery/errors.ts";
import { deepFreeze } from "../../apimachinery/freeze.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import { parseTime } from "../../apimachinery/time.ts";
import { Entry } from "../cache/entry.ts";
import { type Answer, type Call, objectAnswer } from "../pipeline/call.ts";
import type { Registry } from "./registry.ts";
import { keyOf, type Strategy } from "./resource.ts";

const kind = ComponentStatus as unknown as Kind;

/** How the parts of the control plane are, found out when somebody asks. */
export const componentStatusStrategy: Strategy = {
  deprecation: "v1 ComponentStatus is deprecated in v1.19+",
  answerRead: async (call: Call, registry: Registry): Promise<Answer> => {
    const all = components(registry);
    const { name, verb } = call.info;
    if (verb === "list") return { type: "list", kind, entries: all.map(entryOf), metadata: {} };
    const one = all.find(({ metadata }) => metadata.name === name);
    if (!one) throw notFound(kind, name);
    return objectAnswer(entryOf(one), kind);
  },
};

const entryOf = (object: ComponentStatus): Entry =>
  new Entry({ kind, key: keyOf("", object.metadata.name ?? ""), revision: 0, object: deepFreeze(object) });

function components(registry: Registry): ComponentStatus[] {
  const trouble = registry.cache.backend.trouble?.() ?? registry.cache.failure;
  return [
    component("scheduler", led(registry, "kube-scheduler")),
    component("controller-manager", led(registry, "kube-controller-manager")),
    component("etcd-0", trouble === undefined ? WELL : { status: "False", error: trouble }),
  ];
}

type Finding = Omit<ComponentCondition, "type">;
const WELL: Finding = { status: "True", message: "ok" };

const component = (name: string, finding: Finding | undefined): ComponentStatus => ({
  apiVersion: kind.apiVersion,
  kind: kind.kind,
  metadata: { name },
  ...(finding && { conditions: [{ type: "Healthy", ...finding }] }),
});

/**
 * What lives in this process is as well as whoever answers. Of the others, who leads renews a Lease; where they have
 * none, nobody knows.
 */
function led({ cache, clock, parts }: Registry, part: string): Finding | undefined {
  if (parts.includes(part)) return WELL;
  const lease = cache.of(Lease as unknown as Kind).get(keyOf("kube-system", part))?.object as Lease | undefined;
  const { renewTime, leaseDurationSeconds = 0, holderIdentity } = lease?.spec ?? {};
  if (!renewTime) return undefined;
  if (!holderIdentity) return { status: "False", error: "nobody leads" };
  const until = parseTime(renewTime) + leaseDurationSeconds * 1000;
  return clock.now() <= until ? WELL : { status: "False", error: `${holderIdentity} led last, at ${renewTime}` };
}
