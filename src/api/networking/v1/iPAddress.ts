import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { ageColumn, nameColumn } from "../../columns.ts";
import { IPAddressSpec } from "./iPAddressMessages.ts";

export const IPAddressSchema = message("io.k8s.api.networking.v1.IPAddress", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, IPAddressSpec).required,
});
export interface IPAddress extends Infer<typeof IPAddressSchema> {}

export const IPAddress = defineKind<IPAddress>({
  group: "networking.k8s.io",
  version: "v1",
  kind: "IPAddress",
  plural: "ipaddresses",
  shortNames: ["ip"],
  scope: "Cluster",
  schema: IPAddressSchema,
  columns: [nameColumn(), ageColumn()],
});
