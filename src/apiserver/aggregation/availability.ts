import { APIService, type APIServiceCondition } from "../../api/apiregistration/v1/index.ts";
import { Service } from "../../api/core/v1/index.ts";
import { EndpointSlice } from "../../api/discovery/v1/index.ts";
import { isConflict, isNotFound } from "../../apimachinery/status.ts";
import { formatTime } from "../../apimachinery/time.ts";
import type { Timer } from "../../util/clock.ts";
import { SYSTEM, systemCall } from "../pipeline/systemCall.ts";
import type { Registry } from "../registry/registry.ts";
import { updateObject } from "../registry/write.ts";
import type { Reach } from "./reach.ts";
import type { RemoteApis } from "./remoteApis.ts";

const EVERY = 30_000;
const SOON = 1000;

export function availableOf({ status }: APIService): APIServiceCondition | undefined {
  return status.conditions?.find(({ type }) => type === "Available");
}

type Finding = Pick<APIServiceCondition, "status" | "reason" | "message">;

/** Whether other servers can be reached is looked at when anything about them changes, and now and then. */
export function keepAvailable(registry: Registry, reach: Reach, remote: RemoteApis): () => Promise<void> {
  const { cache, clock } = registry;
  let timer: Timer | undefined;
  let round = Promise.resolve();
  let closed = false;
  const services = () =>
    [...cache.of(APIService as never).current.values()]
      .map(({ object }) => object as APIService)
      .filter(({ spec }) => spec.service !== undefined);
  const look = async () => {
    const all = services();
    remote.keep(all);
    await Promise.all(all.map((service) => lookAt(service, { registry, reach, remote })));
    const isWhole = all.every((service) => availableOf(service)?.status === "True");
    if (!closed && all.length > 0) plan(isWhole ? EVERY : SOON);
  };
  const plan = (ms: number) => {
    timer?.cancel();
    timer = clock.setTimer(ms, () => {
      round = round.then(look).catch((error) => registry.logger.error("availability of APIs", { error }));
    });
  };
  const changed = () => {
    if (!closed && services().length > 0) plan(0);
  };
  cache.of(APIService as never).onChange(({ entry, previous }) => {
    const before = previous?.object as APIService | undefined;
    const after = entry?.object as APIService | undefined;
    if (before?.spec.service || after?.spec.service) {
      if (!after) remote.keep(services());
      if (JSON.stringify(before?.spec) !== JSON.stringify(after?.spec)) changed();
    }
  });
  for (const kind of [Service, EndpointSlice]) cache.of(kind as never).onChange(changed);
  changed();
  return async () => {
    closed = true;
    timer?.cancel();
    await round;
  };
}

interface Tools {
  readonly registry: Registry;
  readonly reach: Reach;
  readonly remote: RemoteApis;
}

async function lookAt(service: APIService, tools: Tools): Promise<void> {
  const finding = await find(service, tools);
  const { registry, remote } = tools;
  if (finding.status === "True") await remote.refresh(service);
  const before = availableOf(service);
  if (before && (["status", "reason", "message"] as const).every((field) => before[field] === finding[field])) return;
  const now = formatTime(registry.clock.now());
  const lastTransitionTime = before?.status === finding.status ? before.lastTransitionTime : now;
  await write(service, { type: "Available", lastTransitionTime, ...finding }, registry);
}

const no = (reason: string, message: string): Finding => ({ status: "False", reason, message });

async function find({ metadata, spec }: APIService, { registry, reach }: Tools): Promise<Finding> {
  const { namespace = "", name = "", port = 443 } = spec.service!;
  const where = `service/${name} in ${JSON.stringify(namespace)}`;
  const service = registry.cache.of(Service as never).get(`${namespace}/${name}`)?.object as Service | undefined;
  if (!service) return no("ServiceNotFound", `${where} is not present`);
  const isHere = service.spec.type !== "ExternalName";
  if (isHere && !service.spec.ports?.some((one) => one.port === port)) {
    return no("ServicePortError", `${where} is not listening on port ${port}`);
  }
  const path = `/apis/${spec.group}/${spec.version}`;
  let at = path;
  try {
    at = reach.addressOf(spec.service!) + path;
  } catch {
    return no(
      "MissingEndpoints",
      `endpoints for ${where} have no addresses with port name ${JSON.stringify(nameOf(service, port))}`,
    );
  }
  try {
    const { code } = await reach.ask({ metadata, spec } as APIService, path, { user: SYSTEM });
    if (code >= 200 && code < 300) return { status: "True", reason: "Passed", message: "all checks passed" };
    return no("FailedDiscoveryCheck", `failing or missing response from ${at}: bad status from ${at}: ${code}`);
  } catch (error) {
    return no("FailedDiscoveryCheck", `failing or missing response from ${at}: ${(error as Error).message}`);
  }
}

const nameOf = ({ spec }: Service, port: number) => spec.ports?.find((one) => one.port === port)?.name ?? "";

async function write({ metadata }: APIService, condition: APIServiceCondition, registry: Registry): Promise<void> {
  const resource = registry.resource(APIService as never);
  const { name = "" } = metadata;
  const call = systemCall(registry, resource, { namespace: "", name });
  const produce = (live: unknown) => {
    const { status, ...rest } = live as APIService;
    const others = (status.conditions ?? []).filter(({ type }) => type !== "Available");
    return { ...rest, metadata: { ...rest.metadata }, status: { ...status, conditions: [...others, condition] } };
  };
  const options = {
    dryRun: false,
    fieldManager: "kube-apiserver",
    fieldValidation: "Ignore",
    force: undefined,
  } as const;
  try {
    await updateObject(registry, resource, call, produce as never, {
      ...options,
      subresource: "status",
      limit: (updated) => updated,
    });
  } catch (error) {
    // Deleted meanwhile, or looked at by another server at the same time: there is nothing more to say.
    if (!isNotFound(error) && !isConflict(error)) throw error;
  }
}
