import { Namespace, Pod } from "../../api/core/v1/index.ts";
import type { Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import {
  after,
  type Controller,
  controller,
  done,
  type ReconcileContext,
  type View,
  watch,
} from "../../client/index.ts";
import { sameWhenWritten } from "../sameJson.ts";
import { deletionConditions, type Remains } from "./conditions.ts";

const FINALIZER = "kubernetes";
/** Content whose end no event tells (a failed deletion, say) is looked for again so often. */
const LOOK_AGAIN = 5_000;

/** Empties a namespace that is being deleted, Pods first, then lets it go. `kinds` are all that are served. */
export function namespaceController(kinds: readonly Kind[]): Controller {
  const contents = kinds.filter(
    (kind) => kind.scope === "Namespaced" && kind.verbs.includes("list") && kind.verbs.includes("delete"),
  );
  return controller({
    name: "namespace",
    for: Namespace,
    // Events go at once when asked to: nothing waits for them, and there are many.
    watches: contents.filter((kind) => kind.verbs.includes("watch") && kind.kind !== "Event").map(leavingNamespace),
    workers: 10,
    async reconcile(namespace, context) {
      const { deletionTimestamp } = namespace.metadata;
      if (!deletionTimestamp || !namespace.spec.finalizers?.includes(FINALIZER)) return done;
      const remains = await empty(namespace.metadata.name ?? "", contents, context);
      const current = await writeConditions(namespace, remains, context);
      if (remains.content.length > 0 || remains.failures.length > 0) return after(LOOK_AGAIN);
      await finalize(current, context);
      return done;
    },
  });
}

/** A deletion wakes the namespace when that waits for it. */
function leavingNamespace(kind: Kind) {
  const keys = (object: KubernetesObject, view: View) => {
    const name = object.metadata.namespace ?? "";
    return view.get(Namespace, { name })?.metadata.deletionTimestamp ? [{ name }] : [];
  };
  return watch(kind, keys, () => false);
}

/** Deletes what is there and answers what remains. Other content waits until the Pods, who may need it, are gone. */
async function empty(name: string, kinds: readonly Kind[], context: ReconcileContext): Promise<Remains> {
  const isPod = (kind: Kind) => kind.resource === Pod.resource;
  const pods = await emptyKinds(name, kinds.filter(isPod), context);
  if (pods.content.length > 0 || pods.failures.length > 0) return pods;
  return emptyKinds(
    name,
    kinds.filter((kind) => !isPod(kind)),
    context,
  );
}

async function emptyKinds(name: string, kinds: readonly Kind[], { client }: ReconcileContext): Promise<Remains> {
  const content: { kind: Kind; objects: readonly KubernetesObject[] }[] = [];
  const failures: string[] = [];
  for (const kind of kinds) {
    try {
      const objects = (await client.list(kind, { namespace: name })).items;
      if (objects.length === 0) continue;
      if (objects.some((object) => !object.metadata.deletionTimestamp)) {
        await client.deleteCollection(kind, { namespace: name, delete: { propagationPolicy: "Background" } });
      }
      const left = (await client.list(kind, { namespace: name })).items;
      if (left.length > 0) content.push({ kind, objects: left });
    } catch (error) {
      failures.push(`${kind.resource}: ${(error as Error).message}`);
    }
  }
  return { content, failures };
}

async function writeConditions(
  namespace: Namespace,
  remains: Remains,
  { client, clock }: ReconcileContext,
): Promise<Namespace> {
  const status = { phase: "Terminating", conditions: deletionConditions(namespace, remains, clock.now()) };
  if (sameWhenWritten(status, namespace.status)) return namespace;
  return client.updateStatus(Namespace, { ...namespace, status });
}

async function finalize(namespace: Namespace, { client }: ReconcileContext): Promise<void> {
  const finalizers = (namespace.spec.finalizers ?? []).filter((finalizer) => finalizer !== FINALIZER);
  try {
    await client.update(Namespace, { ...namespace, spec: { finalizers } }, { subresource: "finalize" });
  } catch (error) {
    if (!isNotFound(error)) throw error; // gone already, as wanted
  }
}
