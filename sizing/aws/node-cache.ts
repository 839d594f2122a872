import type { AwsClusterInputs } from "./cluster-inputs";
import { instanceStoreGiB, wantedStoreGiB } from "./gpu-pool";

/** What stands against a copy of the weights on the nodes' own disks, where one is asked for. */
export function nodeCacheFaults(inputs: AwsClusterInputs): string[] {
  const { plan, settings } = inputs;
  if (settings.modelCache !== "node-nvme") return [];
  const asked = "fitserve:aws.modelCache is node-nvme";
  const instead = "Set modelCache to true: engines then stream from the bucket.";
  const { instanceType } = plan.hardware;
  if (plan.model.checkpoint === undefined) {
    return [`${asked}, but no repository with these weights of ${plan.model.key} is known. Set modelCache to false.`];
  }
  if (settings.gpu.disk === "gp3") {
    return [`${asked} and fitserve:aws.gpu.disk is gp3: the copy lies on the machine's own disks. Leave gpu.disk out.`];
  }
  const [storeGiB, wantedGiB] = [instanceStoreGiB(inputs), wantedStoreGiB(inputs)];
  if (storeGiB === 0) return [`${asked}, but ${instanceType} has no NVMe disks of its own. ${instead}`];
  if (storeGiB >= wantedGiB) return [];
  return [
    `${asked}: weights and images need ${wantedGiB} GiB of a node, but the disks of ${instanceType} hold ` +
      `${storeGiB} GiB. ${instead}`,
  ];
}
