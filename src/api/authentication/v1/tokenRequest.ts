import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { TokenRequestSpec, TokenRequestStatus } from "./messages.ts";

export const TokenRequestSchema = message("io.k8s.api.authentication.v1.TokenRequest", {
  apiVersion: string(0),
  kind: string(0),
  metadata: struct(1, ObjectMeta),
  spec: struct(2, TokenRequestSpec),
  status: struct(3, TokenRequestStatus),
});
export interface TokenRequest extends Infer<typeof TokenRequestSchema> {}
