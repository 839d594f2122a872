import type { FeasiblePlan } from "../sizing/serving-plan";
import { gpuProductLabel } from "./gpu-product-label";
import {
  GPU_PRODUCT_LABEL,
  GPU_RESOURCE,
  POOL_LABEL,
  gibQuantity,
  instanceLabels,
  kubernetesName,
} from "./kubernetes-object";
import type { ServingOptions } from "./serving-options";
import { nodeStorageGiB } from "./vllm/engine-resources";

/** Pods of one node by the kubelet's own default. */
const PODS_PER_NODE = 110;

/**
 * Nodes of the chosen machine without the machine: kwok plays their kubelet, everything else treats them as real.
 * The machine is part of the name, because the capacity of a node does not change while it lives.
 */
export function simulatedNodes(plan: FeasiblePlan, options: ServingOptions) {
  return Array.from({ length: plan.hardware.nodes }, (_, index) => simulatedNode(plan, options, index));
}

function simulatedNode(plan: FeasiblePlan, options: ServingOptions, index: number) {
  const { instanceType, gpu, region } = plan.hardware;
  const name = `${options.namespace}-${kubernetesName(instanceType)}-${index}`;
  const capacity = nodeCapacity(plan);
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: {
      name,
      labels: {
        ...instanceLabels(options.name, "gpu-node"),
        "kubernetes.io/hostname": name,
        "kubernetes.io/arch": "amd64",
        "kubernetes.io/os": "linux",
        "node.kubernetes.io/instance-type": instanceType,
        "topology.kubernetes.io/region": region,
        [GPU_PRODUCT_LABEL]: gpuProductLabel(gpu),
        [POOL_LABEL]: options.namespace,
        "fitserve.dev/simulated": "true",
      },
      annotations: { "kwok.x-k8s.io/node": "fake" },
    },
    spec: { taints: [{ key: GPU_RESOURCE, value: "present", effect: "NoSchedule" }] },
    status: { capacity, allocatable: capacity },
  } as const;
}

/** What the machine of the plan offers; the disk is the one that a node group for this plan would be given. */
function nodeCapacity(plan: FeasiblePlan): Record<string, string> {
  const { vcpusPerNode, memoryGiBPerNode, gpusPerNode } = plan.hardware;
  return {
    cpu: String(vcpusPerNode),
    memory: gibQuantity(memoryGiBPerNode),
    pods: String(PODS_PER_NODE),
    "ephemeral-storage": gibQuantity(nodeStorageGiB(plan)),
    [GPU_RESOURCE]: String(gpusPerNode),
  };
}
