import type { SharedClusterPlan } from "../../../sizing/aws/cluster-plan";
import { KARPENTER_REQUESTS } from "../../../sizing/cost/system-pool";
import type { Chart } from "../../chart-release";
import { SYSTEM_POOL } from "../../kubernetes-object";

/** Knows Kubernetes 1.36 (from 1.13 on) and reservations of both kinds (from 1.6 on). Source: its compatibility page. */
const VERSION = "1.14.1";

/** Account of the controller, to which its role is bound; the namespace is the one that its documentation names. */
export const KARPENTER_ACCOUNT = { namespace: "kube-system", serviceAccount: "karpenter" } as const;

/** NodePool, NodeClaim and EC2NodeClass apart: Helm changes no definition that lies in a chart's `crds` folder. */
export function karpenterDefinitions(): Chart {
  return {
    name: "karpenter-crd",
    chart: "oci://public.ecr.aws/karpenter/karpenter-crd",
    version: VERSION,
    namespace: KARPENTER_ACCOUNT.namespace,
    values: {},
  };
}

/** Source of the values: charts/karpenter/values.yaml of that version. */
export function karpenterController({ clusterName, region }: SharedClusterPlan, interruptionQueue: unknown): Chart {
  const requests = { cpu: `${KARPENTER_REQUESTS.milliCpus}m`, memory: `${KARPENTER_REQUESTS.memoryMiB}Mi` };
  return {
    name: "karpenter",
    chart: "oci://public.ecr.aws/karpenter/karpenter",
    version: VERSION,
    namespace: KARPENTER_ACCOUNT.namespace,
    values: {
      serviceAccount: { name: KARPENTER_ACCOUNT.serviceAccount },
      // On nodes that it does not make, or it would take itself away.
      nodeSelector: { "kubernetes.io/os": "linux", ...SYSTEM_POOL },
      controller: {
        // Pods do not reach the metadata service, which would tell the region.
        env: [{ name: "AWS_REGION", value: region }],
        resources: { requests, limits: { memory: requests.memory } },
      },
      settings: {
        clusterName,
        interruptionQueue,
        // An engine may ask for 90 % of a machine's memory: with the 7.5 % of the chart small machines count as too small.
        vmMemoryOverheadPercent: 0.05,
        // It would end every node whose agent does not reach its DCGM in time, and knows no exception from that.
        featureGates: { nodeRepair: false },
      },
    },
  };
}
