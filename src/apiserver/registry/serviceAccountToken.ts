import { type TokenRequest, TokenRequestSchema } from "../../api/authentication/v1/index.ts";
import { Node, Pod, Secret, type ServiceAccount } from "../../api/core/v1/index.ts";
import {
  badRequest,
  conflict,
  forbidden,
  invalid,
  methodNotAllowed,
  notFound,
  serviceUnavailable,
} from "../../apimachinery/errors.ts";
import { fieldInvalid, root } from "../../apimachinery/fieldErrors.ts";
import { defineKind, type Kind } from "../../apimachinery/kind.ts";
import type { KubernetesObject } from "../../apimachinery/meta.ts";
import { formatTime } from "../../apimachinery/time.ts";
import type { Binding } from "../authentication/tokens.ts";
import { decodeBody } from "./decodeBody.ts";
import { getStored } from "./read.ts";
import type { Registry } from "./registry.ts";
import type { Strategy, SubresourceHandler } from "./resource.ts";
import { parseWriteOptions } from "./writeOptions.ts";

export const TokenRequestKind = defineKind<TokenRequest & KubernetesObject>({
  group: "authentication.k8s.io",
  version: "v1",
  kind: "TokenRequest",
  plural: "tokenrequests",
  scope: "Namespaced",
  schema: TokenRequestSchema as never,
  verbs: [],
  columns: [],
});

const DEFAULT_SECONDS = 3_600;
const LEAST_SECONDS = 600;
const MOST_SECONDS = 2 ** 32;
const BINDABLE: Readonly<Record<string, Kind>> = { Pod, Secret, Node } as unknown as Record<string, Kind>;

function checkSeconds(name: string, seconds: number): void {
  const path = root.child("spec", "expirationSeconds");
  if (seconds < LEAST_SECONDS) {
    throw invalid(TokenRequestKind, name, [
      fieldInvalid(path, seconds, "may not specify a duration less than 10 minutes"),
    ]);
  }
  if (seconds > MOST_SECONDS) {
    throw invalid(TokenRequestKind, name, [
      fieldInvalid(path, seconds, "may not specify a duration larger than 2^32 seconds"),
    ]);
  }
}

/** The object that a token shall live and die with. */
function boundTo(registry: Registry, account: ServiceAccount, request: TokenRequest): Binding {
  const ref = request.spec.boundObjectRef;
  if (!ref) return {};
  const { kind = "", name = "", uid } = ref;
  const bindable = BINDABLE[kind];
  if (!bindable) throw badRequest(`cannot bind token to object of type ${ref.apiVersion ?? ""}, Kind=${kind}`);
  const { namespace } = account.metadata;
  const object = registry.cache.of(bindable).get(bindable.scope === "Cluster" ? name : `${namespace}/${name}`)?.object;
  if (!object) throw notFound(bindable, name);
  if (uid && object.metadata.uid !== uid) {
    const why = `the UID in the bound object reference (${uid}) does not match the UID in record. The object might have been deleted and then recreated`;
    throw conflict(bindable, name, why);
  }
  const named = { name, uid: object.metadata.uid! };
  if (kind !== "Pod") return { [kind.toLowerCase()]: named };
  const { spec } = object as Pod;
  if (spec.serviceAccountName !== account.metadata.name) {
    throw badRequest(
      `cannot bind token for serviceaccount ${JSON.stringify(account.metadata.name)} to pod running with different serviceaccount name.`,
    );
  }
  const node = spec.nodeName ? registry.cache.of(Node as never).get(spec.nodeName)?.object : undefined;
  return { pod: named, ...(node && { node: { name: node.metadata.name!, uid: node.metadata.uid! } }) };
}

const token: SubresourceHandler = async (call, resource, registry) => {
  if (call.info.verb !== "create") throw methodNotAllowed();
  const { tokens } = registry;
  if (!tokens) throw serviceUnavailable("this server has no key to sign service account tokens with");
  const options = parseWriteOptions(call, "CreateOptions");
  const body = await decodeBody(call, TokenRequestKind as never, options.fieldValidation, registry.scheme);
  const request = body as TokenRequest & KubernetesObject;
  const account = (await getStored(registry, resource, call)).object as ServiceAccount;
  const { name, namespace, uid } = account.metadata;
  if (request.metadata.name && request.metadata.name !== name) {
    throw badRequest(
      `requested service account name ${JSON.stringify(request.metadata.name)} does not match name in the URL`,
    );
  }
  const seconds = request.spec.expirationSeconds ?? DEFAULT_SECONDS;
  checkSeconds(name!, seconds);
  if (account.metadata.deletionTimestamp) throw forbidden(resource.kind, name!, "the service account is being deleted");
  const audiences = (request.spec.audiences ?? []).length > 0 ? request.spec.audiences! : tokens.audiences;
  const issued = tokens.issue({
    account: { name: name!, namespace: namespace!, uid: uid! },
    audiences,
    seconds,
    binding: boundTo(registry, account, request),
  });
  const object = {
    ...request,
    metadata: { name, namespace, uid, creationTimestamp: formatTime(registry.clock.now()) },
    spec: {
      ...request.spec,
      audiences: [...audiences],
      expirationSeconds: seconds,
      boundObjectRef: request.spec.boundObjectRef,
    },
    status: { token: issued.token, expirationTimestamp: formatTime(issued.expires) },
  };
  return { type: "object", code: 201, kind: TokenRequestKind as never, object };
};

export const serviceAccountStrategy: Strategy<ServiceAccount> = {
  answersDeleted: true,
  subresources: { token },
};
