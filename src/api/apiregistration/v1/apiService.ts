import {
  type FieldError,
  type FieldPath,
  fieldInvalid,
  fieldInvalidEach,
  fieldRequired,
  root,
} from "../../../apimachinery/fieldErrors.ts";
import { goQuote } from "../../../apimachinery/goText.ts";
import { defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { bool, bytes, type Infer, int32, list, message, string, struct, time } from "../../../apimachinery/schema.ts";
import { dns1035Label, dns1123Subdomain, pathSegmentName, portNumber } from "../../../apimachinery/validation/names.ts";
import { ageColumn, nameColumn } from "../../columns.ts";

const PACKAGE = "io.k8s.kube-aggregator.pkg.apis.apiregistration.v1";

export const ServiceReference = message(
  `${PACKAGE}.ServiceReference`,
  {
    namespace: string(1).doc("The Service's namespace."),
    name: string(2).doc("The Service's name."),
    port: int32(3).optional.doc("The Service's port. 443 by default."),
  },
  { doc: "A Service by its name." },
);
export interface ServiceReference extends Infer<typeof ServiceReference> {}

export const APIServiceSpec = message(
  `${PACKAGE}.APIServiceSpec`,
  {
    service: struct(1, ServiceReference).optional.doc(
      "The Service behind which the other server stands. Not set: this server answers itself.",
    ),
    group: string(2).doc("The API group."),
    version: string(3).doc("The API version."),
    insecureSkipTLSVerify: bool(4).doc("The other server's certificate is not verified. Better give a caBundle."),
    caBundle: bytes(5).atomicList.doc(
      "PEM certificates of the authorities that sign the other server's certificate. Not set: those of the system.",
    ),
    groupPriorityMinimum: int32(7).always.required.doc(
      "Where the group stands in discovery: the group of the highest number of all its versions comes first.",
    ),
    versionPriority: int32(8).always.required.doc(
      "Where the version stands in its group: the highest number comes first; among equals, the maturer version.",
    ),
  },
  { doc: "Who answers for a group-version." },
);
export interface APIServiceSpec extends Infer<typeof APIServiceSpec> {}

export const APIServiceCondition = message(
  `${PACKAGE}.APIServiceCondition`,
  {
    type: string(1).named("APIServiceConditionType").always.required.doc("Available."),
    status: string(2).named("ConditionStatus").always.required.doc("True, False or Unknown."),
    lastTransitionTime: time(3).always.doc("When the status last changed."),
    reason: string(4).doc("Why, in one word for programs."),
    message: string(5).doc("Why, in a sentence for people."),
  },
  { doc: "One aspect of an APIService's state." },
);
export interface APIServiceCondition extends Infer<typeof APIServiceCondition> {}

export const APIServiceStatus = message(
  `${PACKAGE}.APIServiceStatus`,
  {
    conditions: list(1, APIServiceCondition)
      .listMap("type")
      .merge("type")
      .doc("Whether the group-version is available."),
  },
  { doc: "Whether who answers can be reached." },
);
export interface APIServiceStatus extends Infer<typeof APIServiceStatus> {}

export const APIServiceSchema = message(
  `${PACKAGE}.APIService`,
  {
    apiVersion: string(0),
    kind: string(0),
    metadata: struct(1, ObjectMeta),
    spec: struct(2, APIServiceSpec).doc("What is wanted."),
    status: struct(3, APIServiceStatus).doc("What is observed."),
  },
  { doc: "Says which server answers for a group-version; called <version>.<group>." },
);
export interface APIService extends Infer<typeof APIServiceSchema> {}

export const APIService = defineKind<APIService>({
  group: "apiregistration.k8s.io",
  version: "v1",
  kind: "APIService",
  plural: "apiservices",
  categories: ["api-extensions"],
  scope: "Cluster",
  schema: APIServiceSchema,
  status: true,
  defaults({ spec }) {
    if (spec.service) spec.service.port ??= 443;
  },
  validateName: pathSegmentName,
  validate: validateAPIService,
  validateStatusUpdate: () => [],
  columns: [
    nameColumn(),
    {
      name: "Service",
      type: "string",
      description: "The Service behind which the API is; Local: this server.",
      value: ({ spec }) => (spec.service ? `${spec.service.namespace}/${spec.service.name}` : "Local"),
    },
    {
      name: "Available",
      type: "string",
      description: "Whether the API answers, and if not, why.",
      value: availability,
    },
    ageColumn(),
  ],
});

const MOST_GROUP_PRIORITY = 20_000;
const MOST_VERSION_PRIORITY = 1000;
const SPEC = root.child("spec");

function availability({ status }: APIService): string {
  const available = status.conditions?.find(({ type }) => type === "Available");
  if (!available) return "Unknown";
  return available.status === "True" ? "True" : `${available.status} (${available.reason ?? ""})`;
}

function validateAPIService({ metadata, spec }: APIService): FieldError[] {
  const { group = "", version = "", groupPriorityMinimum, versionPriority } = spec;
  const { name = "" } = metadata;
  const required = `${version}.${group}`;
  const errors: FieldError[] = [];
  if (name !== "" && name !== required) {
    const why = `must be \`spec.version+"."+spec.group\`: ${goQuote(required)}`;
    errors.push(fieldInvalid(root.child("metadata", "name"), name, why));
  }
  if (group === "" && version !== "v1") {
    errors.push(fieldRequired(SPEC.child("group"), "only v1 may have an empty group and it better be legacy kube"));
  }
  if (group !== "") errors.push(...fieldInvalidEach(SPEC.child("group"), group, dns1123Subdomain(group)));
  errors.push(...fieldInvalidEach(SPEC.child("version"), version, dns1035Label(version)));
  const within = (path: FieldPath, value: number, most: number) => {
    if (value <= 0 || value > most) errors.push(fieldInvalid(path, value, `must be positive and less than ${most}`));
  };
  within(SPEC.child("groupPriorityMinimum"), groupPriorityMinimum, MOST_GROUP_PRIORITY);
  within(SPEC.child("versionPriority"), versionPriority, MOST_VERSION_PRIORITY);
  return [...errors, ...(spec.service ? validateRemote(spec, spec.service) : validateLocal(spec))];
}

function validateLocal({ caBundle = "", insecureSkipTLSVerify }: APIServiceSpec): FieldError[] {
  const errors: FieldError[] = [];
  if (caBundle !== "") {
    const length = Buffer.from(caBundle, "base64").length;
    const why = "local APIServices may not have a caBundle";
    errors.push(fieldInvalid(SPEC.child("caBundle"), `${length} bytes`, why));
  }
  if (insecureSkipTLSVerify) {
    const why = "local APIServices may not have insecureSkipTLSVerify";
    errors.push(fieldInvalid(SPEC.child("insecureSkipTLSVerify"), insecureSkipTLSVerify, why));
  }
  return errors;
}

function validateRemote({ caBundle, insecureSkipTLSVerify }: APIServiceSpec, service: ServiceReference): FieldError[] {
  const at = SPEC.child("service");
  const errors: FieldError[] = [];
  if (!service.namespace) errors.push(fieldRequired(at.child("namespace")));
  if (!service.name) errors.push(fieldRequired(at.child("name")));
  const { port = 443 } = service;
  const wrong = portNumber(port);
  if (wrong.length > 0) {
    errors.push(fieldInvalid(at.child("port"), port, `port is not valid: ${wrong.join(", ")}`));
  }
  if (insecureSkipTLSVerify && caBundle) {
    const why = "may not be true if caBundle is present";
    errors.push(fieldInvalid(SPEC.child("insecureSkipTLSVerify"), insecureSkipTLSVerify, why));
  }
  return errors;
}
