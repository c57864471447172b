import { ReplicaSet } from "../../api/apps/v1/index.ts";
import { labelSelector } from "../../apimachinery/selectors.ts";
import { replicasController } from "./replicas.ts";

/** Keeps as many Pods alive as a ReplicaSet asks for. */
export const replicaSetController = replicasController<ReplicaSet>({
  name: "replicaset",
  kind: ReplicaSet,
  selector: ({ spec }) => labelSelector(spec.selector),
  status: (counted) => counted,
});
