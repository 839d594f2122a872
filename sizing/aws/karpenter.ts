import type { AwsClusterInputs } from "./cluster-inputs";
import type { GpuPool } from "./gpu-pool";

/** Keys of tags that the controller sets itself. Source: validations of EC2NodeClass, Karpenter 1.14.1. */
const KEPT_TAGS =
  /^(kubernetes\.io\/cluster|(karpenter\.sh\/(nodepool|nodeclaim)|karpenter\.k8s\.aws\/ec2nodeclass|eks:eks-cluster-name)$)/;

/** What stands against GPU nodes that Karpenter makes, where they are asked for. */
export function karpenterFaults({ settings }: AwsClusterInputs): string[] {
  const { provisioner, minNodes } = settings.gpu;
  if (provisioner !== "karpenter") return [];
  const instead = "or set gpu.provisioner to managed-group";
  return [
    ...(minNodes === undefined
      ? []
      : [
          `fitserve:aws.gpu.minNodes is ${minNodes}, but Karpenter makes nodes for pods that wait and keeps none for nobody. ` +
            `Leave minNodes out, ${instead}.`,
        ]),
    ...(settings.modelCache === "node-nvme"
      ? [
          "fitserve:aws.modelCache is node-nvme, whose copy is made on nodes before the engine comes; Karpenter makes nodes " +
            `for the engine alone. Set modelCache to true, ${instead}.`,
        ]
      : []),
    ...Object.keys(settings.tags)
      .filter((key) => KEPT_TAGS.test(key))
      .map((key) => `fitserve:aws.tags has ${key}, which Karpenter sets itself. Take it out, ${instead}.`),
  ];
}

/**
 * Most nodes of a pool at a time: one more than planned, which stands in while a node is replaced, as with a managed
 * group; of reserved capacity there is no spare machine.
 */
export function mostNodes({ nodes, reservationId }: GpuPool): number {
  return nodes.max + (reservationId === undefined ? 1 : 0);
}
