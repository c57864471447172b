import { type FieldError, fieldInvalid, root } from "../../../apimachinery/fieldErrors.ts";
import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { TokenRequestSpec, TokenRequestStatus } from "./messages.ts";

export const TokenRequestSchema = message(
  "io.k8s.api.authentication.v1.TokenRequest",
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    spec: struct(2, TokenRequestSpec).doc("What is asked for."),
    status: struct(3, TokenRequestStatus).doc("The token."),
  },
  { doc: "Asks for a token of a service account. Answered at once and not stored." },
);
export interface TokenRequest extends Infer<typeof TokenRequestSchema> {}

const AN_HOUR = 3600;
const SHORTEST = 600;
const LONGEST = 2 ** 32;

/** The body of serviceaccounts/token; no resource of its own. */
export const TokenRequest = defineKind<TokenRequest>({
  group: "authentication.k8s.io",
  version: "v1",
  kind: "TokenRequest",
  plural: "tokenrequests",
  scope: "Namespaced",
  schema: TokenRequestSchema,
  verbs: ["create"],
  defaults({ spec }) {
    spec.expirationSeconds ??= AN_HOUR;
  },
  validate,
  columns: [],
});

function validate({ spec }: TokenRequest): FieldError[] {
  const at = root.child("spec", "expirationSeconds");
  const { expirationSeconds: seconds = AN_HOUR } = spec;
  if (seconds < SHORTEST) return [fieldInvalid(at, seconds, "may not specify a duration less than 10 minutes")];
  if (seconds > LONGEST) return [fieldInvalid(at, seconds, "may not specify a duration larger than 2^32 seconds")];
  return [];
}
