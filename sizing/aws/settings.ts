/** What `fitserve:aws` says, checked field by field and with every default filled in; made by `config/aws-settings.ts`. */
export interface AwsSettings {
  /** Twelve digits; credentials of another account are refused by the provider. */
  readonly accountId: string;
  /** Where everything stands; a plan for another region is a fault, never a move. */
  readonly region: string;
  /** Name of the cluster; absent: project and stack. */
  readonly clusterName?: string;
  readonly kubernetes: string;
  /** Release of the node images; absent: the one that this release of fitserve knows for the version. */
  readonly amiRelease?: string;
  /** Serves people: more than one replica on spot, a NAT gateway in each zone, nothing can be deleted by accident. */
  readonly production: boolean;
  readonly network: OwnNetwork | GivenNetwork;
  readonly endpoint: EndpointAccess;
  /** Roles that may administer the cluster, beside the one that makes it. */
  readonly adminRoleArns: readonly string[];
  /** Policy with the most that any role of the stack may do; absent: none. */
  readonly permissionsBoundaryArn?: string;
  readonly gpu: GpuSettings;
  readonly system: { readonly instanceType: string; readonly nodes: number };
  /** Weights in a bucket; `node-nvme`: each GPU node keeps a copy on its own disks too; false: from the hub. */
  readonly modelCache: boolean | "node-nvme";
  /** Prometheus and Grafana on the system nodes. */
  readonly monitoring: boolean;
  /** Who is told of alerts, as scheme, host and port; absent: they are shown, and nobody is told. */
  readonly alertmanager?: string;
  readonly front: FrontSettings;
  /** Added to every resource, for the bill. */
  readonly tags: Readonly<Record<string, string>>;
}

export interface OwnNetwork {
  readonly kind: "own";
  readonly cidr: string;
  /** Ranges that are routed to this network from elsewhere (peering, VPN) and must stay free. */
  readonly reservedCidrs: readonly string[];
  /** Ids of the zones of control plane and system nodes; absent: the first three that EKS takes. */
  readonly zones?: readonly string[];
}

export interface GivenNetwork {
  readonly kind: "given";
  readonly vpcId: string;
  /** In at least two zones, with a route to the internet through NAT. */
  readonly privateSubnetIds: readonly string[];
  /** For an internet-facing load balancer. */
  readonly publicSubnetIds: readonly string[];
  /** Where the GPU nodes stand; absent: the private ones. */
  readonly gpuSubnetIds?: readonly string[];
}

/** Ranges each once, as a security group takes them; where none is given those of a network that is known. */
export function rangesWithin(
  network: { readonly kind: "own"; readonly cidr: string } | { readonly kind: "given" },
  given: readonly string[],
): readonly string[] {
  return given.length > 0 || network.kind === "given" ? [...new Set(given)] : [network.cidr];
}

/** Who reaches the Kubernetes API, beside the nodes: ranges of the networks around it (private), or of the internet. */
export interface EndpointAccess {
  readonly access: "private" | "public";
  readonly sourceRanges: readonly string[];
}

export interface GpuSettings {
  /** Id of the only zone for GPU nodes; absent: every zone of the private subnets. */
  readonly zone?: string;
  /** Capacity that is paid for already: an on-demand reservation or a capacity block. */
  readonly reservation?: { readonly id: string; readonly kind: "on-demand" | "block" };
  readonly minNodes?: number;
  readonly maxNodes?: number;
  readonly disk: "instance-store" | "gp3" | "auto";
  /** Who makes the nodes; absent: a managed group of EKS, which keeps the plan's number of them. */
  readonly provisioner?: "managed-group" | "karpenter";
}

export interface FrontSettings {
  readonly scheme: "internal" | "internet-facing";
  /** Who may connect; required for an internet-facing load balancer. */
  readonly sourceRanges: readonly string[];
  /** Certificate of ACM that the load balancer shows. */
  readonly certificateArn?: string;
  /** DNS name of the endpoint; with a zone its record and, without a certificate, its certificate are made. */
  readonly host?: string;
  readonly hostedZoneId?: string;
}

/** Whether the load balancer ends TLS: a certificate is given, or made for a host in a zone. */
export function hasCertificate({ certificateArn, host, hostedZoneId }: FrontSettings): boolean {
  return certificateArn !== undefined || (host !== undefined && hostedZoneId !== undefined);
}
