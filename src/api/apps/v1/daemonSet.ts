import { type Column, defineKind } from "../../../apimachinery/kind.ts";
import { ObjectMeta } from "../../../apimachinery/meta.ts";
import { type Infer, message, string, struct } from "../../../apimachinery/schema.ts";
import { nameColumn } from "../../columns.ts";
import { formatLabels } from "../../core/v1/columns/shared.ts";
import { podTemplateDefaults } from "../../core/v1/defaults/pod.ts";
import { DaemonSetSpec, DaemonSetStatus } from "./daemonSetMessages.ts";
import { validateDaemonSet, validateDaemonSetStatusUpdate, validateDaemonSetUpdate } from "./daemonSetValidation.ts";
import { templateWarnings, workloadColumns } from "./workload.ts";

export const DaemonSetSchema = message(
  "io.k8s.api.apps.v1.DaemonSet",
  {
    apiVersion: string(0).doc("API group and version of this object."),
    kind: string(0).doc("What kind of object this is."),
    metadata: struct(1, ObjectMeta).doc("What every stored object says about itself."),
    spec: struct(2, DaemonSetSpec).doc("What is wanted."),
    status: struct(3, DaemonSetStatus).doc("What is observed."),
  },
  { doc: "Keeps one Pod running on each node that matches." },
);
export interface DaemonSet extends Infer<typeof DaemonSetSchema> {}

function count(name: string, description: string, of: (status: DaemonSetStatus) => number): Column<DaemonSet> {
  return { name, type: "integer", description, value: ({ status }) => of(status) };
}

export const DaemonSet = defineKind<DaemonSet>({
  group: "apps",
  version: "v1",
  kind: "DaemonSet",
  plural: "daemonsets",
  shortNames: ["ds"],
  categories: ["all"],
  scope: "Namespaced",
  schema: DaemonSetSchema,
  status: true,
  generation: ["spec"],
  defaults,
  validate: validateDaemonSet,
  validateUpdate: validateDaemonSetUpdate,
  validateStatusUpdate: validateDaemonSetStatusUpdate,
  warnings: templateWarnings,
  columns: [
    nameColumn(),
    count("Desired", "Nodes that shall run the Pod.", (status) => status.desiredNumberScheduled),
    count("Current", "Nodes that shall run the Pod, and do.", (status) => status.currentNumberScheduled),
    count("Ready", "Nodes where the Pod is ready.", (status) => status.numberReady),
    count("Up-to-date", "Nodes whose Pod is of the current template.", (s) => s.updatedNumberScheduled ?? 0),
    count("Available", "Nodes where the Pod has been ready for long enough.", (s) => s.numberAvailable ?? 0),
    {
      name: "Node Selector",
      type: "string",
      description: "Labels that a node must have to run the Pod.",
      value: ({ spec }) => formatLabels(spec.template.spec.nodeSelector),
    },
    ...workloadColumns<DaemonSet>(),
  ],
});

/** Counts changes of the template, for clients of before there were revisions. */
export const TEMPLATE_GENERATION = "deprecated.daemonset.template.generation";

function defaults({ metadata, spec }: DaemonSet): void {
  if (!metadata.annotations?.[TEMPLATE_GENERATION]) {
    metadata.annotations = { ...metadata.annotations, [TEMPLATE_GENERATION]: "1" };
  }
  const { updateStrategy } = spec;
  updateStrategy.type ||= "RollingUpdate";
  if (updateStrategy.type === "RollingUpdate") {
    updateStrategy.rollingUpdate ??= {};
    updateStrategy.rollingUpdate.maxUnavailable ??= 1;
    updateStrategy.rollingUpdate.maxSurge ??= 0;
  }
  spec.revisionHistoryLimit ??= 10;
  podTemplateDefaults(spec.template);
}
