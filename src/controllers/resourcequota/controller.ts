import { isQuotaFor, quotaUsage, ResourceQuota } from "../../api/core/v1/index.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { parseTime } from "../../apimachinery/time.ts";
import { after, type Controller, controller, done, type View, type Watch } from "../../client/index.ts";
import type { Clock } from "../../util/clock.ts";
import { sameWhenWritten } from "../sameJson.ts";
import { isLowered, quotaStatus, sameUsage } from "./plan.ts";

/** Who charges quotas for what is created. */
const SERVER = "kube-apiserver";
/** What a quota was charged for is created a moment later, and not yet seen here. */
const SETTLES = 2000;
/** When usage was lowered just as something was created, another look finds that. */
const LOOKS_AGAIN = 5000;

/** Keeps the usage of each ResourceQuota true when objects are deleted or end; creations are charged by the API server. */
export function resourceQuotaController(kinds: readonly Kind[], clock: Clock): Controller {
  const counted = kinds.filter(
    ({ scope, kind, verbs, storedAs }) =>
      scope === "Namespaced" && kind !== "Event" && !storedAs && verbs.includes("list") && verbs.includes("watch"),
  );
  return controller<ResourceQuota>({
    name: "resourcequota",
    for: ResourceQuota,
    watches: counted.map((kind) => releases(kind, clock)),
    workers: 5,
    async reconcile(quota, { client, view, clock }) {
      const isNew = !sameWhenWritten(quota.spec.hard, quota.status.hard);
      const wait = lastCharge(quota) + SETTLES - clock.now();
      if (!isNew && wait > 0) return after(wait);
      const objects = objectsOf(quota, counted, view);
      const status = quotaStatus(quota, counted, objects, clock.now());
      if (sameWhenWritten(status, quota.status)) return done;
      await client.updateStatus(ResourceQuota, { ...quota, status });
      return isNew || isLowered(status.used, quota.status.used) ? after(LOOKS_AGAIN) : done;
    },
  });
}

/** The objects of each counted kind that this quota says something of. */
function objectsOf({ metadata, spec }: ResourceQuota, counted: readonly Kind[], view: View) {
  const names = Object.keys(spec.hard ?? {});
  const concerned = counted.filter((kind) => names.some((name) => isQuotaFor(kind, name)));
  return new Map(concerned.map((kind) => [kind, view.list(kind, metadata.namespace)] as const));
}

function lastCharge({ metadata }: ResourceQuota): number {
  const entry = metadata.managedFields?.find(({ manager }) => manager === SERVER);
  return entry?.time ? parseTime(entry.time) : 0;
}

/** Wakes the quotas of a namespace when one of its objects is gone, or uses something else than before. */
function releases(kind: Kind, clock: Clock): Watch {
  return {
    kind,
    start(informers, view, enqueue) {
      const wake = ({ metadata }: KubernetesObject) => {
        for (const quota of view.list(ResourceQuota, metadata.namespace)) {
          const concerned = Object.keys(quota.spec.hard ?? {}).some((name) => isQuotaFor(kind, name));
          if (concerned) enqueue({ namespace: metadata.namespace, name: quota.metadata.name ?? "" });
        }
      };
      const usage = (object: KubernetesObject) => quotaUsage(kind, object, clock.now());
      return informers.informer(kind).subscribe({
        updated: (object, old) => {
          if (view.list(ResourceQuota, object.metadata.namespace).length === 0) return;
          if (!sameUsage(usage(object), usage(old))) wake(object);
        },
        deleted: wake,
      });
    },
  };
}
