/**
 * What a Pulumi program of your own imports from "fitserve/aws" beside "fitserve": an EKS cluster and the models on it.
 * Apart, because the SDK of AWS takes a second to load.
 */
export { AwsFront, type AwsFrontArgs } from "./components/aws/front";
export {
  buildCluster,
  buildOnAws,
  serveOnCluster,
  type BuiltCluster,
  type OnAws,
  type OnAwsArgs,
  type OnCluster,
  type OnClusterArgs,
} from "./components/aws/program";
export { EksCluster, type EksClusterArgs } from "./components/aws/eks-cluster";
export { EksGpuNodeGroup, type EksGpuNodeGroupArgs } from "./components/aws/eks-gpu-node-group";
export { KarpenterController, type KarpenterControllerArgs } from "./components/aws/karpenter/karpenter-controller";
export { KarpenterGpuNodes, type KarpenterGpuNodesArgs } from "./components/aws/karpenter/karpenter-gpu-nodes";
export { EksServices, type EksServicesArgs } from "./components/aws/eks-services";
/** Two of the inputs of `planAwsCluster`; `planModelsOnAws` takes them by itself. */
export { nodeCacheGiB, nodeStorageGiB } from "./components/vllm/engine-resources";
export { ModelCache, type ModelCacheArgs } from "./components/aws/cache/model-cache";
export { Monitoring, type MonitoringArgs } from "./components/aws/monitoring/monitoring";
export type { MonitoringAccess } from "./components/aws/monitoring/monitoring.manifest";
export type { ServedModel } from "./components/aws/monitoring/monitoring-rules.manifest";
export { planModelsOnAws, type ModelOnAws, type ModelsOnAws, type PlannedModels } from "./components/aws/models-on-aws";
export { parseAwsSettings } from "./config/aws-settings";
export { AWS_MACHINES } from "./config/data/aws-machines";
export type { AwsClusterInputs } from "./sizing/aws/cluster-inputs";
export {
  planAwsCluster,
  type AwsClusterOutcome,
  type AwsClusterPlan,
  type SharedClusterPlan,
} from "./sizing/aws/cluster-plan";
export type { AwsSettings } from "./sizing/aws/settings";
export { costTogether, type CostTogether } from "./sizing/cost/cost-together";
