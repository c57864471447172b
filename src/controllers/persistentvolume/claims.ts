import { PersistentVolume, PersistentVolumeClaim, Pod } from "../../api/core/v1/index.ts";
import { isDefaultStorageClass, StorageClass } from "../../api/storage/v1/index.ts";
import { isNotFound } from "../../apimachinery/status.ts";
import {
  type Client,
  type Controller,
  controller,
  done,
  type ObjectKey,
  type ReconcileContext,
  type View,
  watch,
} from "../../client/index.ts";
import { isTerminal } from "../pods.ts";
import {
  annotated,
  BETA_STORAGE_PROVISIONER,
  BIND_COMPLETED,
  BOUND_BY_CONTROLLER,
  byClaim,
  byUsedClaims,
  claimKey,
  claimsOf,
  classOf,
  hasAnnotation,
  isFor,
  isWithoutClass,
  SELECTED_NODE,
  STORAGE_PROVISIONER,
} from "../storage.ts";
import { bind } from "./binding.ts";
import { bestVolume, whyUnfit } from "./matching.ts";

type Claim = PersistentVolumeClaim;

/** Finds a volume for each claim, or says why it waits. */
export const claimBinder: Controller = controller({
  name: "persistentvolume",
  for: PersistentVolumeClaim,
  watches: [
    watch(PersistentVolume, claimsConcerned),
    watch(StorageClass, (_, view) => view.byIndex(PersistentVolumeClaim, "unbound", "").map(keyOf)),
    watch(Pod, (pod) => claimsOf(pod).map((name) => ({ namespace: pod.metadata.namespace, name })), wasScheduled),
  ],
  prepare(view) {
    view.addIndex(PersistentVolumeClaim, "unbound", (claim) => (isBound(claim) ? [] : [""]));
    view.addIndex(PersistentVolume, "claim", byClaim);
    view.addIndex(Pod, "claim", byUsedClaims);
  },
  async reconcile(claim, context) {
    if (isBound(claim)) await keepBound(claim, context);
    else if (claim.spec.volumeName) await bindToNamed(claim, claim.spec.volumeName, context);
    else await findVolume(claim, context);
    return done;
  },
});

const keyOf = ({ metadata }: Claim): ObjectKey => ({ namespace: metadata.namespace, name: metadata.name ?? "" });
const isBound = (claim: Claim): boolean => hasAnnotation(claim, BIND_COMPLETED);

function wasScheduled(pod: Pod, old: Pod): boolean {
  return pod.spec.nodeName !== old.spec.nodeName;
}

/** A volume concerns the claim that it is for, those that name it, and while it is free those that wait for any. */
function claimsConcerned({ metadata, spec, status }: PersistentVolume, view: View): ObjectKey[] {
  const { claimRef } = spec;
  const named = claimRef ? [{ namespace: claimRef.namespace, name: claimRef.name ?? "" }] : [];
  const waiting = view.byIndex(PersistentVolumeClaim, "unbound", "");
  const free = !claimRef && status.phase === "Available";
  return [...named, ...waiting.filter((claim) => free || claim.spec.volumeName === metadata.name).map(keyOf)];
}

async function findVolume(claim: Claim, context: ReconcileContext): Promise<void> {
  const { client, view, events } = context;
  const waits = isDelayed(claim, view);
  const found = bestVolume(claim, view.list(PersistentVolume), waits);
  if (found) return bind(found, claim, client);
  if (waits) return sayWhoIsAwaited(claim, context);
  const name = classOf(claim);
  if (name !== "") return awaitProvisioner(claim, name, context);
  if (isWithoutClass(claim) && (await giveDefaultClass(claim, context))) return;
  const text = "no persistent volumes available for this claim and no storage class is set";
  events.event(claim, "Normal", "FailedBinding", text);
}

/** Its class waits for a Pod, and the scheduler has not chosen a node yet. */
function isDelayed(claim: Claim, view: View): boolean {
  if (hasAnnotation(claim, SELECTED_NODE)) return false;
  return view.get(StorageClass, { name: classOf(claim) })?.volumeBindingMode === "WaitForFirstConsumer";
}

function sayWhoIsAwaited(claim: Claim, { view, events }: ReconcileContext): void {
  const pods = view
    .byIndex(Pod, "claim", claimKey(claim.metadata))
    .filter((pod) => !pod.spec.nodeName && !isTerminal(pod))
    .map(({ metadata }) => metadata.name)
    .sort();
  if (pods.length === 0) {
    events.event(claim, "Normal", "WaitForFirstConsumer", "waiting for first consumer to be created before binding");
  } else {
    const who = pods.length === 1 ? `pod ${pods[0]}` : `pods ${pods.join(",")}`;
    events.event(claim, "Normal", "WaitForPodScheduled", `waiting for ${who} to be scheduled`);
  }
}

/** A claim made when there was no default class gets the one that has come since. */
async function giveDefaultClass(claim: Claim, { client, view }: ReconcileContext): Promise<boolean> {
  const classes = view.list(StorageClass).filter(({ metadata }) => isDefaultStorageClass(metadata));
  const newest = [...classes].sort((a, b) => {
    const [born, other] = [a.metadata.creationTimestamp ?? "", b.metadata.creationTimestamp ?? ""];
    if (born !== other) return born > other ? -1 : 1;
    return (a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1;
  })[0];
  if (!newest) return false;
  const spec = { ...claim.spec, storageClassName: newest.metadata.name };
  await client.update(PersistentVolumeClaim, { ...claim, spec });
  return true;
}

const NO_PROVISIONER = "kubernetes.io/";

/** Volumes are made by others, who watch for claims with their name on it. */
async function awaitProvisioner(claim: Claim, name: string, { client, view, events }: ReconcileContext): Promise<void> {
  const storageClass = view.get(StorageClass, { name });
  if (!storageClass) {
    events.event(claim, "Warning", "ProvisioningFailed", `storageclass.storage.k8s.io "${name}" not found`);
    return;
  }
  const { provisioner } = storageClass;
  if (provisioner.startsWith(NO_PROVISIONER)) {
    events.event(claim, "Warning", "ProvisioningFailed", `no volume plugin matched name: ${provisioner}`);
    return;
  }
  const said = claim.metadata.annotations ?? {};
  if (said[STORAGE_PROVISIONER] !== provisioner || said[BETA_STORAGE_PROVISIONER] !== provisioner) {
    const names = { [STORAGE_PROVISIONER]: provisioner, [BETA_STORAGE_PROVISIONER]: provisioner };
    await client.update(PersistentVolumeClaim, annotated(claim, names));
  }
  const text =
    `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the ` +
    "system administrator. If volume creation is delayed, please verify that the provisioner is running and " +
    "correctly registered.";
  events.event(claim, "Normal", "ExternalProvisioning", text);
}

/** The claim names its volume. */
async function bindToNamed(claim: Claim, name: string, { client, view, events }: ReconcileContext): Promise<void> {
  const volume = view.get(PersistentVolume, { name });
  if (!volume) return;
  if (isFor(volume, claim)) return bind(volume, claim, client);
  if (volume.spec.claimRef) {
    if (hasAnnotation(claim, BOUND_BY_CONTROLLER)) {
      throw new Error(`invalid binding of claim ${claimKey(claim.metadata)} to volume ${name}: volume already claimed`);
    }
    events.event(claim, "Warning", "FailedBinding", `volume "${name}" already bound to a different claim.`);
    return;
  }
  const why = whyUnfit(claim, volume);
  if (why === undefined) return bind(volume, claim, client);
  events.event(claim, "Warning", "VolumeMismatch", `Cannot bind to requested volume "${name}": ${why}`);
}

async function keepBound(claim: Claim, context: ReconcileContext): Promise<void> {
  const { client, view } = context;
  const name = claim.spec.volumeName;
  if (!name) {
    return lose(
      claim,
      "ClaimLost",
      "Bound claim has lost reference to PersistentVolume. Data on the volume is lost!",
      context,
    );
  }
  const volume = view.get(PersistentVolume, { name }) ?? (await isThere(name, client));
  if (!volume) {
    return lose(claim, "ClaimLost", "Bound claim has lost its PersistentVolume. Data on the volume is lost!", context);
  }
  const { claimRef } = volume.spec;
  if (!claimRef || isFor(volume, claim)) return bind(volume, claim, client);
  const text = "Two claims are bound to the same volume, this one is bound incorrectly";
  await lose(claim, "ClaimMisbound", text, context);
}

/** What is not seen may be new: a claim is given up only when the server itself says that its volume is gone. */
function isThere(name: string, client: Client): Promise<PersistentVolume | undefined> {
  return client.get(PersistentVolume, { name }).catch((error) => {
    if (isNotFound(error)) return undefined;
    throw error;
  });
}

async function lose(claim: Claim, reason: string, text: string, { client, events }: ReconcileContext): Promise<void> {
  if (claim.status.phase === "Lost") return;
  const { capacity: _, accessModes: __, ...status } = claim.status;
  await client.updateStatus(PersistentVolumeClaim, { ...claim, status: { ...status, phase: "Lost" } });
  events.event(claim, "Warning", reason, text);
}
