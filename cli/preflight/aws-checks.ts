import { loadCatalog } from "../../config/catalog";
import type { AwsClusterPlan, PlannedNetwork } from "../../sizing/aws/cluster-plan";
import type { GivenNetwork } from "../../sizing/aws/settings";
import { weightsGBPerReplica } from "../../sizing/model/replica-weights";
import type { FeasiblePlan } from "../../sizing/serving-plan";
import { frontChecks } from "./aws-front-checks";
import { gpuZonesOf, networkChecks } from "./aws-network-checks";
import { priceCheck } from "./aws-price-check";
import { reservationCheck } from "./aws-reservation-check";
import { check, list, number, text, type Ask, type Check } from "./checks";

/** Quotas of vCPUs by family and purchase. Those of spot are general knowledge and were not read anywhere. */
const QUOTA_CODES = {
  "on-demand": { G: "L-DB2E81BA", P: "L-417A185B" },
  spot: { G: "L-3819A6DF", P: "L-7212CCBC" },
} as const;

/** Everything that an account can say about a cluster before it is made; one check after the other, none stops the rest. */
export async function awsChecks(
  plan: FeasiblePlan,
  cluster: AwsClusterPlan,
  tlsAtGateway: boolean,
  ask: Ask,
): Promise<Check[]> {
  const identity = await identityCheck(cluster, ask);
  // Without credentials no other question has an answer, and nothing can be made.
  if (identity.status !== "ok") return [{ ...identity, status: "fails" }];
  return [
    identity,
    await offerCheck(plan, cluster, ask),
    await quotaCheck(plan, cluster, ask),
    await priceCheck(plan, cluster, ask),
    await volumeKeyCheck(cluster, ask),
    ...(await frontChecks(cluster, tlsAtGateway, ask)),
    ...(cluster.gpuPool.reservationId === undefined
      ? []
      : [await reservationCheck(plan, cluster, cluster.gpuPool.reservationId, ask)]),
    ...(cluster.network.kind === "own" ? [] : await networkChecks(givenBy(plan, cluster, cluster.network), ask)),
  ];
}

function givenBy(plan: FeasiblePlan, cluster: AwsClusterPlan, network: GivenNetwork) {
  return { cluster, network, prices: loadCatalog().awsPrices, weightsGB: weightsGBPerReplica(plan) };
}

function identityCheck({ accountId, adminRoleArns }: AwsClusterPlan, ask: Ask): Promise<Check> {
  return check("credentials", async () => {
    const identity = await ask("sts get-caller-identity");
    const account = text(identity, "Account");
    if (account !== accountId) {
      return { status: "fails", detail: `are of account ${account}; fitserve:aws.accountId is ${accountId}` };
    }
    const arn = text(identity, "Arn");
    const own = adminRoleArns.find((admin) => isOf(arn, admin));
    return own === undefined
      ? { status: "ok", detail: arn }
      : {
          status: "fails",
          detail: `are of ${own}, which administers what it makes and can be entered once; take it out of fitserve:aws.adminRoleArns`,
        };
  });
}

/** Whether credentials are of that role or user; those of a role are named without its path, beside their session. */
function isOf(caller: string, admin: string): boolean {
  const [, role, ...session] = caller.split("/");
  const start = admin.split(":").slice(0, 5).join(":").replace(":iam:", ":sts:");
  const assumed = session.length > 0 && caller.startsWith(`${start}:assumed-role/`);
  return caller === admin || (assumed && admin.includes(":role/") && admin.split("/").at(-1) === role);
}

function offerCheck({ hardware }: FeasiblePlan, cluster: AwsClusterPlan, ask: Ask): Promise<Check> {
  const { instanceType } = hardware;
  const { network, gpuPool } = cluster;
  return check("offers of the zones", async () => {
    const answer = await ask("ec2 describe-instance-type-offerings", {
      region: cluster.region,
      "location-type": "availability-zone-id",
      filters: `Name=instance-type,Values=${instanceType}`,
    });
    const offered = list(answer, "InstanceTypeOfferings").map((offer) => text(offer, "Location"));
    const wanted = network.kind === "own" ? ownZones(network, gpuPool.zone) : await gpuZonesOf(cluster, network, ask);
    const where = offered.length === 0 ? `no zone of ${cluster.region}` : offered.toSorted().join(", ");
    const usable = wanted.filter((zone) => offered.includes(zone));
    const remedy = `set fitserve:aws.${network.kind === "own" ? "gpu.zone" : "network.gpuSubnetIds"}`;
    if (usable.length === 0) {
      const there = `the nodes are to stand in ${wanted.join(", ")}`;
      return { status: "fails", detail: `${instanceType} is offered in ${where}, ${there}; ${remedy}` };
    }
    // Karpenter chooses a zone that offers the machine; EKS refuses a group as a whole (eksctl-io/eksctl#6461).
    if (gpuPool.provisioner === "managed-group" && usable.length < wanted.length) {
      const others = wanted.filter((zone) => !offered.includes(zone));
      const why = `EKS takes no group that may stand in ${others.join(", ")} as well`;
      return { status: "fails", detail: `${instanceType} is offered in ${where}, ${why}; ${remedy}` };
    }
    return { status: "ok", detail: `${instanceType} in ${usable.join(", ")}` };
  });
}

function ownZones({ privateSubnets }: PlannedNetwork, pinned: string | undefined): string[] {
  return pinned === undefined ? privateSubnets.map(({ zone }) => zone) : [pinned];
}

function quotaCheck({ hardware }: FeasiblePlan, cluster: AwsClusterPlan, ask: Ask): Promise<Check> {
  const { purchase, instanceType, vcpusPerNode } = hardware;
  const code = QUOTA_CODES[purchase][instanceType.startsWith("p") ? "P" : "G"];
  const needed = vcpusPerNode * cluster.gpuPool.nodes.max;
  return check("quota of vCPUs", async () => {
    const answer = await ask("service-quotas get-service-quota", {
      region: cluster.region,
      "service-code": "ec2",
      "quota-code": code,
    });
    const quota = number(answer, "Quota", "Value");
    const sum = `${cluster.gpuPool.nodes.max} x ${instanceType} need ${needed}, ${code} is ${quota} in ${cluster.region}`;
    const wanted = needed + spareVcpus(cluster, vcpusPerNode);
    if (quota >= wanted) return { status: "ok", detail: `${sum}, before what already runs` };
    const more = `ask for more: ${increase(cluster.region, code, wanted)}`;
    if (quota >= needed) {
      const why = "an update of the nodes starts one more at least, and up to two a zone, before the old ones go";
      return { status: "warns", detail: `${sum}; ${why}; ${more}` };
    }
    return cluster.gpuPool.capacity === "CAPACITY_BLOCK"
      ? { status: "unknown", detail: `${sum}; whether a capacity block counts was not read anywhere` }
      : { status: "fails", detail: `${sum}; ${more}` };
  });
}

/** Source: aws/containers-roadmap#2021: nodes whose volumes they cannot decrypt end as soon as they start. */
function volumeKeyCheck({ region }: AwsClusterPlan, ask: Ask): Promise<Check> {
  return check("key of the volumes", async () => {
    const key = text(await ask("ec2 get-ebs-default-kms-key-id", { region }), "KmsKeyId");
    return key.endsWith("alias/aws/ebs")
      ? { status: "ok", detail: "is the one of AWS" }
      : {
          status: "warns",
          detail: `is ${key}; its policy has to let AWSServiceRoleForAutoScaling use it, or no node starts`,
        };
  });
}

function increase(region: string, code: string, wanted: number): string {
  const options = `--region ${region} --service-code ec2 --quota-code ${code} --desired-value ${wanted}`;
  return `aws service-quotas request-service-quota-increase ${options}`;
}

/**
 * What an update asks for at least beside what runs: EKS starts up to two new nodes in each zone, Karpenter one at a time.
 * Reserved nodes end before their successors start. Source: EKS User Guide, managed-node-update-behavior.
 */
function spareVcpus({ gpuPool }: AwsClusterPlan, vcpusPerNode: number): number {
  return gpuPool.reservationId === undefined ? vcpusPerNode : 0;
}
