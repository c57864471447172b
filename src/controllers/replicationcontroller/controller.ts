import { ReplicationController } from "../../api/core/v1/index.ts";
import { labelSelector } from "../../apimachinery/selectors.ts";
import { replicasController } from "../replicaset/replicas.ts";

/** Keeps as many Pods alive as a ReplicationController asks for: as a ReplicaSet does, with a plainer selector. */
export const replicationController = replicasController<ReplicationController>({
  name: "replicationcontroller",
  kind: ReplicationController,
  selector: ({ spec }) => labelSelector({ matchLabels: spec.selector }),
  status: ({ terminatingReplicas: _, ...counted }) => counted,
});
