import { PersistentVolume, Pod } from "../../api/core/v1/index.ts";
import type { PolicyRule } from "../../api/rbac/v1/index.ts";
import type { Entry } from "../cache/entry.ts";
import type { WatchCache } from "../cache/watchCache.ts";
import type { User } from "../pipeline/call.ts";
import type { Access, Authorizer, Decision } from "./authorizer.ts";
import { podReferences } from "./podReferences.ts";
import { allows } from "./rules.ts";

const NO: Decision = { allowed: false, reason: "" };
const READS = new Set(["get", "list", "watch"]);
/** What a kubelet may read only when a Pod on its node needs it. */
const BY_POD = new Set(["secrets", "configmaps", "persistentvolumeclaims"]);

const deny = (reason: string): Decision => ({ allowed: false, reason });
const ALLOW: Decision = { allowed: true, reason: "" };

/** The node that a user is the kubelet of, or undefined. */
export function nodeOf(user: User): string | undefined {
  const prefix = "system:node:";
  return user.name.startsWith(prefix) && user.groups.includes("system:nodes")
    ? user.name.slice(prefix.length)
    : undefined;
}

/**
 * Lets kubelets do what they need and no more: a Secret, ConfigMap or token only while a Pod bound to the node refers to
 * it, a Lease only if it is its own, the rest by fixed rules.
 */
export class NodeAuthorizer implements Authorizer {
  #rules: readonly PolicyRule[];
  #podsByNode = new Map<string, Map<string, Entry>>();
  #references = new Map<string, Set<string>>();
  readonly #cache: WatchCache;

  constructor(cache: WatchCache, rules: readonly PolicyRule[]) {
    this.#rules = rules;
    this.#cache = cache;
    cache.of(Pod as never).onChange(({ key, entry, previous }) => {
      this.#forget(key, previous);
      if (entry) this.#learn(entry);
    });
    // Pods that were there before this server, which no change tells of.
    for (const entry of cache.of(Pod as never).current.values()) this.#learn(entry);
  }
  #learn(entry: Entry): void {
    const node = (entry.object as Pod).spec.nodeName;
    if (!node) return;
    const pods = this.#podsByNode.get(node) ?? new Map<string, Entry>();
    pods.set(entry.key, entry);
    this.#podsByNode.set(node, pods);
    this.#references.delete(node);
  }
  #forget(key: string, previous: Entry | undefined): void {
    const node = previous && (previous.object as Pod).spec.nodeName;
    if (!node) return;
    this.#podsByNode.get(node)?.delete(key);
    this.#references.delete(node);
  }
  rulesFor(user: User): readonly PolicyRule[] {
    return nodeOf(user) === undefined ? [] : this.#rules;
  }
  authorize(access: Access): Decision {
    const node = nodeOf(access.user);
    if (node === undefined) return NO;
    const { resource, group, subresource } = access;
    if (access.isResource && group === "" && BY_POD.has(resource) && subresource === "") {
      return this.#read(access, node);
    }
    if (group === "" && resource === "serviceaccounts" && subresource === "token") return this.#token(access, node);
    if (group === "coordination.k8s.io" && resource === "leases") return ownLease(access, node);
    return this.#rules.some((rule) => allows(rule, access)) ? ALLOW : NO;
  }
  #read({ verb, resource, namespace, name }: Access, node: string): Decision {
    if (!READS.has(verb)) return deny(`can only read namespaced object of this type`);
    if (name === "" || namespace === "") return deny(`No Object name found`);
    if (this.#refers(node, `${resource}/${namespace}/${name}`)) return ALLOW;
    if (resource === "secrets" && this.#isOfVolume(node, namespace, name)) return ALLOW;
    return deny(`no relationship found between node '${node}' and this object`);
  }
  /** A Secret that the volume behind a claim of a Pod on the node needs. Asked only where nothing else allows it. */
  #isOfVolume(node: string, namespace: string, name: string): boolean {
    for (const { object } of this.#cache.of(PersistentVolume as never).current.values()) {
      const volume = object as PersistentVolume;
      const { claimRef } = volume.spec;
      const isNamed = volumeSecrets(volume).some((it) => it?.name === name && it.namespace === namespace);
      const claim = `persistentvolumeclaims/${claimRef?.namespace}/${claimRef?.name}`;
      if (isNamed && claimRef && this.#refers(node, claim)) return true;
    }
    return false;
  }
  #token({ verb, namespace, name }: Access, node: string): Decision {
    if (verb !== "create") return deny("can only create tokens for individual service accounts");
    if (this.#refers(node, `serviceaccounts/${namespace}/${name}`)) return ALLOW;
    return deny(`no relationship found between node '${node}' and this object`);
  }
  #refers(node: string, reference: string): boolean {
    let references = this.#references.get(node);
    if (!references) {
      references = new Set();
      for (const entry of this.#podsByNode.get(node)?.values() ?? []) {
        for (const found of podReferences(entry.object as Pod)) references.add(found);
      }
      this.#references.set(node, references);
    }
    return references.has(reference);
  }
}

function volumeSecrets({ spec }: PersistentVolume): ({ name?: string; namespace?: string } | undefined)[] {
  const { csi, iscsi, rbd, cephfs, flexVolume } = spec;
  const ofDriver = [csi?.nodeStageSecretRef, csi?.nodePublishSecretRef, csi?.nodeExpandSecretRef];
  return [...ofDriver, iscsi?.secretRef, rbd?.secretRef, cephfs?.secretRef, flexVolume?.secretRef];
}

const LEASE_VERBS = new Set(["get", "create", "update", "patch", "delete"]);

function ownLease({ verb, namespace, name }: Access, node: string): Decision {
  if (!LEASE_VERBS.has(verb)) return deny("can only get, create, update, patch, or delete a node lease");
  if (namespace !== "kube-node-lease") return deny('can only access leases in the "kube-node-lease" system namespace');
  if (verb !== "create" && name !== node)
    return deny("can only access node lease with the same name as the requesting node");
  return ALLOW;
}
