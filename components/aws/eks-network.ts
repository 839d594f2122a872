import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { PlannedNetwork, PlannedSubnet } from "../../sizing/aws/cluster-plan";

export interface EksNetworkArgs {
  /** Decides ranges, zones and how many NAT gateways. */
  readonly plan: PlannedNetwork;
  readonly region: string;
  /** Shown as the names of the resources in the console. */
  readonly clusterName: string;
}

/**
 * A network for one cluster: nodes in private subnets that reach out through NAT, S3 past it, and public subnets for a
 * load balancer. Nothing in it gets a public address of itself.
 *
 * ### Cost
 * $33 a month and $0.045/GB for each NAT gateway, $3.65 for its address (us-east-1).
 *
 * @example
 * new EksNetwork("net", { plan: cluster.network, region: "us-east-1", clusterName: "llm" });
 */
export class EksNetwork extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  readonly privateSubnetIds: pulumi.Output<string>[];
  readonly publicSubnetIds: pulumi.Output<string>[];
  /** Where nodes of a zone stand. */
  readonly nodeSubnetId: (zone: string) => pulumi.Output<string>;
  /** What nodes need to reach the internet; it has to outlast them. */
  readonly ways: readonly pulumi.Resource[];

  constructor(name: string, args: EksNetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("fitserve:aws:EksNetwork", name, {}, opts);
    const { plan } = args;
    const vpc = this.createVpc(name, args);
    const open = this.createPublicSide(name, args, vpc);
    const nats = this.createNats(name, plan, open);
    const inner = [...plan.privateSubnets, ...plan.gpuSubnets];
    const closed = inner.map((subnet) => this.createPrivateSubnet(name, args, vpc, subnet, nats));
    const endpoint = this.createS3Endpoint(name, args.region, vpc, closed);
    this.vpcId = vpc.id;
    this.publicSubnetIds = [...open.subnets.values()].map(({ id }) => id);
    this.privateSubnetIds = closed.slice(0, plan.privateSubnets.length).map(({ subnet }) => subnet.id);
    this.nodeSubnetId = (zone) => {
      const found = closed.find((one) => one.zone === zone);
      if (found === undefined) throw new Error(`no private subnet in ${zone}`);
      return found.subnet.id;
    };
    this.ways = [endpoint, ...open.ways, ...closed.flatMap(({ ways }) => ways)];
    this.registerOutputs({ vpcId: this.vpcId });
  }

  private createVpc(name: string, { plan, clusterName }: EksNetworkArgs): aws.ec2.Vpc {
    return new aws.ec2.Vpc(
      `${name}-vpc`,
      { cidrBlock: plan.cidr, enableDnsHostnames: true, enableDnsSupport: true, tags: { Name: clusterName } },
      { parent: this },
    );
  }

  private createPublicSide(name: string, { plan, clusterName }: EksNetworkArgs, vpc: aws.ec2.Vpc): PublicSide {
    const mine = { parent: this };
    const gateway = new aws.ec2.InternetGateway(`${name}-internet-gateway`, { vpcId: vpc.id }, mine);
    const table = new aws.ec2.RouteTable(`${name}-public-routes`, { vpcId: vpc.id }, mine);
    const route = new aws.ec2.Route(
      `${name}-public-route`,
      { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", gatewayId: gateway.id },
      mine,
    );
    const subnets = new Map(
      plan.publicSubnets.map((planned) => [planned.zone, this.createSubnet(name, vpc, planned, clusterName)]),
    );
    const ways = plan.publicSubnets.flatMap(({ role, zone }) => {
      const subnet = subnets.get(zone);
      if (subnet === undefined) return [];
      const args = { subnetId: subnet.id, routeTableId: table.id };
      return [new aws.ec2.RouteTableAssociation(`${name}-${role}-association`, args, mine)];
    });
    return { gateway, subnets, ways: [route, ...ways] };
  }

  /** By zone, each behind an address of its own. */
  private createNats(name: string, plan: PlannedNetwork, open: PublicSide): ReadonlyMap<string, aws.ec2.NatGateway> {
    return new Map(
      plan.natZones.map((zone) => {
        const address = new aws.ec2.Eip(
          `${name}-nat-address-${zone}`,
          { domain: "vpc" },
          { parent: this, dependsOn: [open.gateway] },
        );
        const subnetId = open.subnets.get(zone)?.id;
        if (subnetId === undefined) throw new Error(`no public subnet in ${zone}`);
        // Nodes reach out through it: the way from it to the internet has to be there first, and to go last.
        const opts = { parent: this, dependsOn: [...open.ways] };
        return [zone, new aws.ec2.NatGateway(`${name}-nat-${zone}`, { allocationId: address.id, subnetId }, opts)];
      }),
    );
  }

  private createPrivateSubnet(
    name: string,
    { clusterName }: EksNetworkArgs,
    vpc: aws.ec2.Vpc,
    planned: PlannedSubnet,
    nats: ReadonlyMap<string, aws.ec2.NatGateway>,
  ): PrivateSubnet {
    const mine = { parent: this };
    const subnet = this.createSubnet(name, vpc, planned, clusterName);
    const table = new aws.ec2.RouteTable(`${name}-${planned.role}-routes`, { vpcId: vpc.id }, mine);
    const nat = nats.get(planned.zone) ?? [...nats.values()][0];
    if (nat === undefined) throw new Error("a network without a NAT gateway");
    const route = new aws.ec2.Route(
      `${name}-${planned.role}-route`,
      { routeTableId: table.id, destinationCidrBlock: "0.0.0.0/0", natGatewayId: nat.id },
      mine,
    );
    const association = new aws.ec2.RouteTableAssociation(
      `${name}-${planned.role}-association`,
      { subnetId: subnet.id, routeTableId: table.id },
      mine,
    );
    return { zone: planned.zone, subnet, table, ways: [route, association] };
  }

  private createSubnet(name: string, vpc: aws.ec2.Vpc, planned: PlannedSubnet, clusterName: string): aws.ec2.Subnet {
    return new aws.ec2.Subnet(
      `${name}-${planned.role}`,
      {
        vpcId: vpc.id,
        cidrBlock: planned.cidr,
        availabilityZoneId: planned.zone,
        mapPublicIpOnLaunch: false,
        tags: { Name: `${clusterName}-${planned.role}` },
      },
      { parent: this },
    );
  }

  /** Weights and images come from S3: through a gateway endpoint they cost nothing and do not pass NAT. */
  private createS3Endpoint(name: string, region: string, vpc: aws.ec2.Vpc, closed: readonly PrivateSubnet[]) {
    return new aws.ec2.VpcEndpoint(
      `${name}-s3-endpoint`,
      {
        vpcId: vpc.id,
        serviceName: `com.amazonaws.${region}.s3`,
        vpcEndpointType: "Gateway",
        routeTableIds: closed.map(({ table }) => table.id),
      },
      { parent: this },
    );
  }
}

interface PublicSide {
  readonly gateway: aws.ec2.InternetGateway;
  /** By zone. */
  readonly subnets: ReadonlyMap<string, aws.ec2.Subnet>;
  readonly ways: readonly pulumi.Resource[];
}

interface PrivateSubnet {
  readonly zone: string;
  readonly subnet: aws.ec2.Subnet;
  readonly table: aws.ec2.RouteTable;
  readonly ways: readonly pulumi.Resource[];
}
