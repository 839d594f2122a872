import { systemPoolFault } from "../cost/system-pool";
import { accessFaults } from "./access-faults";
import { nameOfCluster, type AwsClusterInputs } from "./cluster-inputs";
import { instanceStoreGiB, wantedStoreGiB } from "./gpu-pool";
import { karpenterFaults } from "./karpenter";
import { eksVersion, versionFault } from "./kubernetes-versions";
import { tagFaults } from "./names";
import { networkFaults } from "./network-faults";
import { nodeCacheFaults } from "./node-cache";
import { zonesOf } from "./zones";

/** Families that the stock image of EKS cannot drive. Source: awslabs/amazon-eks-ami doc/usage/g7-ami.md. */
const FAMILIES_WITHOUT_IMAGE: readonly string[] = ["g7"];

/** Everything that stands against a cluster for this plan, one line each, each naming its setting. */
export function clusterFaults(inputs: AwsClusterInputs): string[] {
  return [
    ...placeFaults(inputs),
    ...machineFaults(inputs),
    ...nodeCacheFaults(inputs),
    ...karpenterFaults(inputs),
    ...nameFaults(inputs),
    ...tagFaults(inputs.settings.tags),
    ...versionFaults(inputs),
    ...networkFaults(inputs.settings),
    ...accessFaults(inputs),
    ...nodeFaults(inputs),
    ...systemFaults(inputs),
  ];
}

function placeFaults({ plan, settings, offers }: AwsClusterInputs): string[] {
  const { cloud, region, instanceType } = plan.hardware;
  if (cloud !== "aws") {
    return [`the plan is for ${cloud}, the target is aws. Set fitserve:serving.market.clouds to [aws].`];
  }
  if (zonesOf(settings.region) === undefined) {
    return [`fitserve:aws.region is ${settings.region}, which is no region that this release knows zones of.`];
  }
  if (settings.region === region) return [];
  const sold = offers.filter((offer) => offer.cloud === "aws" && offer.instanceType === instanceType);
  const regions = [...new Set(sold.map((offer) => offer.region))].toSorted();
  if (!regions.includes(settings.region)) {
    return [
      `fitserve:aws.region is ${settings.region}, where no ${instanceType} is sold; it is sold in ${regions.join(", ")}.`,
    ];
  }
  return [
    `the plan is for ${region}, fitserve:aws.region is ${settings.region}. ` +
      `Set fitserve:serving.market.regions to [${settings.region}].`,
  ];
}

function machineFaults(inputs: AwsClusterInputs): string[] {
  const { plan, machines, settings } = inputs;
  const { instanceType } = plan.hardware;
  const family = instanceType.split(".")[0] ?? "";
  const faults: string[] = [];
  if (FAMILIES_WITHOUT_IMAGE.includes(family)) {
    faults.push(
      `${instanceType} needs driver 595; the image of EKS carries 580. Exclude it: fitserve:serving.gpu names a card.`,
    );
  }
  if (machines.find((one) => one.instanceType === instanceType)?.architecture === "arm64") {
    faults.push(`${instanceType} is an Arm machine; the engine's image and the nodes' are for amd64.`);
  }
  const storeGiB = instanceStoreGiB(inputs);
  const wantedGiB = wantedStoreGiB(inputs);
  // What keeps the weights from these disks is said by the cache's own faults.
  if (settings.gpu.disk === "instance-store" && settings.modelCache !== "node-nvme" && storeGiB < wantedGiB) {
    faults.push(
      `fitserve:aws.gpu.disk is instance-store: a node needs ${wantedGiB} GiB, but the disks of ${instanceType} ` +
        `hold ${storeGiB} GiB. Use gp3.`,
    );
  }
  return faults;
}

function nameFaults(inputs: AwsClusterInputs): string[] {
  const name = nameOfCluster(inputs);
  if (name.length > 100) {
    return [`the cluster's name has ${name.length} characters, EKS takes 100. Set fitserve:aws.clusterName.`];
  }
  if (/^[A-Za-z0-9][A-Za-z0-9_-]*$/.test(name)) return [];
  return [
    `the cluster's name ${JSON.stringify(name)} has characters that EKS does not take (letters, digits, - and _). ` +
      "Set fitserve:aws.clusterName.",
  ];
}

function versionFaults({ settings, today }: AwsClusterInputs): string[] {
  const fault = versionFault(settings.kubernetes, today);
  if (fault !== undefined) return [`fitserve:aws.kubernetes: ${fault}.`];
  if (settings.amiRelease !== undefined) {
    return settings.amiRelease.startsWith(`${settings.kubernetes}.`)
      ? []
      : [`fitserve:aws.amiRelease is ${settings.amiRelease}, which is no release for ${settings.kubernetes}.`];
  }
  if (eksVersion(settings.kubernetes)?.amiRelease !== undefined) return [];
  return [
    `fitserve:aws.amiRelease is missing: this release knows no node image for Kubernetes ${settings.kubernetes}. ` +
      "awslabs/amazon-eks-ami lists them, such as 1.35.6-20260714.",
  ];
}

function systemFaults({ settings: { system, monitoring, alertmanager, gpu }, models }: AwsClusterInputs): string[] {
  const fault = systemPoolFault(system, monitoring, models, gpu.provisioner === "karpenter");
  return [
    ...(fault === undefined ? [] : [fault]),
    ...(alertmanager === undefined || monitoring
      ? []
      : ["fitserve:aws.alertmanager is told by the Prometheus of fitserve:aws.monitoring, which is false."]),
  ];
}

function nodeFaults({ plan, settings }: AwsClusterInputs): string[] {
  const { nodes, replicas, replicasPerNode, purchase } = plan.hardware;
  const { minNodes = nodes, maxNodes = nodes, reservation, zone } = settings.gpu;
  const faults: string[] = [];
  if (settings.production && purchase === "spot" && nodes < 2) {
    const on = replicas < 2 ? "one replica" : `${replicas} replicas on one node`;
    faults.push(
      `fitserve:aws.production with spot and ${on}: AWS may take the only node with two minutes' notice. ` +
        `Set fitserve:serving.replicas to ${replicasPerNode + 1} or more, or market.purchase to on-demand.`,
    );
  }
  if (minNodes > nodes) faults.push(`fitserve:aws.gpu.minNodes is ${minNodes}, more than the ${nodes} of the plan.`);
  if (maxNodes < nodes) faults.push(`fitserve:aws.gpu.maxNodes is ${maxNodes}, fewer than the ${nodes} of the plan.`);
  if (reservation !== undefined && purchase === "spot") {
    faults.push("fitserve:aws.gpu.reservation goes with on-demand, not with market.purchase spot.");
  }
  if (reservation?.kind === "block" && plan.hardware.instanceType.startsWith("g")) {
    faults.push(`fitserve:aws.gpu.reservation: there are no capacity blocks of ${plan.hardware.instanceType}.`);
  }
  if (reservation !== undefined && settings.network.kind === "own" && zone === undefined) {
    faults.push("fitserve:aws.gpu.zone is missing: a reservation holds capacity in one zone.");
  }
  if (reservation !== undefined && settings.network.kind === "given" && settings.network.gpuSubnetIds === undefined) {
    faults.push(
      "fitserve:aws.network.gpuSubnetIds is missing: a reservation holds capacity in one zone. Name the subnet there.",
    );
  }
  return faults;
}
