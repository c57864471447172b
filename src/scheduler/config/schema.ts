import { NodeAffinity, TopologySpreadConstraint } from "../../api/core/v1/index.ts";
import {
  bool,
  duration,
  type Infer,
  int32,
  int64,
  json,
  list,
  message,
  string,
  struct,
} from "../../apimachinery/schema.ts";

/** The file format of kubescheduler.config.k8s.io/v1; it is never encoded, so its numbers mean nothing. */
const name = (kind: string) => `io.k8s.kube-scheduler.config.v1.${kind}`;

const PluginRefSchema = message(name("Plugin"), { name: string(1).always, weight: int32(2) });
const PluginSetSchema = message(name("PluginSet"), {
  enabled: list(1, PluginRefSchema),
  disabled: list(2, PluginRefSchema),
});

const PluginsSchema = message(name("Plugins"), {
  preEnqueue: struct(1, PluginSetSchema).optional,
  queueSort: struct(2, PluginSetSchema).optional,
  preFilter: struct(3, PluginSetSchema).optional,
  filter: struct(4, PluginSetSchema).optional,
  postFilter: struct(5, PluginSetSchema).optional,
  preScore: struct(6, PluginSetSchema).optional,
  score: struct(7, PluginSetSchema).optional,
  reserve: struct(8, PluginSetSchema).optional,
  permit: struct(9, PluginSetSchema).optional,
  preBind: struct(10, PluginSetSchema).optional,
  bind: struct(11, PluginSetSchema).optional,
  postBind: struct(12, PluginSetSchema).optional,
  multiPoint: struct(13, PluginSetSchema).optional,
});

const ProfileSchema = message(name("KubeSchedulerProfile"), {
  schedulerName: string(1).optional,
  percentageOfNodesToScore: int32(2).optional,
  plugins: struct(3, PluginsSchema).optional,
  pluginConfig: list(4, message(name("PluginConfig"), { name: string(1).always, args: json(2) })),
});

const LeaderElection = message(name("LeaderElectionConfiguration"), {
  leaderElect: bool(1).optional,
  leaseDuration: duration(2),
  renewDeadline: duration(3),
  retryPeriod: duration(4),
  resourceLock: string(5),
  resourceName: string(6),
  resourceNamespace: string(7),
});

const ClientConnection = message(name("ClientConnectionConfiguration"), {
  kubeconfig: string(1),
  acceptContentTypes: string(2),
  contentType: string(3),
  qps: json(4),
  burst: int32(5),
});

export const ConfigurationSchema = message(name("KubeSchedulerConfiguration"), {
  apiVersion: string(1),
  kind: string(2),
  parallelism: int32(3).optional,
  leaderElection: struct(4, LeaderElection).optional,
  clientConnection: struct(5, ClientConnection).optional,
  enableProfiling: bool(6).optional,
  enableContentionProfiling: bool(7).optional,
  percentageOfNodesToScore: int32(8).optional,
  podInitialBackoffSeconds: int64(9).optional,
  podMaxBackoffSeconds: int64(10).optional,
  profiles: list(11, ProfileSchema),
  extenders: list(12, "json"),
  delayCacheUntilActive: bool(13),
});
export interface ConfigurationFile extends Infer<typeof ConfigurationSchema> {}

const Resource = message(name("ResourceSpec"), { name: string(1).always, weight: int64(2) });
const ShapePoint = message(name("UtilizationShapePoint"), { utilization: int32(1).always, score: int32(2).always });
const head = { apiVersion: string(90), kind: string(91) };

/** The arguments of those plug-ins that take any. */
export const ARGS_SCHEMAS = {
  DefaultPreemption: message(name("DefaultPreemptionArgs"), {
    ...head,
    minCandidateNodesPercentage: int32(1).optional,
    minCandidateNodesAbsolute: int32(2).optional,
  }),
  InterPodAffinity: message(name("InterPodAffinityArgs"), {
    ...head,
    hardPodAffinityWeight: int32(1).optional,
    ignorePreferredTermsOfExistingPods: bool(2),
  }),
  NodeAffinity: message(name("NodeAffinityArgs"), { ...head, addedAffinity: struct(1, NodeAffinity).optional }),
  NodeResourcesBalancedAllocation: message(name("NodeResourcesBalancedAllocationArgs"), {
    ...head,
    resources: list(1, Resource),
  }),
  NodeResourcesFit: message(name("NodeResourcesFitArgs"), {
    ...head,
    ignoredResources: list(1, "string"),
    ignoredResourceGroups: list(2, "string"),
    scoringStrategy: struct(
      3,
      message(name("ScoringStrategy"), {
        type: string(1),
        resources: list(2, Resource),
        requestedToCapacityRatio: struct(
          3,
          message(name("RequestedToCapacityRatioParam"), { shape: list(1, ShapePoint) }),
        ).optional,
      }),
    ).optional,
  }),
  PodTopologySpread: message(name("PodTopologySpreadArgs"), {
    ...head,
    defaultConstraints: list(1, TopologySpreadConstraint),
    defaultingType: string(2),
  }),
  VolumeBinding: message(name("VolumeBindingArgs"), {
    ...head,
    bindTimeoutSeconds: int64(1).optional,
    shape: list(2, ShapePoint),
  }),
} as const;

export type ArgsOf<K extends keyof typeof ARGS_SCHEMAS> = Infer<(typeof ARGS_SCHEMAS)[K]>;
