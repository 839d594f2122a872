import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";
import type { SharedClusterPlan } from "../../sizing/aws/cluster-plan";
import { rangesWithin } from "../../sizing/aws/settings";

const LOG_TYPES = ["api", "audit", "authenticator", "controllerManager", "scheduler"] as const;

/** Where a cluster stands; `ways` are what nodes there need to reach the internet. */
export interface Place {
  readonly vpcId: pulumi.Input<string>;
  readonly publicSubnetIds: readonly pulumi.Input<string>[];
  readonly privateSubnetIds: readonly pulumi.Input<string>[];
  /** Where GPU nodes of a zone stand, or of any. */
  readonly gpuSubnetIds: (zone: string | undefined) => readonly pulumi.Input<string>[];
  readonly ways: readonly pulumi.Resource[];
}

/** By its number: EKS answers "$Latest" with the number, which would differ for ever. */
export function launchTemplateOf(template: aws.ec2.LaunchTemplate) {
  return { id: template.id, version: template.latestVersion.apply(String) };
}

/** The control plane: reached and encrypted as planned, with no add-on that nobody manages. */
export function clusterArgs(
  cluster: SharedClusterPlan,
  place: Place,
  roleArn: pulumi.Output<string>,
  keyArn: pulumi.Output<string>,
): aws.eks.ClusterArgs {
  const isPublic = cluster.endpoint.access === "public";
  return {
    name: cluster.clusterName,
    version: cluster.kubernetes,
    roleArn,
    accessConfig: { authenticationMode: "API", bootstrapClusterCreatorAdminPermissions: true },
    bootstrapSelfManagedAddons: false,
    deletionProtection: cluster.production,
    enabledClusterLogTypes: [...LOG_TYPES],
    encryptionConfig: { provider: { keyArn }, resources: ["secrets"] },
    kubernetesNetworkConfig: { ipFamily: "ipv4", serviceIpv4Cidr: cluster.serviceCidr },
    // EXTENDED, the default, bills six times as much from the day that standard support ends.
    upgradePolicy: { supportType: "STANDARD" },
    vpcConfig: {
      subnetIds: [...place.privateSubnetIds],
      endpointPrivateAccess: true,
      endpointPublicAccess: isPublic,
      ...(isPublic ? { publicAccessCidrs: [...cluster.endpoint.sourceRanges] } : {}),
    },
  };
}

/**
 * Ranges that reach a private Kubernetes API: those given, or the network's own. EKS lets in what is in the cluster's
 * security group alone (EKS User Guide, cluster-endpoint), and whoever deploys is not.
 */
export function apiRanges({ endpoint, network }: SharedClusterPlan): readonly string[] {
  return endpoint.access === "public" ? [] : rangesWithin(network, endpoint.sourceRanges);
}

/**
 * Credentials as a command, which asks AWS for a token each time. The region is an argument, because that of the
 * environment may be another.
 */
export function kubeconfigOf(region: string, name: string, server: string, authority: string): string {
  const args = ["--region", region, "eks", "get-token", "--cluster-name", name, "--output", "json"];
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server, "certificate-authority-data": authority } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
    users: [
      {
        name,
        user: {
          exec: {
            apiVersion: "client.authentication.k8s.io/v1beta1",
            command: "aws",
            args,
            interactiveMode: "Never",
          },
        },
      },
    ],
  });
}
