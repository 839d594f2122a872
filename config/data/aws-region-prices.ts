import type { AwsPrices, RegionPrice } from "../../sizing/cost/region-prices";

/**
 * List prices around the nodes, on-demand, without free allowances and of the first tier. Read in public repositories and
 * pages that quote the AWS price list, each named by the usage type under which the list has it, so that anybody can look
 * it up again: `aws pricing get-products`. A region or part that is missing here has no source; it is planned with the
 * price of us-east-1, and its line of the plan says so.
 */
const price = (usd: number, source: string, date: string): RegionPrice => ({ usd, source, date });

/** `cristim/ec2-instances-info` holds the price list of every region; all other machines' sizes follow from it. */
const m6iLarge = (usd: number): RegionPrice =>
  price(usd, "cristim/ec2-instances-info, AWS price list of m6i.large", "2025-05-28");

const bill = (usd: number, usageType: string, date: string): RegionPrice =>
  price(usd, `a public bill, ${usageType}: cost by quantity`, date);

const list = (usd: number, usageType: string, date: string): RegionPrice =>
  price(usd, `AWS price list, ${usageType}, quoted in a public repository`, date);

const INFRACOST_READ = "2026-11-22";

export const AWS_REGION_PRICES: AwsPrices = {
  "us-east-1": {
    controlPlaneHour: price(0.1, "infracost eks_cluster_test.golden; AWS containers blog", INFRACOST_READ),
    m6iLargeHour: price(0.096, "aws/karpenter-provider-aws zz_generated.pricing_aws.go", "2026-07-20"),
    natGatewayHour: price(0.045, "infracost nat_gateway_test.golden", INFRACOST_READ),
    natGB: price(0.045, "infracost nat_gateway_test.golden", INFRACOST_READ),
    loadBalancerHour: price(0.0225, "infracost, Application Load Balancer", INFRACOST_READ),
    loadBalancerUnitHour: list(0.006, "LCUUsage of LoadBalancing:Network", "2026-11-25"),
    publicAddressHour: list(0.005, "PublicIPv4:InUseAddress", "2026-10-05"),
    gp3GBMonth: price(0.08, "infracost ebs_volume_test.golden", INFRACOST_READ),
    gp3IopsMonth: price(0.005, "infracost ebs_volume_test.golden", INFRACOST_READ),
    gp3MiBpsMonth: price(0.04, "infracost ebs_volume_test.golden", INFRACOST_READ),
    bucketGBMonth: list(0.023, "TimedStorage-ByteHrs of AmazonS3", "2026-11-25"),
    keyMonth: list(1, "KMS-Keys", "2026-08-12"),
    controlPlaneLogGB: price(0.5, "bookstore-kubernetes-guide, logging and metrics cost", "2026-11-25"),
    zoneTransferGB: price(0.01, "AWS Global Network FAQs and pages on data transfer, on each side", "2026-11-25"),
    egressGB: price(0.09, "cloudburn.io and others, DataTransfer-Out-Bytes", "2026-02-24"),
  },
  elsewhere: {
    "ap-east-1": { m6iLargeHour: m6iLarge(0.132) },
    "ap-northeast-1": {
      m6iLargeHour: m6iLarge(0.124),
      natGatewayHour: list(0.062, "APN1-NatGateway-Hours", "2026-09-25"),
      natGB: list(0.062, "APN1-NatGateway-Bytes", "2026-09-25"),
      loadBalancerHour: list(0.0243, "APN1-LoadBalancerUsage (Application)", "2026-08-27"),
      bucketGBMonth: list(0.025, "APN1-TimedStorage-ByteHrs", "2026-11-25"),
      controlPlaneLogGB: list(0.76, "APN1-DataProcessing-Bytes", "2026-11-25"),
      egressGB: list(0.114, "APN1-DataTransfer-Out-Bytes", "2026-11-25"),
    },
    "ap-northeast-2": {
      m6iLargeHour: m6iLarge(0.118),
      natGatewayHour: bill(0.059, "APN2-NatGateway-Hours", "2026-11-25"),
      natGB: bill(0.059, "APN2-NatGateway-Bytes", "2026-11-25"),
      loadBalancerHour: list(0.0225, "AWSELB ap-northeast-2, Network LoadBalancer-hour", "2026-10-01"),
      loadBalancerUnitHour: list(0.006, "AWSELB ap-northeast-2, Network capacity unit-hour", "2026-11-25"),
      gp3GBMonth: bill(0.0912, "APN2-EBS:VolumeUsage.gp3", "2026-11-25"),
      egressGB: list(0.126, "APN2-DataTransfer-Out-Bytes", "2026-11-25"),
    },
    "ap-northeast-3": { m6iLargeHour: m6iLarge(0.124) },
    "ap-south-1": {
      m6iLargeHour: m6iLarge(0.101),
      natGatewayHour: bill(0.056, "APS3-NatGateway-Hours", "2026-09-16"),
      loadBalancerHour: bill(0.0239, "APS3-LoadBalancerUsage", "2026-09-16"),
      gp3GBMonth: list(0.0912, "APS3-EBS:VolumeUsage.gp3", "2026-11-25"),
      egressGB: list(0.1093, "APS3-DataTransfer-Out-Bytes", "2026-11-25"),
    },
    "ap-southeast-1": {
      m6iLargeHour: m6iLarge(0.12),
      natGatewayHour: list(0.059, "APS1-NatGateway-Hours", "2026-08-12"),
      natGB: list(0.059, "APS1-NatGateway-Bytes", "2026-08-12"),
      gp3GBMonth: list(0.096, "APS1-EBS:VolumeUsage.gp3", "2026-08-12"),
      bucketGBMonth: list(0.025, "APS1-TimedStorage-ByteHrs", "2026-08-12"),
    },
    "ap-southeast-2": {
      m6iLargeHour: m6iLarge(0.12),
      gp3GBMonth: list(0.096, "gp3 of ap-southeast-2", "2026-11-25"),
      egressGB: price(0.114, "chengqing.dev, How does AWS data transfer pricing work", "2020-01-23"),
    },
    "ap-southeast-3": { m6iLargeHour: m6iLarge(0.12) },
    "ca-central-1": {
      m6iLargeHour: m6iLarge(0.107),
      natGatewayHour: price(0.05, "cloudpipelines.pages.dev, AWS NAT gateway pricing 2026", "2026-11-25"),
      natGB: price(0.05, "cloudpipelines.pages.dev, AWS NAT gateway pricing 2026", "2026-11-25"),
    },
    "eu-central-1": {
      m6iLargeHour: m6iLarge(0.115),
      natGatewayHour: list(0.052, "EUC1-NatGateway-Hours", "2026-11-25"),
      loadBalancerHour: list(0.027, "EUC1-LoadBalancerUsage (Network)", "2026-11-25"),
      gp3GBMonth: list(0.0952, "EUC1-EBS:VolumeUsage.gp3", "2026-09-04"),
      bucketGBMonth: list(0.0245, "EUC1-TimedStorage-ByteHrs", "2026-11-25"),
    },
    "eu-north-1": {
      m6iLargeHour: list(0.102, "half of EUN1-BoxUsage:m6i.xlarge", "2026-10-09"),
      natGatewayHour: list(0.046, "EUN1-NatGateway-Hours", "2026-11-25"),
      gp3GBMonth: list(0.0836, "EUN1-EBS:VolumeUsage.gp3", "2026-10-09"),
    },
    "eu-west-1": {
      m6iLargeHour: m6iLarge(0.107),
      natGatewayHour: list(0.048, "EU-NatGateway-Hours", "2026-11-25"),
      natGB: list(0.048, "EU-NatGateway-Bytes", "2026-11-25"),
      gp3GBMonth: list(0.088, "EU-EBS:VolumeUsage.gp3", "2026-11-25"),
      egressGB: list(0.09, "EU-DataTransfer-Out-Bytes", "2026-11-25"),
    },
    "eu-west-2": {
      m6iLargeHour: m6iLarge(0.111),
      natGatewayHour: list(0.05, "EUW2-NatGateway-Hours", "2026-10-05"),
      natGB: list(0.05, "EUW2-NatGateway-Bytes", "2026-10-05"),
      loadBalancerHour: list(0.02646, "EUW2-LoadBalancerUsage (Application)", "2026-10-05"),
      gp3GBMonth: list(0.0928, "EUW2-EBS:VolumeUsage.gp3", "2026-10-05"),
      controlPlaneLogGB: list(0.5985, "EUW2-VendedLog-Bytes", "2026-10-05"),
      egressGB: list(0.09, "EUW2-DataTransfer-Out-Bytes", "2026-11-25"),
    },
    "eu-west-3": { m6iLargeHour: m6iLarge(0.112) },
    "me-central-1": { m6iLargeHour: m6iLarge(0.1177) },
    "us-east-2": {
      m6iLargeHour: m6iLarge(0.096),
      natGatewayHour: price(0.045, "cloudburn.io, AWS NAT gateway pricing", "2026-02-24"),
      natGB: price(0.045, "cloudburn.io, AWS NAT gateway pricing", "2026-02-24"),
      gp3GBMonth: list(0.08, "USE2-EBS:VolumeUsage.gp3", "2026-11-25"),
    },
    "us-west-1": { m6iLargeHour: m6iLarge(0.112) },
    "us-west-2": {
      m6iLargeHour: m6iLarge(0.096),
      natGatewayHour: list(0.045, "USW2-NatGateway-Hours", "2026-11-25"),
      loadBalancerHour: list(0.0225, "USW2-LoadBalancerUsage", "2026-11-25"),
    },
  },
};
