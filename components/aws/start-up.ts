import { AWS_MACHINES } from "../../config/data/aws-machines";
import type { AwsClusterPlan } from "../../sizing/aws/cluster-plan";
import { predictFirstUp, type FirstUp } from "../../sizing/aws/first-up";
import { predictStartUp, type StartUp } from "../../sizing/aws/start-up";
import { weightsGBPerReplica } from "../../sizing/model/replica-weights";
import type { FeasiblePlan } from "../../sizing/serving-plan";

/** Gbit/s of a machine whose network no list here names. */
const USUAL_NETWORK_GBPS = 10;

/** How long things take on a planned cluster: an engine from a node's order on, and the first `pulumi up`. */
export function startUpOnAws(
  plan: FeasiblePlan,
  cluster: AwsClusterPlan,
): { readonly startUp: StartUp; readonly firstUp: FirstUp } {
  const machine = AWS_MACHINES.find((one) => one.instanceType === plan.hardware.instanceType);
  const weightsGB = weightsGBPerReplica(plan);
  const inBucket = cluster.modelBucket !== undefined;
  const startUp = predictStartUp({
    weightsGB,
    networkGbps: machine?.networkGbps ?? USUAL_NETWORK_GBPS,
    streamed: inBucket,
    ...(cluster.nodeCache ? { nodeCacheDiskGB: machine?.localNvmeGB ?? 0 } : {}),
  });
  const firstUp = predictFirstUp({
    startUp,
    weightsGB,
    ownNetwork: cluster.network.kind === "own",
    fillsBucket: inBucket,
    monitoring: cluster.monitoring,
    nodesForPods: cluster.gpuPool.provisioner === "karpenter",
  });
  return { startUp, firstUp };
}
