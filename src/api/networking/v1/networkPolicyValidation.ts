import {
  type FieldError,
  type FieldPath,
  fieldForbidden,
  fieldInvalid,
  fieldInvalidEach,
  fieldNotSupported,
  fieldRequired,
  root,
} from "../../../apimachinery/fieldErrors.ts";
import { validateLabelSelector } from "../../../apimachinery/validation/labelSelector.ts";
import { cidr, portName, portNumber } from "../../../apimachinery/validation/names.ts";
import { parseRange } from "./addresses.ts";
import type { NetworkPolicy } from "./networkPolicy.ts";
import type { IPBlock, NetworkPolicyPeer, NetworkPolicyPort } from "./networkPolicyMessages.ts";

const PROTOCOLS = ["TCP", "UDP", "SCTP"];
const TYPES = ["Ingress", "Egress"];

export function validateNetworkPolicy({ spec }: NetworkPolicy): FieldError[] {
  const path = root.child("spec");
  const rules = (field: "ingress" | "egress") =>
    (spec[field] ?? []).flatMap((rule, i) => {
      const at = path.child(field).index(i);
      const [side, peers] = "from" in rule ? ["from", rule.from] : ["to", "to" in rule ? rule.to : undefined];
      return [
        ...(rule.ports ?? []).flatMap((port, j) => validatePort(port, at.child("ports").index(j))),
        ...(peers ?? []).flatMap((peer, j) => validatePeer(peer, at.child(side).index(j))),
      ];
    });
  return [
    ...validateLabelSelector(spec.podSelector, path.child("podSelector")),
    ...rules("ingress"),
    ...rules("egress"),
    ...validateTypes(spec.policyTypes ?? [], path.child("policyTypes")),
  ];
}

function validateTypes(types: readonly string[], path: FieldPath): FieldError[] {
  if (types.length > TYPES.length) return [fieldInvalid(path, types, "may not specify more than two policyTypes")];
  return types.flatMap((type, i) => (TYPES.includes(type) ? [] : [fieldNotSupported(path.index(i), type, TYPES)]));
}

function validatePort({ protocol, port, endPort }: NetworkPolicyPort, path: FieldPath): FieldError[] {
  const errors: FieldError[] = [];
  if (protocol !== undefined && !PROTOCOLS.includes(protocol))
    errors.push(fieldNotSupported(path.child("protocol"), protocol, PROTOCOLS));
  if (port === undefined) {
    if (endPort !== undefined)
      errors.push(fieldInvalid(path.child("endPort"), endPort, "may not be specified when `port` is not specified"));
    return errors;
  }
  errors.push(
    ...fieldInvalidEach(path.child("port"), port, typeof port === "number" ? portNumber(port) : portName(port)),
  );
  if (endPort === undefined) return errors;
  const at = path.child("endPort");
  if (typeof port === "string")
    return [...errors, fieldInvalid(at, endPort, "may not be specified when `port` is non-numeric")];
  if (endPort < port) errors.push(fieldInvalid(at, port, "must be greater than or equal to `port`"));
  return [...errors, ...fieldInvalidEach(at, endPort, portNumber(endPort))];
}

function validatePeer({ podSelector, namespaceSelector, ipBlock }: NetworkPolicyPeer, path: FieldPath): FieldError[] {
  const errors = [
    ...validateLabelSelector(podSelector, path.child("podSelector")),
    ...validateLabelSelector(namespaceSelector, path.child("namespaceSelector")),
    ...(ipBlock ? validateIPBlock(ipBlock, path.child("ipBlock")) : []),
  ];
  const selectors = podSelector !== undefined || namespaceSelector !== undefined;
  if (!selectors && !ipBlock) errors.push(fieldRequired(path, "must specify a peer"));
  else if (selectors && ipBlock) errors.push(fieldForbidden(path, "may not specify both ipBlock and another peer"));
  return errors;
}

function validateIPBlock(block: IPBlock, path: FieldPath): FieldError[] {
  if (block.cidr === "") return [fieldRequired(path.child("cidr"))];
  const whole = parseRange(block.cidr);
  if (!whole) return fieldInvalidEach(path.child("cidr"), block.cidr, cidr(block.cidr));
  return (block.except ?? []).flatMap((text, i) => {
    const at = path.child("except").index(i);
    const part = parseRange(text);
    if (!part) return fieldInvalidEach(at, text, cidr(text));
    const within =
      part.family === whole.family && part.first >= whole.first && part.last <= whole.last && part.bits > whole.bits;
    return within ? [] : [fieldInvalid(at, text, "must be a strict subset of `cidr`")];
  });
}
